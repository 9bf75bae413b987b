/** After random writes by several people, each followed step by step: the entries tell what is there. */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { CHANGE_TYPES, STEPS, VISIBILITIES } from '../../src/db/enums.ts'
import {
  ACTIONS,
  call,
  createAction,
  createPlan,
  HIERARCHIES,
  PLANS,
  takeStep,
  USERS,
} from '../support/api.ts'
import { HOUR, letPass, sweep } from '../support/clock.ts'
import { entriesOf } from '../support/entries.ts'
import { event, type EventOf } from '../support/event.ts'
import { insertHierarchy, insertPlan } from '../support/factories.ts'
import { expectTold, type State, stateOf } from '../support/told.ts'
import { createPerson, createWorld, openSession, type Person } from '../support/world.ts'

const who = fc.nat(3)
const n = fc.nat(9)
const text = fc.constantFrom('a', 'é', '😀'.repeat(200), 'x'.repeat(200))
const long = fc.constantFrom('', 'a\nb', '😀'.repeat(201), `${'x'.repeat(199)}…`, 'y'.repeat(300))
const visibility = fc.constantFrom(...VISIBILITIES)
const own = fc.option(visibility)
const assignees = fc.uniqueArray(who, { minLength: 1, maxLength: 3 })
const areas = fc.uniqueArray(fc.nat(3), { maxLength: 3 })
const focusItems = fc.array(fc.constantFrom({ focusType: 'HI' }, { focusType: 'SCORE', focusId: 'f' }), {
  maxLength: 2,
})
/** In hours from now. */
const due = fc.option(fc.constantFrom(-1, 2, 5, 100))

/** One thing that happens; `n` and `to` pick one of what there is at that moment, `who` and `assignees` of four people. */
const command = fc.oneof(
  event(3, 'plan', { who, title: text, visibility }),
  event(1, 'legacy plan', { visibility }),
  event(3, 'retell plan', { who, n, title: text, description: long }),
  event(4, 'open or close plan', { who, n, visibility }),
  event(1, 'drop plan', { who, n }),
  event(8, 'action', { who, n, title: text, own, assignees, areas, focusItems, due }),
  event(3, 'retell action', { who, n, title: text, description: long }),
  event(3, 'show or hide', { who, n, visibility, follows: fc.option(fc.boolean()) }),
  event(3, 'assign', { who, n, assignees }),
  event(3, 'move', { who, n, to: n }),
  event(2, 'aim', { who, n, areas, focusItems }),
  event(3, 'date', { who, n, due }),
  event(3, 'change much', { who, n, to: n, own, assignees, due, description: long }),
  event(12, 'step', { who, n, assignee: n, step: fc.constantFrom(...STEPS) }),
  event(2, 'drop action', { who, n }),
  event(3, 'note', { who, n }),
  event(2, 'drop note', { who, n }),
  event(1, 'area', { name: text }),
  event(2, 'drop area', { n }),
  event(7, 'reassign', { who, to: who }),
  event(3, 'wait', { hours: fc.constantFrom(1, 3) }),
  event(2, 'sweep', {}),
)
type Command = EventOf<typeof command>

let companyId: string
let people: Person[]
let areaIds: string[]

beforeAll(async () => {
  const world = await createWorld()
  ;({ companyId } = world)
  const managers = [world.ana, world.marc, world.noa, await createPerson(companyId, 'MANAGER')]
  // Sessions that outlast all the waiting.
  people = await Promise.all(
    managers.map(async (person) => ({ ...person, session: await openSession(person, 100_000 * HOUR) })),
  )
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})

/** Deletes all plans; then there are two, with an action each, and an area. */
async function beginAnew(): Promise<void> {
  const [ana, marc] = people
  if (!ana || !marc) return
  for (const id of (await stateOf(companyId)).plans.keys()) await call(ana, 'DELETE', `${PLANS}/${id}`)
  areaIds = [(await insertHierarchy({ companyId })).id]
  const shared = await createPlan(ana, { visibility: 'PUBLIC' })
  await createAction(marc, shared.id, { hierarchyIds: areaIds })
  const own = await createPlan(marc, { visibility: 'PRIVATE' })
  await createAction(marc, own.id, { assigneeIds: [ana.id, marc.id] })
}

/** The ADMIN every other time; else whoever made the thing, or a stranger if there is none. */
function actorOf(next: Command, { plans, actions }: State): Person | undefined {
  if (!('who' in next)) return people[0]
  const things = [...(next.kind.endsWith(' plan') ? plans : actions).values()]
  const isCreating = ['plan', 'action', 'note', 'reassign'].includes(next.kind)
  const creator = 'n' in next && !isCreating ? things[next.n % things.length]?.createdBy : null
  return next.who === 0 || next.kind === 'reassign'
    ? people[0]
    : (people.find(({ id }) => id === creator) ?? people[next.who])
}

