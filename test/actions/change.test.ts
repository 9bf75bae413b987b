import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  createAction,
  createPlan,
  HIERARCHIES,
  PLANS,
  type Reply,
  type Slice,
  tagOf,
  takeStep,
  USERS,
} from '../support/api.ts'
import { insertAction, insertHierarchy, insertPlan, insertUser } from '../support/factories.ts'
import { inBetween } from '../support/race.ts'
import { wrongWeights } from '../support/weights.ts'
import { createWorld, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

let world: World
let plan: PlanView

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
})

async function patch({ id }: { id: string }, body: object): Promise<Reply<ActionView>> {
  return call<ActionView>(world.marc, 'PATCH', `${ACTIONS}/${id}`, { body })
}

async function read({ id }: { id: string }): Promise<ActionView> {
  const reply = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${id}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

const NOT_STARTED = { status: 'NOT_STARTED', startedAt: null, finishedAt: null }

describe('changing an action', () => {
  it('changes what is named, and moves updatedAt', async () => {
    const action = await createAction(world.marc, plan.id, { focusItems: [{ focusType: 'HI' }] })
    const fields = {
      ...{ title: 'New', description: 'D', visibility: 'PRIVATE', dueDate: '2031-01-01T00:00:00.000Z' },
      focusItems: [{ focusType: 'ENPS', focusId: null }],
    }
    const { body } = await patch(action, fields)
    expect(body).toEqual({
      ...action,
      ...fields,
      followsPlanVisibility: false,
      updatedAt: body.updatedAt,
    })
    expect(Date.parse(body.updatedAt)).toBeGreaterThan(Date.parse(action.updatedAt))
    expect(await read(action)).toEqual(body)
  })

  it.each<[string, () => object]>([
    ['absent', () => ({})],
    [
      'equal',
      () => ({
        ...{ title: 'Same', dueDate: '2031-01-01T01:00:00+01:00', planId: plan.id },
        assigneeIds: [world.marc.id],
      }),
    ],
    [
      'null',
      () => ({
        ...{ description: null, visibility: null, dueDate: null, hierarchyIds: null },
        clearDueDate: false,
      }),
    ],
    [
      'only shown',
      () => ({ createdBy: world.noa.id, actionType: 'COMPANY', origin: 'AI', noteCount: 4, overdue: true }),
    ],
  ])('to members that are %s changes nothing, updatedAt and ETag included', async (_, members) => {
    const fields = { dueDate: '2031-01-01T00:00:00Z', title: 'Same' }
    const action = await createAction(world.marc, plan.id, fields)
    const tag = await tagOf(world.marc, `${ACTIONS}/${action.id}`)
    const reply = await patch(action, members())
    expect(reply.body).toEqual(action)
    expect(reply.headers.get('ETag')).toBe(tag)
  })

  it('clears the due date for `clearDueDate` alone', async () => {
    const action = await createAction(world.marc, plan.id, { dueDate: '2031-01-01T00:00:00Z' })
    expect((await patch(action, { dueDate: null })).body.dueDate).toBe('2031-01-01T00:00:00.000Z')
    expect((await patch(action, { clearDueDate: true })).body.dueDate).toBeNull()
    expect((await read(action)).dueDate).toBeNull()
  })

  it('empties lists', async () => {
    const action = await createAction(world.marc, plan.id, { focusItems: [{ focusType: 'HI' }] })
    expect((await patch(action, { focusItems: [], hierarchyIds: [] })).body.focusItems).toEqual([])
  })

  it('keeps its weight right when an area of it is deleted between decision and write', async () => {
    const area = await insertHierarchy({ companyId: world.companyId })
    const action = await createAction(world.marc, plan.id, { hierarchyIds: [area.id] })
    inBetween(() => call(world.ana, 'DELETE', `${HIERARCHIES}/${area.id}`))
    const { status, body } = await patch(action, { title: 'Without it' })
    expect([status, body.hierarchyIds]).toEqual([200, []])
    expect((await wrongWeights()).actions).toBeUndefined()
  })
})

describe('an assignee', () => {
  it('who stays keeps the state, and a new one begins', async () => {
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id, world.ana.id] })
    await takeStep(world.noa, action.id, 'COMPLETED')
    const before = await read(action)
    const { body } = await patch(action, { assigneeIds: [world.marc.id, world.noa.id] })
    expect(body.assignees).toEqual([
      { userId: world.marc.id, name: 'Marc', active: true, ...NOT_STARTED },
      before.assignees[0],
    ])
    expect([body.status, body.completionPercent]).toEqual(['IN_PROGRESS', 50])
  })

  it('who comes back begins anew', async () => {
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    await takeStep(world.noa, action.id, 'COMPLETED')
    await patch(action, { assigneeIds: [world.marc.id] })
    const again = await patch(action, { assigneeIds: [world.noa.id] })
    expect(again.body).toMatchObject({ status: 'NOT_STARTED', startedAt: null, completionPercent: 0 })
  })

  it('who leaves as the last open one leaves the action complete', async () => {
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id, world.ana.id] })
    const done = await takeStep(world.noa, action.id, 'COMPLETED')
    const { body } = await patch(action, { assigneeIds: [world.noa.id] })
    expect(body).toMatchObject({ status: 'COMPLETED', completionPercent: 100 })
    expect(body.finishedAt).toBe(done.body.assignees[0]?.finishedAt)
  })
})

