/** Kept totals, readers and lists against the policy, after random histories through the public door. */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { mayReadAction, mayReadPlan } from '../../src/access/policy.ts'
import { ROLES, type Visibility, VISIBILITIES } from '../../src/db/enums.ts'
import { ACTIONS, call, PLANS, type Slice, USERS } from '../support/api.ts'
import { insertPlan } from '../support/factories.ts'
import { event, type EventOf } from '../support/event.ts'
import { createPerson, createWorld, type Person } from '../support/world.ts'

const who = fc.nat(3)
const n = fc.nat(9)
const visibility = fc.constantFrom(...VISIBILITIES)
const assignees = fc.uniqueArray(who, { minLength: 1, maxLength: 3 })

/** One request; `n` and `to` pick one of what there is at that moment, `who` and `assignees` of four people. */
const command = fc.oneof(
  event(3, 'create plan', { who, visibility }),
  event(1, 'legacy plan', { visibility }),
  event(3, 'change plan', { who, n, visibility }),
  event(1, 'delete plan', { who, n }),
  event(6, 'create action', { who, n, visibility: fc.option(visibility), assignees }),
  event(3, 'change action', { who, n, visibility }),
  event(3, 'assign', { who, n, assignees }),
  event(3, 'move', { who, n, to: n }),
  event(2, 'delete action', { who, n }),
  event(1, 'reassign', { who, to: who }),
)
type Command = EventOf<typeof command>

interface Tables {
  plans: { id: string; visibility: Visibility; createdBy: string | null; kept: number; at: number }[]
  actions: {
    id: string
    planId: string
    visibility: Visibility | null
    createdBy: string | null
    at: number
  }[]
  assignees: { actionId: string; userId: string }[]
  readers: { actionId: string; reader: string }[]
  totals: { reader: string; plans: number; actions: number }[]
}

let companyId: string
let people: Person[]

beforeAll(async () => {
  const world = await createWorld()
  ;({ companyId } = world)
  people = [world.ana, world.marc, world.noa, await createPerson(companyId, 'MANAGER')]
  expect(ROLES).toContain(people[3]?.role)
})

async function readTables(): Promise<Tables> {
  const ofCompany = 'FROM actions WHERE company_id = ?1'
  const results = await env.DB.batch(
    [
      'SELECT id, visibility, created_by AS createdBy, action_count AS kept, created_at AS at FROM plans WHERE company_id = ?1',
      `SELECT id, plan_id AS planId, visibility, created_by AS createdBy, created_at AS at ${ofCompany}`,
      `SELECT action_id AS actionId, user_id AS userId FROM action_assignees WHERE action_id IN (SELECT id ${ofCompany})`,
      'SELECT action_id AS actionId, reader FROM action_readers WHERE company_id = ?1',
      'SELECT reader, plans, actions FROM readable_totals WHERE company_id = ?1',
    ].map((query) => env.DB.prepare(query).bind(companyId)),
  )
  const [plans, actions, assigned, readers, totals] = results.map((result) => result.results)
  // The columns are those of Tables, named in the statements above.
  return { plans, actions, assignees: assigned, readers, totals } as unknown as Tables
}

/** Mostly whoever made the plan or action in question, who may change it; else the ADMIN or a stranger. */
function actorOf(action: Command, { plans, actions }: Pick<Tables, 'plans' | 'actions'>): Person | null {
  if (!('who' in action)) return null
  const rows = action.kind.endsWith(' plan') ? plans : actions
  const isCreating = action.kind.startsWith('create') || action.kind === 'reassign'
  const creator = 'n' in action && !isCreating ? rows[action.n % rows.length]?.createdBy : null
  const chosen = people[action.who] ?? null
  return action.who === 0 ? chosen : (people.find(({ id }) => id === creator) ?? chosen)
}

