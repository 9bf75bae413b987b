import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  createAction,
  createPlan,
  namedPaths,
  PLANS,
  type Slice,
  takeStep,
  USERS,
} from '../support/api.ts'
import { dumpDatabase } from '../support/dump.ts'
import { inBetween } from '../support/race.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'

let world: World
/** Everything of pat's goes to noa. */
let pat: Person
let plan: PlanView

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  world = await createWorld()
  pat = await createPerson(world.companyId, 'MANAGER', 'Pat')
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
})

async function reassign(toUserId: unknown = world.noa.id, from = pat.id, who = world.ana) {
  return call(who, 'POST', `${USERS}/${from}/reassignments`, { body: { toUserId } })
}

async function read({ id }: { id: string }): Promise<ActionView> {
  const reply = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${id}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

function tick(): void {
  vi.setSystemTime(Date.now() + 1000)
}

/** An action of marc's with those assignees, brought to those states in turn, a second apart. */
async function actionWith(states: [Person, string][], fields: object = {}): Promise<ActionView> {
  const action = await createAction(world.marc, plan.id, {
    assigneeIds: states.map(([{ id }]) => id),
    ...fields,
  })
  for (const [{ id }, state] of states) {
    tick()
    for (const step of state.split('>').filter((step) => step !== 'NOT_STARTED')) {
      expect((await takeStep(world.marc, action.id, step, id)).status).toBe(200)
    }
  }
  tick()
  return read(action)
}

describe('an open assignment', () => {
  it.each(['NOT_STARTED', 'IN_PROGRESS'])('that is %s goes over as it is, in its place', async (state) => {
    const before = await actionWith([
      [world.ana, 'COMPLETED'],
      [pat, state],
    ])
    expect((await reassign()).body).toEqual({ assignments: 1, plans: 0, actions: 0 })
    const after = await read(before)
    const [kept, handed] = before.assignees
    expect(after).toEqual({
      ...before,
      assignees: [kept, { ...handed, userId: world.noa.id, name: 'Noa' }],
      updatedAt: new Date().toISOString(),
    })
  })

  it.each(['COMPLETED', 'CANCELLED'])('is not what is %s: nothing changes', async (state) => {
    const before = await actionWith([
      [pat, state],
      [world.marc, 'NOT_STARTED'],
    ])
    const dump = await dumpDatabase(['readable_totals'])
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 0, actions: 0 })
    expect(await read(before)).toEqual(before)
    expect(await dumpDatabase(['readable_totals'])).toEqual(dump)
  })

  it.each([false, true])('is not what has expired by the clock (written down: %s)', async (written) => {
    const before = await actionWith([[pat, 'IN_PROGRESS']], {
      dueDate: new Date(Date.now() + 60_000).toISOString(),
    })
    vi.setSystemTime(Date.now() + 120_000)
    if (written) await takeStep(world.ana, before.id, 'IN_PROGRESS')
    const expired = await read(before)
    expect(expired.status).toBe('EXPIRED')
    expect((await reassign()).body).toMatchObject({ assignments: 0 })
    expect(await read(before)).toEqual(expired)
  })

  it.each([
    // pat's, noa's before, noa's after, whose start it keeps
    ['NOT_STARTED', 'NOT_STARTED', 'NOT_STARTED', null],
    ['NOT_STARTED', 'IN_PROGRESS', 'IN_PROGRESS', 'noa'],
    ['IN_PROGRESS', 'NOT_STARTED', 'IN_PROGRESS', 'pat'],
    ['IN_PROGRESS', 'IN_PROGRESS', 'IN_PROGRESS', 'pat'],
    ['NOT_STARTED', 'COMPLETED', 'NOT_STARTED', null],
    ['IN_PROGRESS', 'COMPLETED', 'IN_PROGRESS', 'pat'],
    ['NOT_STARTED', 'CANCELLED', 'NOT_STARTED', null],
    ['IN_PROGRESS', 'IN_PROGRESS>CANCELLED', 'IN_PROGRESS', 'pat'],
  ])("that is %s meets the heir's own %s: %s", async (pats, noas, expected, start) => {
    const before = await actionWith([
      [pat, pats],
      [world.noa, noas],
      [world.marc, 'NOT_STARTED'],
    ])
    expect((await reassign()).body).toMatchObject({ assignments: 1 })
    const after = await read(before)
    const [ofPat, ofNoa, ofMarc] = before.assignees
    const startedAt = start === null ? null : (start === 'pat' ? ofPat : ofNoa)?.startedAt
    expect(after.assignees).toEqual([{ ...ofNoa, status: expected, startedAt, finishedAt: null }, ofMarc])
    expect([after.status, after.startedAt, after.completionPercent]).toEqual([expected, startedAt, 0])
  })
})

