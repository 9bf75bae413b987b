/** Audiences, kept counts and lists against the policy, after random histories through the public door. */
import fc from 'fast-check'
import { beforeAll, beforeEach, expect, it, vi } from 'vitest'
import {
  ACTION_TYPES,
  type ActionType,
  FOCUS_TYPES,
  type FocusType,
  type Status,
  STATUSES,
  STEPS,
  VISIBILITIES,
} from '../../src/db/enums.ts'
import { ACTIONS, call, PLANS, type Slice, takeStep, USERS } from '../support/api.ts'
import { expectKept, readableBy, readTables, type StoredAction, type Tables } from '../support/audiences.ts'
import { HOUR, letPass, sweep } from '../support/clock.ts'
import { event, type EventOf } from '../support/event.ts'
import { insertAction, insertPlan } from '../support/factories.ts'
import { createPerson, createWorld, openSession, type Person } from '../support/world.ts'
import { home } from '../support/home.ts'

const who = fc.nat(3)
const n = fc.nat(9)
const visibility = fc.constantFrom(...VISIBILITIES)
const own = fc.option(visibility)
const assignees = fc.uniqueArray(who, { minLength: 1, maxLength: 3 })
const actionType = fc.constantFrom(...ACTION_TYPES)
const focusItem = fc.constantFrom(...FOCUS_TYPES).map((focusType) => ({ focusType, focusId: 'f' }))
const focusItems = fc.array(focusItem, { maxLength: 3 })
/** In hours from now. */
const due = fc.option(fc.constantFrom(-1, 2, 5, 100))
const members = { visibility, own, focusItems, assignees, due, to: n }

/** One thing that happens; `n` and `to` pick one of what there is at that moment, `who` and `assignees` of four people. */
const command = fc.oneof(
  event(3, 'create plan', { who, visibility }),
  event(1, 'legacy plan', { visibility }),
  event(5, 'change plan', { who, n, visibility }),
  event(1, 'delete plan', { who, n }),
  event(8, 'create action', { who, n, own, assignees, actionType, focusItems, due }),
  event(2, 'insert action', { n, by: fc.option(who), own, assignees }),
  event(3, 'show or hide', { who, n, visibility }),
  event(3, 'assign', { who, n, assignees }),
  event(3, 'move', { who, n, to: n }),
  event(3, 'refocus', { who, n, focusItems }),
  event(2, 'date', { who, n, due }),
  event(2, 'change much', { who, n, ...members }),
  event(8, 'step', { who, n, assignee: n, step: fc.constantFrom(...STEPS) }),
  event(2, 'delete action', { who, n }),
  event(4, 'reassign', { who, to: who }),
  event(2, 'wait', { hours: fc.constantFrom(1, 3) }),
  event(2, 'sweep', {}),
)
type Command = EventOf<typeof command>

const filter = fc.record(
  {
    status: fc.constantFrom(...STATUSES),
    actionType,
    focusType: fc.constantFrom(...FOCUS_TYPES),
    overdue: fc.boolean(),
  },
  { requiredKeys: [] },
)
interface Filter {
  status?: Status
  actionType?: ActionType
  focusType?: FocusType
  overdue?: boolean
}

let companyId: string
let people: Person[]

beforeAll(async () => {
  const world = await createWorld()
  ;({ companyId } = world)
  const [ana, ...others] = [world.ana, world.marc, world.noa, await createPerson(companyId, 'MANAGER')]
  // Sessions that outlast all the waiting.
  people = await Promise.all(
    [ana, ...others].map(async (person) => ({
      ...person,
      session: await openSession(person, 100_000 * HOUR),
    })),
  )
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})

/** Mostly whoever made the plan or action in question, who may change it; else the ADMIN or a stranger. */
function actorOf(next: Command, { plans, actions }: Tables): Person | null {
  if (!('who' in next)) return null
  // Only the ADMIN may create these.
  if (next.kind === 'create action' && next.actionType === 'COMPANY') return people[0] ?? null
  const rows = next.kind.endsWith(' plan') ? plans : actions
  const isCreating = next.kind.startsWith('create') || next.kind === 'reassign'
  const creator = 'n' in next && !isCreating ? rows[next.n % rows.length]?.createdBy : null
  const chosen = people[next.who] ?? null
  return next.who === 0 ? chosen : (people.find(({ id }) => id === creator) ?? chosen)
}

