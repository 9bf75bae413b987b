import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import { ACTIONS, call, codeOf, createAction, createPlan, PLANS, type Reply } from '../support/api.ts'
import { insertActions, insertHierarchies } from '../support/factories.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let plan: PlanView
let areas: string[]

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  const { companyId } = world
  areas = (await insertHierarchies([{ companyId }, { companyId }])).map(({ id }) => id)
})

async function post(fields: Record<string, unknown>, who = world.marc): Promise<Reply<ActionView>> {
  return call<ActionView>(who, 'POST', ACTIONS, { body: { planId: plan.id, title: 'An action', ...fields } })
}

describe('creating an action', () => {
  it('answers it with every default, and its address', async () => {
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
      followsPlanVisibility: true,
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
      hierarchyIds: [...areas].reverse(),
      focusItems: [
        { focusType: 'SCORE', focusId: 'q-7' },
        { focusType: 'HI', focusId: null },
        { focusType: 'ENPS', focusId: 'x' },
      ],
    }
    const assigneeIds = [world.noa.id, world.ana.id, world.marc.id]
    const { body } = await post({ ...fields, assigneeIds, dueDate: '2031-05-01T10:00:00+02:00' })
    expect(body).toMatchObject({ ...fields, dueDate: '2031-05-01T08:00:00.000Z' })
    expect(body.assignees.map(({ userId }) => userId)).toEqual(assigneeIds)
    expect((await call(world.marc, 'GET', `${ACTIONS}/${body.id}`)).body).toEqual(body)
  })

  it('takes null for absent', async () => {
    const given = [
      'description',
      'visibility',
      'focusItems',
      'hierarchyIds',
      'dueDate',
      'origin',
      'actionType',
    ]
    const { body } = await post(Object.fromEntries(given.map((name) => [name, null])))
    expect(body).toMatchObject({
      ...{ description: '', visibility: 'PUBLIC', focusItems: [], hierarchyIds: [], dueDate: null },
    })
  })

  it('takes an assignee listed twice once', async () => {
    const { body } = await post({ assigneeIds: [world.noa.id, world.noa.id] })
    expect(body.assignees.map(({ userId }) => userId)).toEqual([world.noa.id])
  })

  it('takes 20 focus items and a title of 200 characters', async () => {
    const focusItems = Array.from({ length: 20 }, () => ({ focusType: 'HI' }))
    expect((await post({ focusItems, title: '😀'.repeat(200) })).status).toBe(200)
  })

  it('of the type COMPANY is for an ADMIN alone', async () => {
    const refused = await post({ actionType: 'COMPANY' })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'FORBIDDEN'])
    expect((await post({ actionType: 'COMPANY' }, world.ana)).body.actionType).toBe('COMPANY')
  })

  it.each([
    ['PRIVATE', 'marc', 200],
    ['PRIVATE', 'ana', 403],
    ['PUBLIC', 'noa', 200],
    ['PUBLIC', 'eli', 403],
  ] as const)('in a %s plan of marc’s is answered to %s with %i', async (visibility, name, status) => {
    const { id } = await createPlan(world.marc, { visibility })
    expect((await post({ planId: id }, world[name])).status).toBe(status)
  })
})

describe('the visibility of an action', () => {
  const seen = async ({ id }: ActionView) =>
    (await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${id}`)).body.visibility

  it("follows the plan's while none is given, and only then", async () => {
    const own = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const follows = await createAction(world.marc, own.id)
    const open = await createAction(world.marc, own.id, { visibility: 'PUBLIC' })
    expect([await seen(follows), await seen(open)]).toEqual(['PUBLIC', 'PUBLIC'])
    expect((await call(world.noa, 'GET', `${ACTIONS}/${follows.id}`)).status).toBe(200)
    await call(world.marc, 'PATCH', `${PLANS}/${own.id}`, { body: { visibility: 'PRIVATE' } })
    expect([await seen(follows), await seen(open)]).toEqual(['PRIVATE', 'PUBLIC'])
    expect((await call(world.noa, 'GET', `${ACTIONS}/${follows.id}`)).status).toBe(403)
  })
})

describe('a plan of 4,999 actions', () => {
  let full: PlanView

  beforeEach(async () => {
    full = await createPlan(world.marc)
    const fields = { plan: full, createdBy: world.marc.id }
    await insertActions(Array.from({ length: 4999 }, () => fields))
  })

  it('takes exactly one of three more at once', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => post({ planId: full.id })))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  })

  it('takes another from elsewhere only while it has room, and lets its own be changed', async () => {
    const inside = await createAction(world.marc, full.id)
    const waiting = await createAction(world.marc, plan.id)
    const patch = ({ id }: ActionView, body: object) =>
      call(world.marc, 'PATCH', `${ACTIONS}/${id}`, { body: { planId: full.id, ...body } })
    const refused = await patch(waiting, {})
    expect([refused.status, codeOf(refused)]).toEqual([409, 'PLAN_FULL'])
    expect((await patch(inside, { title: 'Stays' })).status).toBe(200)
    expect((await call(world.marc, 'DELETE', `${ACTIONS}/${inside.id}`)).status).toBe(204)
    expect((await patch(waiting, {})).status).toBe(200)
  })
})
