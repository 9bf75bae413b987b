import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  createAction,
  createPlan,
  PLANS,
  type Reply,
  type Slice,
  takeStep,
} from '../support/api.ts'
import { inBetween } from '../support/race.ts'
import { wrongWeights } from '../support/weights.ts'
import { insertPlan } from '../support/factories.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'

let world: World
let plan: PlanView

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
})

async function patch(
  action: { id: string },
  body: object,
  who: Person = world.marc,
): Promise<Reply<ActionView>> {
  return call<ActionView>(who, 'PATCH', `${ACTIONS}/${action.id}`, { body })
}

async function read(action: { id: string }, who: Person = world.marc): Promise<ActionView> {
  const reply = await call<ActionView>(who, 'GET', `${ACTIONS}/${action.id}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

describe('PATCH', () => {
  it('changes what it names, and moves updatedAt', async () => {
    const action = await createAction(world.marc, plan.id, { focusItems: [{ focusType: 'HI' }] })
    const fields = {
      title: 'New',
      description: 'D',
      visibility: 'PRIVATE',
      dueDate: '2031-01-01T00:00:00.000Z',
    }
    const { body } = await patch(action, { ...fields, focusItems: [{ focusType: 'ENPS' }] })
    expect(body).toEqual({
      ...action,
      ...fields,
      focusItems: [{ focusType: 'ENPS', focusId: null }],
      updatedAt: body.updatedAt,
    })
    expect(Date.parse(body.updatedAt)).toBeGreaterThan(Date.parse(action.updatedAt))
    expect(await read(action)).toEqual(body)
  })

  it('changes nothing for null, absent, equal or unknown members, updatedAt and ETag included', async () => {
    const action = await createAction(world.marc, plan.id, { dueDate: '2031-01-01T00:00:00Z', title: 'Same' })
    const before = await call(world.marc, 'GET', `${ACTIONS}/${action.id}`)
    const same = {
      title: 'Same',
      dueDate: '2031-01-01T01:00:00+01:00',
      planId: plan.id,
      assigneeIds: [world.marc.id],
    }
    const nothing = {
      description: null,
      visibility: null,
      dueDate: null,
      clearDueDate: false,
      hierarchyIds: null,
    }
    const never = {
      status: 'COMPLETED',
      createdBy: world.noa.id,
      actionType: 'COMPANY',
      origin: 'AI',
      noteCount: 4,
    }
    for (const body of [{}, same, nothing, never]) {
      const reply = await patch(action, body)
      expect(reply.body, JSON.stringify(body)).toEqual(action)
      expect(reply.headers.get('ETag')).toBe(before.headers.get('ETag'))
    }
  })

  it('clears the due date only when told so', async () => {
    const action = await createAction(world.marc, plan.id, { dueDate: '2031-01-01T00:00:00Z' })
    expect((await patch(action, { dueDate: null })).body.dueDate).toBe('2031-01-01T00:00:00.000Z')
    expect((await patch(action, { clearDueDate: true })).body.dueDate).toBeNull()
    expect((await read(action)).dueDate).toBeNull()
  })

  it('empties lists', async () => {
    const action = await createAction(world.marc, plan.id, { focusItems: [{ focusType: 'HI' }] })
    expect((await patch(action, { focusItems: [], hierarchyIds: [] })).body.focusItems).toEqual([])
  })
})

describe('assignees', () => {
  it('keep their state when they stay, and new ones begin', async () => {
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id, world.ana.id] })
    await takeStep(world.noa, action.id, 'COMPLETED')
    const before = await read(action)
    const { body } = await patch(action, { assigneeIds: [world.marc.id, world.noa.id] })
    expect(body.assignees).toEqual([
      {
        userId: world.marc.id,
        name: 'Marc',
        active: true,
        status: 'NOT_STARTED',
        startedAt: null,
        finishedAt: null,
      },
      before.assignees[0],
    ])
    expect([body.status, body.completionPercent]).toEqual(['IN_PROGRESS', 50])
    // Who comes back begins anew.
    await patch(action, { assigneeIds: [world.marc.id] })
    const again = await patch(action, { assigneeIds: [world.noa.id] })
    expect(again.body).toMatchObject({ status: 'NOT_STARTED', startedAt: null, completionPercent: 0 })
  })

  it('make the action complete when the last open one leaves', async () => {
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id, world.ana.id] })
    const done = await takeStep(world.noa, action.id, 'COMPLETED')
    const { body } = await patch(action, { assigneeIds: [world.noa.id] })
    expect(body).toMatchObject({ status: 'COMPLETED', completionPercent: 100 })
    expect(body.finishedAt).toBe(done.body.assignees[0]?.finishedAt)
  })

  it('stay, marked, when they are deactivated or demoted, and are not validated again', async () => {
    const gone = await createPerson(world.companyId, 'MANAGER', 'Gone')
    const demoted = await createPerson(world.companyId, 'MANAGER', 'Demoted')
    const action = await createAction(world.marc, plan.id, { assigneeIds: [gone.id, demoted.id] })
    const users = '/api/v1/company/users'
    await call(world.ana, 'PATCH', `${users}/${gone.id}`, { body: { active: false } })
    await call(world.ana, 'PATCH', `${users}/${demoted.id}`, { body: { role: 'EMPLOYEE' } })
    expect((await read(action)).assignees.map(({ name, active }) => [name, active])).toEqual([
      ['Gone', false],
      ['Demoted', true],
    ])
    const kept = await patch(action, { assigneeIds: [demoted.id, gone.id, world.noa.id] })
    expect([kept.status, kept.body.assignees.map(({ userId }) => userId)]).toEqual([
      200,
      [demoted.id, gone.id, world.noa.id],
    ])
    expect((await patch(action, { assigneeIds: [world.noa.id] })).status).toBe(200)
    expect((await patch(action, { assigneeIds: [gone.id] })).status).toBe(400)
    // Others can go on with it for them.
    const other = await createAction(world.ana, plan.id, { assigneeIds: [world.noa.id] })
    await call(world.ana, 'PATCH', `${users}/${gone.id}`, { body: { active: true } })
    await patch(other, { assigneeIds: [gone.id] }, world.ana)
    await call(world.ana, 'PATCH', `${users}/${gone.id}`, { body: { active: false } })
    expect((await takeStep(world.ana, other.id, 'COMPLETED', gone.id)).body.status).toBe('COMPLETED')
  })
})

describe('moving', () => {
  it('takes the action with all it has to a plan that the caller may read', async () => {
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
    expect(plans.map(({ body: { actions } }) => actions.some(({ id }) => id === action.id))).toEqual([
      false,
      true,
    ])
    // Its readers are now those of the other plan, and its assignee.
    expect((await call(world.ana, 'GET', `${ACTIONS}/${action.id}`)).status).toBe(403)
    expect((await call(world.noa, 'GET', `${ACTIONS}/${action.id}`)).status).toBe(200)
  })

  it('is refused to a plan that the caller may not read, and to none', async () => {
    const hidden = await createPlan(world.noa)
    const foreign = await createPlan(world.gus, { visibility: 'PUBLIC' })
    const action = await createAction(world.marc, plan.id)
    expect((await patch(action, { planId: hidden.id })).status).toBe(403)
    expect((await patch(action, { planId: foreign.id })).status).toBe(400)
    expect((await patch(action, { planId: '0'.repeat(24) })).status).toBe(400)
    expect(await read(action)).toEqual(action)
    const { id: legacy } = await insertPlan({ companyId: world.companyId })
    expect((await patch(action, { planId: legacy })).body.planId).toBe(legacy)
  })

  it('counts in the percentage of the plan where it lies', async () => {
    const [from, to] = [await createPlan(world.marc), await createPlan(world.marc)]
    const done = await createAction(world.marc, from.id)
    await createAction(world.marc, to.id)
    await takeStep(world.marc, done.id, 'COMPLETED')
    const percent = async (id: string) =>
      (await call<PlanView>(world.marc, 'GET', `${PLANS}/${id}`)).body.completionPercent
    expect([await percent(from.id), await percent(to.id)]).toEqual([100, 0])
    await patch(done, { planId: to.id })
    expect([await percent(from.id), await percent(to.id)]).toEqual([0, 50])
  })

  it('shows the same from a PATCH of a plan that went private meanwhile', async () => {
    const target = await createPlan(world.noa, { visibility: 'PUBLIC' })
    const action = await createAction(world.marc, plan.id)
    const [moved] = await Promise.all([
      patch(action, { planId: target.id }),
      call(world.noa, 'PATCH', `${PLANS}/${target.id}`, { body: { visibility: 'PRIVATE' } }),
    ])
    expect([200, 403]).toContain(moved.status)
    const { body } = await call<Slice<{ id: string }>>(world.noa, 'GET', `${ACTIONS}?planId=${target.id}`)
    // Not the plan creator's: a private action of marc's lies in her plan unseen.
    expect(body.total).toBe(0)
  })
})

describe('DELETE', () => {
  it('takes the action with its notes, assignees and targets', async () => {
    const action = await createAction(world.marc, plan.id, { focusItems: [{ focusType: 'HI' }] })
    await call(world.noa, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'n' } })
    expect((await call(world.marc, 'DELETE', `${ACTIONS}/${action.id}`)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect((await call(world.marc, method, `${ACTIONS}/${action.id}`)).status).toBe(404)
    }
    for (const table of ['action_assignees', 'notes', 'action_focus_items', 'action_readers']) {
      const { results } = await env.DB.prepare(`SELECT 1 FROM ${table} WHERE action_id = ?`)
        .bind(action.id)
        .all()
      expect(results, table).toEqual([])
    }
  })

  it('with If-Match only while it is as it was read', async () => {
    const action = await createAction(world.marc, plan.id)
    const path = `${ACTIONS}/${action.id}`
    const tag = (await call(world.marc, 'GET', path)).headers.get('ETag') ?? ''
    await call(world.noa, 'POST', `${path}/notes`, { body: { text: 'n' } })
    expect((await call(world.marc, 'DELETE', path, { headers: { 'If-Match': tag } })).status).toBe(412)
    expect((await call(world.marc, 'DELETE', path, { headers: { 'If-Match': '*' } })).status).toBe(204)
  })
})

it('weighs what it is when an area of it is deleted between the decision and the write', async () => {
  const areas = '/api/v1/company/hierarchies'
  const { body: area } = await call(world.ana, 'POST', areas, { body: { name: 'Passing' } })
  const action = await createAction(world.marc, plan.id, { hierarchyIds: [area.id] })
  inBetween(() => call(world.ana, 'DELETE', `${areas}/${String(area.id)}`))
  const { status, body } = await patch(action, { title: 'Without it' })
  expect([status, body.hierarchyIds]).toEqual([200, []])
  expect((await wrongWeights()).actions).toBeUndefined()
})