/** Sends the request; one that the API refuses has no effect, which is a history too. */
async function run(next: Command): Promise<unknown> {
  const { plans, actions } = await readTables()
  const idAt = (rows: { id: string }[], index: number) => rows[index % rows.length]?.id ?? '0'.repeat(24)
  const person = actorOf(next, { plans, actions })
  const index = 'n' in next ? next.n : 0
  const [plan, action] = [`${PLANS}/${idAt(plans, index)}`, `${ACTIONS}/${idAt(actions, index)}`]
  const assigneeIds = 'assignees' in next ? next.assignees.map((place) => people[place]?.id) : []
  const send = async (method: string, path: string, body?: object, as = person) => {
    expect((await call(as, method, path, { body })).status).toBeLessThan(500)
  }
  // Members that are none of a body's are ignored.
  switch (next.kind) {
    case 'create plan':
      return send('POST', PLANS, { ...next, title: 'P' })
    case 'legacy plan':
      return insertPlan({ companyId, visibility: next.visibility, createdBy: null })
    case 'change plan':
      return send('PATCH', plan, next)
    case 'delete plan':
      return send('DELETE', plan)
    case 'create action':
      return send('POST', ACTIONS, { ...next, title: 'A', planId: idAt(plans, index), assigneeIds })
    case 'change action':
      return send('PATCH', action, next)
    case 'assign':
      return send('PATCH', action, { assigneeIds })
    case 'move':
      return send('PATCH', action, { planId: idAt(plans, next.to) })
    case 'delete action':
      return send('DELETE', action)
    case 'reassign': {
      const body = { toUserId: people[next.to]?.id }
      return send('POST', `${USERS}/${person?.id ?? ''}/reassignments`, body, people[0])
    }
  }
}

/** What the policy lets that person read, newest first. */
function readableBy({ id, role }: Person, { plans, actions, assignees: all }: Tables) {
  const newest = (rows: { id: string; at: number }[]) =>
    rows.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map((row) => row.id)
  const readable = actions.filter((action) => {
    const plan = plans.find((candidate) => candidate.id === action.planId)
    const assignees = all.filter(({ actionId }) => actionId === action.id)
    return plan !== undefined && mayReadAction({ id, role }, { ...action, plan, assignees })
  })
  return { plans: newest(plans.filter((plan) => mayReadPlan({ id, role }, plan))), actions: newest(readable) }
}

/** Kept totals and readers against the policy, for everybody. */
function checkKept(tables: Tables): void {
  const { totals, readers, plans, actions } = tables
  for (const person of people) {
    const wanted = readableBy(person, tables)
    const ofPerson = ({ reader }: { reader: string }) => reader === '*' || reader === person.id
    const own = totals.filter(ofPerson)
    expect({
      plans: own.reduce((sum, total) => sum + total.plans, 0),
      actions: own.reduce((sum, total) => sum + total.actions, 0),
      // A list, not a set: nobody finds an action twice.
      readers: readers
        .filter(ofPerson)
        .map(({ actionId }) => actionId)
        .sort(),
    }).toEqual({
      plans: wanted.plans.length,
      actions: wanted.actions.length,
      readers: wanted.actions.toSorted(),
    })
  }
  for (const { id, kept } of plans) expect(kept).toBe(actions.filter(({ planId }) => planId === id).length)
  expect(totals.filter((total) => total.plans < 0 || total.actions < 0)).toEqual([])
}

async function checkLists(tables: Tables): Promise<void> {
  for (const person of people) {
    const wanted = readableBy(person, tables)
    const lists = [
      [PLANS, wanted.plans],
      [ACTIONS, wanted.actions],
    ] as const
    for (const [path, ids] of lists) {
      const { body } = await call<Slice<{ id: string }>>(person, 'GET', `${path}?to=100`)
      expect([body.total, body.result.map(({ id }) => id)]).toEqual([ids.length, ids])
    }
  }
}

async function deleteEverything(): Promise<void> {
  await env.DB.prepare('DELETE FROM plans WHERE company_id = ?').bind(companyId).run()
  const { readers, totals } = await readTables()
  expect([readers, totals.filter((total) => total.plans !== 0 || total.actions !== 0)]).toEqual([[], []])
}

it('keeps totals and readers as the policy says, after any history', async () => {
  const history = fc.array(command, { minLength: 12, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(history, async (commands) => {
      await deleteEverything()
      for (const next of commands) {
        await run(next)
        checkKept(await readTables())
      }
      await checkLists(await readTables())
    }),
    { numRuns: 25 },
  )
}, 120_000)
