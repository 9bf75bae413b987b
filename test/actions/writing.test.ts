import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  HIERARCHIES,
  PLANS,
  type Reply,
} from '../support/api.ts'
import { insertActions } from '../support/factories.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let plan: PlanView
let areas: string[]

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  areas = []
  for (const name of ['North', 'South']) {
    const reply = await call<{ id: string }>(world.ana, 'POST', HIERARCHIES, { body: { name } })
    areas.push(reply.body.id)
  }
})

async function post(fields: Record<string, unknown>, who = world.marc): Promise<Reply<ActionView>> {
  return call<ActionView>(who, 'POST', ACTIONS, { body: { planId: plan.id, title: 'An action', ...fields } })
}

describe('creating', () => {
  it('answers the action with every default, and its address', async () => {
    const reply = await call<ActionView>(world.marc, 'POST', ACTIONS, {
      body: { planId: plan.id, title: ' Ask ' },
    })
    expect(reply.status).toBe(200)
    const { id, createdAt } = reply.body
    expect(reply.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      companyId: world.companyId,
      planId: plan.id,
      title: 'Ask',
      description: '',
      actionType: 'MANAGER',
      origin: 'MANUAL',
      visibility: 'PUBLIC',
      status: 'NOT_STARTED',
      completionPercent: 0,
      overdue: false,
      focusItems: [],
      hierarchyIds: [],
      assignees: [
        {
          userId: world.marc.id,
          name: 'Marc',
          active: true,
          status: 'NOT_STARTED',
          startedAt: null,
          finishedAt: null,
        },
      ],
      dueDate: null,
      startedAt: null,
      finishedAt: null,
      noteCount: 0,
      createdBy: world.marc.id,
      createdAt,
      updatedAt: createdAt,
    })
    expect(reply.headers.get('Location')).toBe(`${ACTIONS}/${id}`)
    const read = await call(world.marc, 'GET', `${ACTIONS}/${id}`)
    expect([read.body, read.headers.get('ETag')]).toEqual([reply.body, reply.headers.get('ETag')])
  })

  it('keeps everything that was given, in the order given', async () => {
    const fields = {
      description: 'A\tB\nC',
      origin: 'SUGGESTION',
      visibility: 'PRIVATE',
      focusItems: [
        { focusType: 'SCORE', focusId: 'q-7' },
        { focusType: 'HI' },
        { focusType: 'ENPS', focusId: 'x' },
      ],
      hierarchyIds: [...areas].reverse(),
      assigneeIds: [world.noa.id, world.ana.id, world.marc.id],
      dueDate: '2031-05-01T10:00:00+02:00',
    }
    const { body } = await post(fields)
    expect(body).toMatchObject({
      ...{
        description: 'A\tB\nC',
        origin: 'SUGGESTION',
        visibility: 'PRIVATE',
        hierarchyIds: fields.hierarchyIds,
      },
      focusItems: [
        { focusType: 'SCORE', focusId: 'q-7' },
        { focusType: 'HI', focusId: null },
        { focusType: 'ENPS', focusId: 'x' },
      ],
      dueDate: '2031-05-01T08:00:00.000Z',
    })
    expect(body.assignees.map(({ userId }) => userId)).toEqual(fields.assigneeIds)
    expect((await call(world.marc, 'GET', `${ACTIONS}/${body.id}`)).body).toEqual(body)
  })

  it('takes null for absent, and each thing listed twice once', async () => {
    const nothing = {
      description: null,
      visibility: null,
      focusItems: null,
      hierarchyIds: null,
      dueDate: null,
    }
    const { body } = await post({
      ...nothing,
      origin: null,
      actionType: null,
      assigneeIds: [world.noa.id, world.noa.id],
    })
    expect(body).toMatchObject({
      description: '',
      visibility: 'PUBLIC',
      focusItems: [],
      hierarchyIds: [],
      dueDate: null,
    })
    expect(body.assignees.map(({ userId }) => userId)).toEqual([world.noa.id])
  })

  it('takes as many as it may', async () => {
    const focusItems = Array.from({ length: 20 }, () => ({ focusType: 'HI' }))
    expect((await post({ focusItems, title: '😀'.repeat(200) })).status).toBe(200)
  })

  it('leaves COMPANY actions to an ADMIN', async () => {
    const refused = await post({ actionType: 'COMPANY' })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'FORBIDDEN'])
    expect((await post({ actionType: 'COMPANY' }, world.ana)).body.actionType).toBe('COMPANY')
  })

  it('is for whoever may read the plan', async () => {
    const mine = await createPlan(world.marc)
    expect((await post({ planId: mine.id }, world.ana)).status).toBe(403)
    expect((await post({ planId: mine.id })).status).toBe(200)
    expect((await post({}, world.noa)).status).toBe(200)
    expect((await post({}, world.eli)).status).toBe(403)
  })
})

describe('visibility', () => {
  it("follows the plan's while none is given, also when that changes later", async () => {
    const own = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const follows = await createAction(world.marc, own.id)
    const open = await createAction(world.marc, own.id, { visibility: 'PUBLIC' })
    const seen = async (id: string) =>
      (await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${id}`)).body.visibility
    expect(await Promise.all([follows.id, open.id].map(seen))).toEqual(['PUBLIC', 'PUBLIC'])
    expect((await call(world.noa, 'GET', `${ACTIONS}/${follows.id}`)).status).toBe(200)
    await call(world.marc, 'PATCH', `${PLANS}/${own.id}`, { body: { visibility: 'PRIVATE' } })
    expect(await Promise.all([follows.id, open.id].map(seen))).toEqual(['PRIVATE', 'PUBLIC'])
    expect((await call(world.noa, 'GET', `${ACTIONS}/${follows.id}`)).status).toBe(403)
  })
})

describe('a full plan', () => {
  it('takes the 5,000th action and refuses the next, created or moved', async () => {
    const full = await createPlan(world.marc)
    await insertActions(Array.from({ length: 4999 }, () => ({ plan: full })))
    const replies = await Promise.all([1, 2, 3].map(() => post({ planId: full.id })))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    const waiting = await createAction(world.marc, plan.id)
    const move = await call(world.marc, 'PATCH', `${ACTIONS}/${waiting.id}`, { body: { planId: full.id } })
    expect([move.status, codeOf(move)]).toEqual([409, 'PLAN_FULL'])
    const inside = replies.find(({ status }) => status === 200)?.body.id ?? ''
    const stay = { planId: full.id, title: 'Stays' }
    expect((await call(world.marc, 'PATCH', `${ACTIONS}/${inside}`, { body: stay })).status).toBe(200)
    expect((await call(world.marc, 'DELETE', `${ACTIONS}/${inside}`)).status).toBe(204)
    expect(
      (await call(world.marc, 'PATCH', `${ACTIONS}/${waiting.id}`, { body: { planId: full.id } })).status,
    ).toBe(200)
  })
})
