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
  tagOf,
  takeStep,
  USERS,
} from '../support/api.ts'
import { dumpDatabase } from '../support/dump.ts'
import { insertUser } from '../support/factories.ts'
import { inBetween } from '../support/race.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'

let world: World
/** Whose work is handed over, to noa where nobody else is named. */
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

describe('reassigning an open assignment', () => {
  it.each(['NOT_STARTED', 'IN_PROGRESS'])(
    'that is %s hands it over as it is, in its place',
    async (state) => {
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
    },
  )

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
  ])('that is %s to an assignee who is %s makes one that is %s', async (pats, noas, expected, start) => {
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

describe('reassigning a closed assignment', () => {
  it.each(['COMPLETED', 'CANCELLED'])('that is %s changes nothing', async (state) => {
    const before = await actionWith([
      [pat, state],
      [world.marc, 'NOT_STARTED'],
    ])
    const dump = await dumpDatabase(['readable_totals'])
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 0, actions: 0 })
    expect(await read(before)).toEqual(before)
    expect(await dumpDatabase(['readable_totals'])).toEqual(dump)
  })

  it.each([false, true])(
    'that has expired by the clock changes nothing (expiry stored: %s)',
    async (isStored) => {
      const before = await actionWith([[pat, 'IN_PROGRESS']], {
        dueDate: new Date(Date.now() + 60_000).toISOString(),
      })
      vi.setSystemTime(Date.now() + 120_000)
      if (isStored) await takeStep(world.ana, before.id, 'IN_PROGRESS')
      const expired = await read(before)
      expect(expired.status).toBe('EXPIRED')
      expect((await reassign()).body).toMatchObject({ assignments: 0 })
      expect(await read(before)).toEqual(expired)
    },
  )
})

describe('reassigning plans and actions', () => {
  let own: PlanView
  let inside: ActionView
  let made: ActionView

  beforeEach(async () => {
    own = await createPlan(pat, { title: 'Private' })
    inside = await createAction(pat, own.id, { assigneeIds: [world.marc.id] })
    made = await createAction(pat, plan.id, { visibility: 'PRIVATE', assigneeIds: [world.ana.id] })
    expect((await call(world.noa, 'GET', `${PLANS}/${own.id}`)).status).toBe(403)
    tick()
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 1, actions: 2 })
  })

  it('makes the heir their creator, who reads them', async () => {
    const changed = { createdBy: world.noa.id, updatedAt: new Date().toISOString() }
    const { body } = await call<PlanView>(world.noa, 'GET', `${PLANS}/${own.id}`)
    expect(body).toEqual({ ...own, ...changed, actions: [{ ...inside, ...changed }] })
    expect((await call(world.noa, 'GET', `${ACTIONS}/${made.id}`)).body.createdBy).toBe(world.noa.id)
  })

  it('takes them from who had them', async () => {
    for (const path of [`${PLANS}/${own.id}`, `${ACTIONS}/${inside.id}`, `${ACTIONS}/${made.id}`]) {
      expect((await call(pat, 'GET', path)).status, path).toBe(403)
    }
  })

  it('moves them from total to total', async () => {
    const totalOf = async (who: Person, path: string) =>
      (await call<Slice<unknown>>(who, 'GET', path)).body.total
    expect([await totalOf(pat, PLANS), await totalOf(pat, ACTIONS)]).toEqual([1, 0])
    expect([await totalOf(world.noa, PLANS), await totalOf(world.noa, ACTIONS)]).toEqual([2, 2])
  })

  it('again finds nothing more', async () => {
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 0, actions: 0 })
  })
})