describe('ownership', () => {
  it('of plans and actions goes with all that it allows', async () => {
    const own = await createPlan(pat, { title: 'Private' })
    const inside = await createAction(pat, own.id, { assigneeIds: [world.marc.id] })
    const made = await createAction(pat, plan.id, { visibility: 'PRIVATE', assigneeIds: [world.ana.id] })
    const seesBefore = await Promise.all([own.id].map((id) => call(world.noa, 'GET', `${PLANS}/${id}`)))
    expect(seesBefore.map(({ status }) => status)).toEqual([403])
    tick()
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 1, actions: 2 })
    const plans = await call<PlanView>(world.noa, 'GET', `${PLANS}/${own.id}`)
    expect(plans.body).toEqual({
      ...{ ...own, createdBy: world.noa.id, updatedAt: new Date().toISOString() },
      actions: [{ ...inside, createdBy: world.noa.id, updatedAt: new Date().toISOString() }],
    })
    expect((await call(world.noa, 'GET', `${ACTIONS}/${made.id}`)).body.createdBy).toBe(world.noa.id)
    // And is gone for who had it.
    for (const path of [`${PLANS}/${own.id}`, `${ACTIONS}/${inside.id}`, `${ACTIONS}/${made.id}`]) {
      expect((await call(pat, 'GET', path)).status, path).toBe(403)
    }
    const totals = await Promise.all(
      [pat, world.noa].map(async (who) => [
        (await call<Slice<unknown>>(who, 'GET', PLANS)).body.total,
        (await call<Slice<unknown>>(who, 'GET', ACTIONS)).body.total,
      ]),
    )
    expect(totals).toEqual([
      [1, 0],
      [2, 2],
    ])
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 0, actions: 0 })
  })

  it('moves ETags, so that late writers notice', async () => {
    const own = await createPlan(pat, { visibility: 'PUBLIC' })
    const tag = (await call(world.ana, 'GET', `${PLANS}/${own.id}`)).headers.get('ETag') ?? ''
    await reassign()
    const late = await call(world.ana, 'PATCH', `${PLANS}/${own.id}`, {
      body: { title: 'x' },
      headers: { 'If-Match': tag },
    })
    expect(late.status).toBe(412)
  })
})

it('changes nothing of anybody else, nor terminal states, notes or exports', async () => {
  const mine = await actionWith([
    [world.noa, 'COMPLETED'],
    [world.marc, 'IN_PROGRESS'],
  ])
  const closed = await actionWith([[pat, 'COMPLETED']])
  await call(pat, 'POST', `${ACTIONS}/${mine.id}/notes`, { body: { text: 'By Pat' } })
  const others = [await read(mine), await read(closed)]
  await actionWith([[pat, 'NOT_STARTED']])
  expect((await reassign()).body).toEqual({ assignments: 1, plans: 0, actions: 0 })
  expect([await read(mine), await read(closed)]).toEqual(others)
  const notes = await call<Slice<{ authorName: string }>>(world.marc, 'GET', `${ACTIONS}/${mine.id}/notes`)
  expect(notes.body.result[0]?.authorName).toBe('Pat')
})

it('works for who is deactivated, and for an EMPLOYEE', async () => {
  const action = await actionWith([[pat, 'NOT_STARTED']])
  await call(world.ana, 'PATCH', `${USERS}/${pat.id}`, { body: { active: false, role: 'EMPLOYEE' } })
  expect((await reassign()).body).toMatchObject({ assignments: 1 })
  expect((await read(action)).assignees.map(({ name }) => name)).toEqual(['Noa'])
})

it('needs another active manager of the company, an ADMIN to ask, and a user to hand over', async () => {
  const gone = await createPerson(world.companyId, 'MANAGER')
  await call(world.ana, 'PATCH', `${USERS}/${gone.id}`, { body: { active: false } })
  for (const heir of [pat.id, gone.id, world.eli.id, world.gus.id, '0'.repeat(24), 'x', undefined]) {
    const reply = await reassign(heir ?? null)
    expect([reply.status, namedPaths(reply)], String(heir)).toEqual([400, ['toUserId']])
  }
  expect((await reassign(world.noa.id, pat.id, world.marc)).status).toBe(403)
  expect((await reassign(world.noa.id, world.gus.id)).status).toBe(404)
  expect((await reassign(world.noa.id, '0'.repeat(24))).status).toBe(404)
})

describe('when something comes in between', () => {
  it.each([
    // what pat or marc does, what is handed over, who holds it then
    ['pat completes it', 'complete', 0, ['Pat COMPLETED']],
    ['marc takes pat off it', 'unassign', 0, ['Marc NOT_STARTED']],
    ['pat gets another one', 'assign', 2, ['Noa NOT_STARTED']],
  ])('%s: the counts are true and nothing is lost', async (_, what, assignments, holders) => {
    const action = await actionWith([[pat, 'NOT_STARTED']])
    inBetween(async () => {
      if (what === 'complete') return takeStep(pat, action.id, 'COMPLETED')
      if (what === 'assign') return createAction(world.marc, plan.id, { assigneeIds: [pat.id] })
      return call(world.marc, 'PATCH', `${ACTIONS}/${action.id}`, { body: { assigneeIds: [world.marc.id] } })
    })
    expect((await reassign()).body).toEqual({ assignments, plans: 0, actions: 0 })
    const { assignees } = await read(action)
    expect(assignees.map(({ name, status }) => `${name} ${status}`)).toEqual(holders)
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 0, actions: 0 })
  })

  it('the heir is deactivated: nothing is handed over', async () => {
    const action = await actionWith([[pat, 'NOT_STARTED']])
    inBetween(() => call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { active: false } }))
    expect((await reassign()).status).toBe(400)
    expect((await read(action)).assignees).toEqual(action.assignees)
  })
})