/** Carries it out. A request that the API refuses has no effect, which is a history too. */
async function run(next: Command, tables: Tables): Promise<void> {
  const { plans, actions, assignees: assigned } = tables
  const idAt = (rows: { id: string }[], index: number) => rows[index % rows.length]?.id ?? '0'.repeat(24)
  const person = actorOf(next, tables)
  const index = 'n' in next ? next.n : 0
  const actionId = idAt(actions, index)
  const [plan, action] = [`${PLANS}/${idAt(plans, index)}`, `${ACTIONS}/${actionId}`]
  const userIds = 'assignees' in next ? next.assignees.map((place) => people[place]?.id ?? '') : []
  const hours = 'due' in next ? next.due : null
  const dueDate = hours === null ? null : new Date(Date.now() + hours * HOUR).toISOString()
  const send = async (method: string, path: string, body?: object, as = person) => {
    // What tells one event from another is no member of a body.
    const reply = await call(as, method, path, { body, headers: { Prefer: 'handling=lenient' } })
    expect(reply.status, reply.text).toBeLessThan(500)
  }
  switch (next.kind) {
    case 'create plan':
      return send('POST', PLANS, { ...next, title: 'P' })
    case 'legacy plan':
      await insertPlan({ companyId, visibility: next.visibility, createdBy: null })
      return
    case 'change plan':
      return send('PATCH', plan, next)
    case 'delete plan':
      return send('DELETE', plan)
    case 'create action': {
      const fields = { ...next, title: 'A', visibility: next.own, dueDate }
      return send('POST', ACTIONS, { ...fields, planId: idAt(plans, index), assigneeIds: userIds })
    }
    case 'insert action': {
      if (plans.length === 0) return
      const createdBy = next.by === null ? null : (people[next.by]?.id ?? null)
      const fields = { plan: { id: idAt(plans, index), companyId }, visibility: next.own, createdBy }
      await insertAction({ ...fields, assignees: userIds.map((userId) => ({ userId })) })
      return
    }
    case 'show or hide':
    case 'refocus':
      return send('PATCH', action, next)
    case 'assign':
      return send('PATCH', action, { assigneeIds: userIds })
    case 'move':
      return send('PATCH', action, { planId: idAt(plans, next.to) })
    case 'date':
      return send('PATCH', action, dueDate === null ? { clearDueDate: true } : { dueDate })
    case 'change much': {
      const fields = { visibility: next.own, focusItems: next.focusItems, dueDate }
      return send('PATCH', action, { ...fields, planId: idAt(plans, next.to), assigneeIds: userIds })
    }
    case 'step': {
      const there = assigned.filter((row) => row.actionId === actionId)
      const assigneeId = there[next.assignee % there.length]?.userId ?? '0'.repeat(24)
      if (person) expect((await takeStep(person, actionId, next.step, assigneeId)).status).toBeLessThan(500)
      return
    }
    case 'delete action':
      return send('DELETE', action)
    case 'reassign': {
      const body = { toUserId: people[next.to]?.id }
      return send('POST', `${USERS}/${person?.id ?? ''}/reassignments`, body, people[0])
    }
    case 'wait':
      letPass(next.hours * HOUR)
      return
    case 'sweep':
      return sweep()
  }
}

/** Whether an action meets the filter now. */
function isMeeting(wanted: Filter, { focusItems: items }: Tables): (action: StoredAction) => boolean {
  const now = Date.now()
  return ({ id, status: stored, startedAt, dueDate, actionType: type }) => {
    const isPast = dueDate !== null && dueDate <= now
    const hasExpired = stored === 'IN_PROGRESS' && isPast && startedAt !== null && startedAt < dueDate
    const status = hasExpired ? 'EXPIRED' : stored
    const isOverdue = isPast && status !== 'COMPLETED' && status !== 'CANCELLED'
    return (
      (wanted.status ?? status) === status &&
      (wanted.actionType ?? type) === type &&
      (wanted.overdue ?? isOverdue) === isOverdue &&
      (wanted.focusType === undefined ||
        items.some((item) => item.actionId === id && item.focusType === wanted.focusType))
    )
  }
}

/** The lists of plans and actions, with that filter, for everybody. */
async function checkLists(wanted: Filter): Promise<void> {
  const tables = await readTables(companyId)
  const isFiltered = Object.keys(wanted).length > 0
  const query = Object.entries(wanted).map(([name, value]) => `&${name}=${String(value)}`)
  for (const person of people) {
    const readable = readableBy(person, tables, isFiltered ? isMeeting(wanted, tables) : undefined)
    const lists = [
      [PLANS, readable.plans],
      [ACTIONS, readable.actions],
    ] as const
    for (const [path, ids] of lists) {
      const asked = `${path}?to=100${query.join('')}`
      const { status, text, body } = await call<Slice<{ id: string }>>(person, 'GET', asked)
      expect(status, `${asked}: ${text}`).toBe(200)
      expect([asked, body.total, body.result.map(({ id }) => id)]).toEqual([asked, ids.length, ids])
    }
  }
}

/** Nothing is kept of what is gone. */
async function deleteEverything(): Promise<Tables> {
  await home.prepare('DELETE FROM plans WHERE company_id = ?').bind(companyId).run()
  const tables = await readTables(companyId)
  expectKept(tables, people)
  return tables
}

it('keeps audiences and counts as the policy says, after any history', async () => {
  const history = fc.array(command, { minLength: 12, maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(history, fc.array(filter, { minLength: 2, maxLength: 4 }), async (commands, filters) => {
      let tables = await deleteEverything()
      for (const next of commands) {
        await run(next, tables)
        tables = await readTables(companyId)
        expectKept(tables, people)
      }
      for (const wanted of [{}, ...filters]) await checkLists(wanted)
    }),
    { numRuns: 50 },
  )
}, 120_000)