describe('an assignee who can no longer be assigned', () => {
  let gone: { id: string }
  let demoted: { id: string }
  let action: { id: string }

  beforeEach(async () => {
    const { companyId, marc } = world
    gone = await insertUser({ companyId, name: 'Gone' })
    demoted = await insertUser({ companyId, name: 'Demoted' })
    const assignees = [{ userId: gone.id }, { userId: demoted.id }]
    action = await insertAction({ plan, createdBy: marc.id, assignees })
    await call(world.ana, 'PATCH', `${USERS}/${gone.id}`, { body: { active: false } })
    await call(world.ana, 'PATCH', `${USERS}/${demoted.id}`, { body: { role: 'EMPLOYEE' } })
  })

  it('stays, marked if deactivated', async () => {
    expect((await read(action)).assignees.map(({ name, active }) => [name, active])).toEqual([
      ['Gone', false],
      ['Demoted', true],
    ])
  })

  it('may be named again', async () => {
    const assigneeIds = [demoted.id, gone.id, world.noa.id]
    const { status, body } = await patch(action, { assigneeIds })
    expect([status, body.assignees.map(({ userId }) => userId)]).toEqual([200, assigneeIds])
  })

  it('may be taken off, and then not be named again', async () => {
    expect((await patch(action, { assigneeIds: [world.noa.id] })).status).toBe(200)
    expect((await patch(action, { assigneeIds: [gone.id] })).status).toBe(400)
  })

  it('is taken on by others: an ADMIN takes the steps', async () => {
    await patch(action, { assigneeIds: [gone.id] })
    expect((await takeStep(world.ana, action.id, 'COMPLETED', gone.id)).body.status).toBe('COMPLETED')
  })
})

