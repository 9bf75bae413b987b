import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { ACTIONS, call, createAction, createPlan, namedPaths } from '../support/api.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'

let world: World
let plan: PlanView
let area: string

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  const body = { name: 'North' }
  area = (await call<{ id: string }>(world.ana, 'POST', '/api/v1/company/hierarchies', { body })).body.id
})

describe('bad input is named to the member', () => {
  const nobody = '0'.repeat(24)
  const ids = (count: number) =>
    Array.from({ length: count }, (_, index) => index.toString(16).padStart(24, '0'))

  it.each<[string, () => Record<string, unknown>, string[]]>([
    ['no plan, no title', () => ({ planId: undefined, title: undefined }), ['planId', 'title']],
    ['a malformed plan', () => ({ planId: 'x' }), ['planId']],
    ['an unknown plan', () => ({ planId: nobody }), ['planId']],
    [
      'enums',
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
  ])('%s', async (_, fields, paths) => {
    const reply = await call(world.ana, 'POST', ACTIONS, {
      body: { planId: plan.id, title: 'An action', ...fields() },
    })
    expect(reply.status, reply.text).toBe(400)
    expect(namedPaths(reply).sort()).toEqual([...paths].sort())
  })

  it('a deactivated manager', async () => {
    const gone = await createPerson(world.companyId, 'MANAGER')
    await env.DB.prepare('UPDATE users SET active = 0 WHERE id = ?').bind(gone.id).run()
    const reply = await call(world.marc, 'POST', ACTIONS, {
      body: { planId: plan.id, title: 'x', assigneeIds: [gone.id] },
    })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['assigneeIds.0']])
  })

  it('who is deactivated is named to whoever may not read the action, assigned or not', async () => {
    const [assigned, stranger] = [
      await createPerson(world.companyId, 'MANAGER'),
      await createPerson(world.companyId, 'MANAGER'),
    ]
    const action = await createAction(world.marc, plan.id, {
      visibility: 'PRIVATE',
      assigneeIds: [world.marc.id, assigned.id],
    })
    await env.DB.prepare('UPDATE users SET active = 0 WHERE id IN (?, ?)')
      .bind(assigned.id, stranger.id)
      .run()
    const patch = (who: Person, body: object) => call(who, 'PATCH', `${ACTIONS}/${action.id}`, { body })
    for (const fields of [{}, { title: '' }]) {
      const replies = await Promise.all(
        [assigned, stranger].map(({ id }) => patch(world.noa, { assigneeIds: [id], ...fields })),
      )
      expect(replies.map(({ status }) => status)).toEqual([400, 400])
      expect(replies.map(namedPaths)).toEqual(replies.map(() => [...Object.keys(fields), 'assigneeIds.0']))
    }
    expect((await patch(world.noa, { assigneeIds: [world.noa.id] })).status).toBe(403)
    expect((await patch(world.marc, { assigneeIds: [world.marc.id, assigned.id] })).status).toBe(200)
  })

  it('in a PATCH too, and both a date and its clearing', async () => {
    const action = await createAction(world.marc, plan.id)
    const reply = await call(world.marc, 'PATCH', `${ACTIONS}/${action.id}`, {
      body: { title: '', dueDate: '2031-05-01T10:00:00Z', clearDueDate: true, assigneeIds: [] },
    })
    expect([reply.status, namedPaths(reply).sort()]).toEqual([400, ['assigneeIds', 'clearDueDate', 'title']])
    expect((await call(world.marc, 'GET', `${ACTIONS}/${action.id}`)).body).toEqual(action)
  })
})
