/** Members of an action that are shown and set in another way. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import type { InputError } from '../../src/platform/problem.ts'
import { ACTIONS, call, createAction, createPlan, namedPaths, type Reply, takeStep } from '../support/api.ts'
import { letPass, MINUTE } from '../support/clock.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let plan: PlanView

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
})

const errorsOf = ({ body }: { body: object }) => (body as { errors: InputError[] }).errors

describe('a new action', () => {
  const post = (body: object): Promise<Reply<ActionView>> =>
    call<ActionView>(world.marc, 'POST', ACTIONS, { body: { planId: plan.id, title: 'x', ...body } })

  it.each([
    ['status', 'NOT_STARTED', 'transitions'],
    ['assignees', [], 'assigneeIds'],
  ])('refuses %s and names the right way, also with lenient handling', async (name, value, way) => {
    for (const headers of [{}, { Prefer: 'handling=lenient' }]) {
      const body = { planId: plan.id, title: 'x', [name]: value }
      const reply = await call(world.marc, 'POST', ACTIONS, { body, headers })
      expect([reply.status, namedPaths(reply)]).toEqual([400, [name]])
      expect(errorsOf(reply)[0]?.message).toContain(way)
    }
  })

  it('takes null for absent there too', async () => {
    expect((await post({ status: null, assignees: null })).status).toBe(200)
  })

  it('ignores what else is only shown', async () => {
    const shown = {
      id: 'f'.repeat(24),
      createdBy: world.noa.id,
      completionPercent: 99,
      overdue: true,
      noteCount: 9,
    }
    const { status, body } = await post(shown)
    expect([status, body.createdBy, body.completionPercent, body.noteCount]).toEqual([
      200,
      world.marc.id,
      0,
      0,
    ])
  })
})

describe('an action', () => {
  let action: ActionView

  beforeEach(async () => {
    const { id } = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id, world.ana.id] })
    action = (await takeStep(world.noa, id, 'IN_PROGRESS')).body
  })

  const patch = (body: object, who = world.marc): Promise<Reply<ActionView>> =>
    call<ActionView>(who, 'PATCH', `${ACTIONS}/${action.id}`, { body })

  it.each<[string, () => object]>([
    ['as they were read', () => ({ status: action.status, assignees: action.assignees })],
    ['null', () => ({ status: null, assignees: null })],
    ['in part', () => ({ assignees: action.assignees.map(({ userId, status }) => ({ status, userId })) })],
  ])('takes status and assignees %s, and changes nothing', async (_, members) => {
    const reply = await patch(members())
    expect([reply.status, reply.body]).toEqual([200, action])
  })

  it.each<[string, string, () => object, string]>([
    ['another status', 'status', () => ({ status: 'COMPLETED' }), 'transitions'],
    ['a status that is none', 'status', () => ({ status: 7 }), 'transitions'],
    ['fewer assignees', 'assignees', () => ({ assignees: action.assignees.slice(1) }), 'assigneeIds'],
    ['no assignees', 'assignees', () => ({ assignees: [] }), 'assigneeIds'],
    ['other assignees', 'assignees', () => ({ assignees: [{ userId: world.marc.id }, {}] }), 'assigneeIds'],
    [
      'assignees in another order',
      'assignees',
      () => ({ assignees: action.assignees.toReversed() }),
      'assigneeIds',
    ],
    [
      'another state of one',
      'assignees',
      () => ({ assignees: action.assignees.map((one) => ({ ...one, status: 'COMPLETED' })) }),
      'assigneeIds',
    ],
    ['no list', 'assignees', () => ({ assignees: 'x' }), 'assigneeIds'],
  ])('refuses %s and names the right way', async (_, name, members, way) => {
    const reply = await patch(members())
    expect([reply.status, namedPaths(reply)]).toEqual([400, [name]])
    expect(errorsOf(reply)[0]?.message).toContain(way)
  })

  it('names them together with what else is wrong', async () => {
    const reply = await patch({ status: 'COMPLETED', assignees: [], title: '', planId: '0'.repeat(24), x: 1 })
    expect(namedPaths(reply).sort()).toEqual(['assignees', 'planId', 'status', 'title', 'x'])
  })

  it('is compared as of now: once expired, it is sent back as expired', async () => {
    const due = await patch({ dueDate: new Date(Date.now() + 10 * MINUTE).toISOString() })
    letPass(20 * MINUTE)
    const stale = await patch(due.body)
    expect([stale.status, namedPaths(stale)]).toEqual([400, ['status', 'assignees']])
    const read = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${action.id}`)
    expect(read.body.status).toBe('EXPIRED')
    const reply = await patch(read.body)
    expect([reply.status, reply.text]).toEqual([200, read.text])
    expect(reply.headers.get('ETag')).toBe(read.headers.get('ETag'))
  })

  it('tells nothing of its status to who may not read it', async () => {
    await patch({ visibility: 'PRIVATE' })
    const own = await createAction(world.marc, plan.id, { visibility: 'PRIVATE' })
    for (const status of ['NOT_STARTED', 'COMPLETED']) {
      const reply = await call(world.noa, 'PATCH', `${ACTIONS}/${own.id}`, { body: { status } })
      expect(reply.status).toBe(403)
    }
  })
})
