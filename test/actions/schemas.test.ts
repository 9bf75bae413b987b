import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { ACTIONS, call, createAction, createPlan, namedPaths } from '../support/api.ts'
import { insertAction, insertHierarchy, insertUser } from '../support/factories.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

let world: World
let plan: PlanView
let area: string

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  area = (await insertHierarchy({ companyId: world.companyId })).id
})

describe('creating an action', () => {
  const nobody = '0'.repeat(24)
  const ids = (count: number) =>
    Array.from({ length: count }, (_, index) => index.toString(16).padStart(24, '0'))

  it.each<[string, () => Record<string, unknown>, string[]]>([
    ['no plan, no title', () => ({ planId: undefined, title: undefined }), ['planId', 'title']],
    ['a malformed plan', () => ({ planId: 'x' }), ['planId']],
    ['an unknown plan', () => ({ planId: nobody }), ['planId']],
    [
      'unknown values of enums',
      () => ({ actionType: 'BOSS', origin: 1, visibility: 'public' }),
      ['visibility', 'actionType', 'origin'],
    ],
    [
      'a SCORE without what is scored',
      () => ({ focusItems: [{ focusType: 'HI' }, { focusType: 'SCORE' }] }),
      ['focusItems.1.focusId'],
    ],
    [
      'an empty focusId',
      () => ({ focusItems: [{ focusType: 'HI', focusId: ' ' }] }),
      ['focusItems.0.focusId'],
    ],
    [
      'a wrong focusType',
      () => ({ focusItems: [{ focusType: 'hi' }, 7] }),
      ['focusItems.0.focusType', 'focusItems.1'],
    ],
    [
      'too many focus items',
      () => ({ focusItems: Array.from({ length: 21 }, () => ({ focusType: 'HI' })) }),
      ['focusItems'],
    ],
    [
      'a wrong item among too many',
      () => ({
        focusItems: [...Array.from({ length: 20 }, () => ({ focusType: 'HI' })), { focusType: 'Q' }],
      }),
      ['focusItems.20.focusType', 'focusItems'],
    ],
    [
      'malformed members and unknown ids together',
      () => ({
        title: '',
        planId: nobody,
        assigneeIds: ['x', nobody, world.noa.id, world.noa.id],
        hierarchyIds: [area, nobody],
      }),
      ['title', 'assigneeIds.0', 'planId', 'assigneeIds.1', 'hierarchyIds.1'],
    ],
    ['too many areas', () => ({ hierarchyIds: ids(51) }), ['hierarchyIds']],
    ['too many assignees', () => ({ assigneeIds: ids(51) }), ['assigneeIds']],
    ['no assignee', () => ({ assigneeIds: [] }), ['assigneeIds']],
    [
      'malformed ids',
      () => ({ assigneeIds: [world.noa.id, 'x'], hierarchyIds: ['y'] }),
      ['assigneeIds.1', 'hierarchyIds.0'],
    ],
    [
      'unknown ids',
      () => ({ assigneeIds: [nobody], hierarchyIds: [area, nobody] }),
      ['assigneeIds.0', 'hierarchyIds.1'],
    ],
    ['an EMPLOYEE', () => ({ assigneeIds: [world.ana.id, world.eli.id] }), ['assigneeIds.1']],
    ['somebody of another company', () => ({ assigneeIds: [world.gus.id] }), ['assigneeIds.0']],
    ['a date without a zone', () => ({ dueDate: '2031-05-01T10:00:00' }), ['dueDate']],
    ['a day that is none', () => ({ dueDate: '2031-02-30T10:00:00Z' }), ['dueDate']],
    ['a long description', () => ({ description: 'x'.repeat(5001) }), ['description']],
    ['a title of two lines', () => ({ title: 'a\nb' }), ['title']],
  ])('refuses %s with 400 at the members at fault', async (_, fields, paths) => {
    const reply = await call(world.ana, 'POST', ACTIONS, {
      body: { planId: plan.id, title: 'An action', ...fields() },
    })
    expect(reply.status, reply.text).toBe(400)
    expect(namedPaths(reply).sort()).toEqual([...paths].sort())
  })
})

describe('changing an action', () => {
  it('names the members at fault too, a due date beside its clearing among them', async () => {
    const action = await createAction(world.marc, plan.id)
    const reply = await call(world.marc, 'PATCH', `${ACTIONS}/${action.id}`, {
      body: { title: '', dueDate: '2031-05-01T10:00:00Z', clearDueDate: true, assigneeIds: [] },
    })
    expect([reply.status, namedPaths(reply).sort()]).toEqual([400, ['assigneeIds', 'clearDueDate', 'title']])
    expect((await call(world.marc, 'GET', `${ACTIONS}/${action.id}`)).body).toEqual(action)
  })
})

describe('a deactivated manager', () => {
  it('cannot be assigned to a new action', async () => {
    const gone = await insertUser({ companyId: world.companyId, active: false })
    const reply = await call(world.marc, 'POST', ACTIONS, {
      body: { planId: plan.id, title: 'x', assigneeIds: [gone.id] },
    })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['assigneeIds.0']])
  })

  describe('and a private action', () => {
    let assigned: { id: string }
    let stranger: { id: string }
    let action: { id: string }

    beforeAll(async () => {
      const gone = { companyId: world.companyId, active: false }
      ;[assigned, stranger] = [await insertUser(gone), await insertUser(gone)]
      const assignees = [{ userId: world.marc.id }, { userId: assigned.id }]
      action = await insertAction({ plan, visibility: 'PRIVATE', createdBy: world.marc.id, assignees })
    })

    const patch = (who: Person, body: object) => call(who, 'PATCH', `${ACTIONS}/${action.id}`, { body })

    // Whether the answer differs would tell who is assigned.
    it.each([[{}], [{ title: '' }]])(
      'is refused with %j to who may not read the action, whether assigned to it or not',
      async (fields) => {
        for (const { id } of [assigned, stranger]) {
          const reply = await patch(world.noa, { assigneeIds: [id], ...fields })
          expect([reply.status, namedPaths(reply)]).toEqual([400, [...Object.keys(fields), 'assigneeIds.0']])
        }
      },
    )

    it('lets an active one be named there: 403', async () => {
      expect((await patch(world.noa, { assigneeIds: [world.noa.id] })).status).toBe(403)
    })

    it('stays assigned by who may change the action', async () => {
      expect((await patch(world.marc, { assigneeIds: [world.marc.id, assigned.id] })).status).toBe(200)
    })
  })
})