describe('moving an action', () => {
  it('takes along all that it has', async () => {
    const target = await createPlan(world.marc, { title: 'Target' })
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    await call(world.marc, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'n' } })
    await takeStep(world.noa, action.id, 'IN_PROGRESS')
    const before = await read(action)
    const { body } = await patch(action, { planId: target.id })
    expect(body).toEqual({ ...before, planId: target.id, visibility: 'PRIVATE', updatedAt: body.updatedAt })
    const plans = await Promise.all(
      [plan.id, target.id].map((id) => call<PlanView>(world.marc, 'GET', `${PLANS}/${id}`)),
    )
    const holders = plans.map(({ body: { actions } }) => actions.some(({ id }) => id === action.id))
    expect(holders).toEqual([false, true])
  })

  it('leaves it to the readers of the other plan, and to its assignee', async () => {
    const target = await createPlan(world.marc)
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    await patch(action, { planId: target.id })
    expect((await call(world.ana, 'GET', `${ACTIONS}/${action.id}`)).status).toBe(403)
    expect((await call(world.noa, 'GET', `${ACTIONS}/${action.id}`)).status).toBe(200)
  })

  it.each<[string, number, () => Promise<string>]>([
    ['that the caller may not read', 403, async () => (await createPlan(world.noa)).id],
    ['of another company', 400, async () => (await createPlan(world.gus, { visibility: 'PUBLIC' })).id],
    ['that is not there', 400, async () => '0'.repeat(24)],
  ])('to a plan %s is answered with %i', async (_, status, planId) => {
    const action = await createAction(world.marc, plan.id)
    expect((await patch(action, { planId: await planId() })).status).toBe(status)
    expect(await read(action)).toEqual(action)
  })

  it('to a legacy plan is for every manager', async () => {
    const { id: legacy } = await insertPlan({ companyId: world.companyId, createdBy: null })
    const action = await createAction(world.marc, plan.id)
    expect((await patch(action, { planId: legacy })).body.planId).toBe(legacy)
  })

  it('changes the percentage of both plans', async () => {
    const [from, to] = [await createPlan(world.marc), await createPlan(world.marc)]
    const done = await createAction(world.marc, from.id)
    await createAction(world.marc, to.id)
    await takeStep(world.marc, done.id, 'COMPLETED')
    const percent = async ({ id }: PlanView) =>
      (await call<PlanView>(world.marc, 'GET', `${PLANS}/${id}`)).body.completionPercent
    expect([await percent(from), await percent(to)]).toEqual([100, 0])
    await patch(done, { planId: to.id })
    expect([await percent(from), await percent(to)]).toEqual([0, 50])
  })

  it('to a plan that goes private meanwhile hides it from the creator of that plan', async () => {
    const target = await createPlan(world.noa, { visibility: 'PUBLIC' })
    const action = await createAction(world.marc, plan.id)
    const [moved] = await Promise.all([
      patch(action, { planId: target.id }),
      call(world.noa, 'PATCH', `${PLANS}/${target.id}`, { body: { visibility: 'PRIVATE' } }),
    ])
    expect([200, 403]).toContain(moved.status)
    const { body } = await call<Slice<{ id: string }>>(world.noa, 'GET', `${ACTIONS}?planId=${target.id}`)
    expect(body.total).toBe(0)
  })
})

describe('deleting an action', () => {
  it('deletes its notes, assignees and targets', async () => {
    const action = await createAction(world.marc, plan.id, { focusItems: [{ focusType: 'HI' }] })
    await call(world.noa, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'n' } })
    expect((await call(world.marc, 'DELETE', `${ACTIONS}/${action.id}`)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect((await call(world.marc, method, `${ACTIONS}/${action.id}`)).status).toBe(404)
    }
    for (const table of ['action_assignees', 'notes', 'action_focus_items']) {
      const { results } = await home
        .prepare(`SELECT 1 FROM ${table} WHERE action_id = ?`)
        .bind(action.id)
        .all()
      expect(results, table).toEqual([])
    }
  })

  it('with If-Match is done only while it is as it was read', async () => {
    const action = await createAction(world.marc, plan.id)
    const path = `${ACTIONS}/${action.id}`
    const tag = await tagOf(world.marc, path)
    await call(world.noa, 'POST', `${path}/notes`, { body: { text: 'n' } })
    expect((await call(world.marc, 'DELETE', path, { headers: { 'If-Match': tag } })).status).toBe(412)
    expect((await call(world.marc, 'DELETE', path, { headers: { 'If-Match': '*' } })).status).toBe(204)
  })
})