/** Carries it out. A request that the API refuses has no effect, which is a history too. */
async function run(next: Command, state: State): Promise<void> {
  const idAt = (ids: Iterable<string>, index: number) => {
    const list = [...ids].sort()
    return list[index % list.length] ?? '0'.repeat(24)
  }
  const person = actorOf(next, state) ?? null
  const index = 'n' in next ? next.n : 0
  const actionId = idAt(state.actions.keys(), index)
  const [plan, action] = [`${PLANS}/${idAt(state.plans.keys(), index)}`, `${ACTIONS}/${actionId}`]
  const peopleAt = (places: readonly number[]) => places.map((place) => people[place]?.id ?? '')
  const areasAt = (places: readonly number[]) => [...new Set(places.map((place) => idAt(areaIds, place)))]
  const dates = (hours: number | null) =>
    hours === null ? { clearDueDate: true } : { dueDate: new Date(Date.now() + hours * HOUR).toISOString() }
  const send = async (method: string, path: string, body?: object) => {
    const reply = await call<{ id?: string }>(person, method, path, { body })
    expect(reply.status, reply.text).toBeLessThan(500)
    return reply
  }
  switch (next.kind) {
    case 'plan':
      await send('POST', PLANS, { title: next.title, visibility: next.visibility })
      return
    case 'legacy plan':
      await insertPlan({ companyId, createdBy: null, visibility: next.visibility })
      return
    case 'retell plan':
      await send('PATCH', plan, { title: next.title, description: next.description })
      return
    case 'open or close plan':
      await send('PATCH', plan, { visibility: next.visibility })
      return
    case 'drop plan':
      await send('DELETE', plan)
      return
    case 'action':
      await send('POST', ACTIONS, {
        ...{ planId: plan.split('/').at(-1), title: next.title, visibility: next.own },
        ...{ assigneeIds: peopleAt(next.assignees), focusItems: next.focusItems },
        ...(areaIds.length > 0 ? { hierarchyIds: areasAt(next.areas) } : {}),
        ...(next.due === null ? {} : dates(next.due)),
      })
      return
    case 'retell action':
      await send('PATCH', action, { title: next.title, description: next.description })
      return
    case 'show or hide':
      await send('PATCH', action, {
        ...(next.follows === true ? {} : { visibility: next.visibility }),
        followsPlanVisibility: next.follows,
      })
      return
    case 'assign':
      await send('PATCH', action, { assigneeIds: peopleAt(next.assignees) })
      return
    case 'move':
      await send('PATCH', action, { planId: idAt(state.plans.keys(), next.to) })
      return
    case 'aim':
      await send('PATCH', action, {
        ...(areaIds.length > 0 ? { hierarchyIds: areasAt(next.areas) } : {}),
        focusItems: next.focusItems,
      })
      return
    case 'date':
      await send('PATCH', action, dates(next.due))
      return
    case 'change much':
      await send('PATCH', action, {
        ...{ planId: idAt(state.plans.keys(), next.to), description: next.description },
        ...{ visibility: next.own, assigneeIds: peopleAt(next.assignees), ...dates(next.due) },
      })
      return
    case 'step': {
      const ids = state.actions.get(actionId)?.assigneeIds ?? []
      if (person)
        await takeStep(person, actionId, next.step, ids[next.assignee % ids.length] ?? people[0]?.id)
      return
    }
    case 'drop action':
      await send('DELETE', action)
      return
    case 'note':
      await send('POST', `${action}/notes`, { text: 'A note' })
      return
    case 'drop note': {
      const ids = state.actions.get(actionId)?.noteIds ?? []
      await send('DELETE', `${action}/notes/${idAt(ids, next.n)}`)
      return
    }
    case 'area': {
      const { body } = await send('POST', HIERARCHIES, { name: next.name })
      if (body.id !== undefined) areaIds.push(body.id)
      return
    }
    case 'drop area': {
      const id = idAt(areaIds, next.n)
      await send('DELETE', `${HIERARCHIES}/${id}`)
      areaIds = areaIds.filter((areaId) => areaId !== id)
      return
    }
    case 'reassign':
      await send('POST', `${USERS}/${people[next.who]?.id ?? ''}/reassignments`, {
        toUserId: people[next.to]?.id,
      })
      return
    case 'wait':
      letPass(next.hours * HOUR)
      return
    case 'sweep':
      await sweep()
  }
}

it('tells each change, no less and no more, and to whom', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 25, maxLength: 40 }), async (commands) => {
      await beginAnew()
      let before = await stateOf(companyId)
      let told = (await entriesOf(companyId)).length
      for (const next of commands) {
        await run(next, before)
        const after = await stateOf(companyId)
        const entries = (await entriesOf(companyId)).slice(told)
        if (next.kind === 'legacy plan') {
          expect(entries).toEqual([])
        } else {
          expectTold(before, entries, after)
        }
        entries.forEach(({ number, type, recordedAt, at, via, actorId, actionId }, index) => {
          expect(number).toBe(told + index + 1)
          const isOfClock = type === 'action.expired'
          expect([via, actorId === null]).toEqual(isOfClock ? ['CLOCK', true] : ['SESSION', false])
          const dueDate = before.actions.get(actionId ?? '')?.dueDate ?? ''
          expect(at).toBe(isOfClock ? new Date(dueDate).getTime() : recordedAt)
          seen.add(type)
        })
        told += entries.length
        before = after
      }
    }),
    { numRuns: env.TEST_LENGTH === 'long' ? 100 : 10 },
  )
  // Nearly all kinds occur in a short run.
  expect(seen.size).toBeGreaterThan(CHANGE_TYPES.length - 4)
}, 300_000)