describe('reassigning', () => {
  it('changes ETags, so that late writers notice', async () => {
    const own = await createPlan(pat, { visibility: 'PUBLIC' })
    const tag = await tagOf(world.ana, `${PLANS}/${own.id}`)
    await reassign()
    const late = { body: { title: 'x' }, headers: { 'If-Match': tag } }
    expect((await call(world.ana, 'PATCH', `${PLANS}/${own.id}`, late)).status).toBe(412)
  })

  it('changes nothing of anybody else, nor closed assignments, nor notes', async () => {
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

  it('works from who is deactivated and an EMPLOYEE', async () => {
    const action = await actionWith([[pat, 'NOT_STARTED']])
    await call(world.ana, 'PATCH', `${USERS}/${pat.id}`, { body: { active: false, role: 'EMPLOYEE' } })
    expect((await reassign()).body).toMatchObject({ assignments: 1 })
    expect((await read(action)).assignees.map(({ name }) => name)).toEqual(['Noa'])
  })

  it('is for an ADMIN', async () => {
    expect((await reassign(world.noa.id, pat.id, world.marc)).status).toBe(403)
  })

  it.each<[string, () => string | null]>([
    ['the same user', () => pat.id],
    ['an EMPLOYEE', () => world.eli.id],
    ['a user of another company', () => world.gus.id],
    ['an unknown id', () => '0'.repeat(24)],
    ['a malformed id', () => 'x'],
    ['nobody', () => null],
  ])('to %s is refused with 400 at toUserId', async (_, heir) => {
    const reply = await reassign(heir())
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['toUserId']])
  })

  it('to who is deactivated is refused with 400 at toUserId', async () => {
    const gone = await insertUser({ companyId: world.companyId, active: false })
    const reply = await reassign(gone.id)
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['toUserId']])
  })

  it('to nobody is named together with what else is wrong', async () => {
    const body = { toUserId: '0'.repeat(24), unheard: 1 }
    const reply = await call(world.ana, 'POST', `${USERS}/${pat.id}/reassignments`, { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['toUserId', 'unheard']])
  })

  it('from a user who is not in the company is answered with 404', async () => {
    expect((await reassign(world.noa.id, world.gus.id)).status).toBe(404)
    expect((await reassign(world.noa.id, '0'.repeat(24))).status).toBe(404)
  })
})

it('reassigning to an assignee leaves the order of the others as it is, for later steps as well', async () => {
  const places: Person[] = []
  for (const name of ['First', 'Second', 'Third'])
    places.push(await createPerson(world.companyId, 'MANAGER', name))
  // Those whose ids sort in the other direction come last.
  places.sort((left, right) => (left.id < right.id ? 1 : -1))
  const action = await actionWith([
    [pat, 'NOT_STARTED'],
    ...places.map((one): [Person, string] => [one, 'NOT_STARTED']),
  ])
  const [heir] = places
  expect((await reassign(heir?.id)).status).toBe(200)
  const order = places.map(({ id }) => id)
  expect((await read(action)).assignees.map(({ userId }) => userId)).toEqual(order)
  for (const { id } of places.toReversed()) {
    tick()
    expect((await takeStep(world.marc, action.id, 'IN_PROGRESS', id)).status).toBe(200)
    expect((await read(action)).assignees.map(({ userId }) => userId)).toEqual(order)
  }
})

describe('reassigning, when between decision and write', () => {
  it.each<[string, (action: ActionView) => Promise<unknown>, number, string[]]>([
    ['pat completes the action', ({ id }) => takeStep(pat, id, 'COMPLETED'), 0, ['Pat COMPLETED']],
    [
      'marc takes pat off it',
      ({ id }) => call(world.marc, 'PATCH', `${ACTIONS}/${id}`, { body: { assigneeIds: [world.marc.id] } }),
      0,
      ['Marc NOT_STARTED'],
    ],
    [
      'pat gets another one',
      () => createAction(world.marc, plan.id, { assigneeIds: [pat.id] }),
      2,
      ['Noa NOT_STARTED'],
    ],
  ])('%s, counts what it hands over and loses nothing', async (_, work, assignments, holders) => {
    const action = await actionWith([[pat, 'NOT_STARTED']])
    inBetween(() => work(action))
    expect((await reassign()).body).toEqual({ assignments, plans: 0, actions: 0 })
    const { assignees } = await read(action)
    expect(assignees.map(({ name, status }) => `${name} ${status}`)).toEqual(holders)
    expect((await reassign()).body).toEqual({ assignments: 0, plans: 0, actions: 0 })
  })

  it('the heir is deactivated, hands over nothing', async () => {
    const action = await actionWith([[pat, 'NOT_STARTED']])
    inBetween(() => call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { active: false } }))
    expect((await reassign()).status).toBe(400)
    expect((await read(action)).assignees).toEqual(action.assignees)
  })
})
