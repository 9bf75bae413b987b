/** Kept totals, readers and lists against the policy, after random histories through the public door. */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { mayReadAction, mayReadPlan } from '../../src/access/policy.ts'
import { ROLES, type Visibility, VISIBILITIES } from '../../src/db/enums.ts'
import { ACTIONS, call, PLANS, type Slice, USERS } from '../support/api.ts'
import { insertPlan } from '../support/factories.ts'
import { createPerson, createWorld, type Person } from '../support/world.ts'

/** `n` picks one of what there is at that moment, `who` one of four people. */
type Command =
  | { kind: 'create plan'; who: number; visibility: Visibility }
  | { kind: 'legacy plan'; visibility: Visibility }
  | { kind: 'change plan'; who: number; n: number; visibility: Visibility }
  | { kind: 'delete plan'; who: number; n: number }
  | { kind: 'create action'; who: number; n: number; visibility: Visibility | null; assignees: number[] }
  | { kind: 'change action'; who: number; n: number; visibility: Visibility }
  | { kind: 'assign'; who: number; n: number; assignees: number[] }
  | { kind: 'move'; who: number; n: number; to: number }
  | { kind: 'delete action'; who: number; n: number }
  | { kind: 'reassign'; who: number; to: number }

const who = fc.nat(3)
const n = fc.nat(9)
const visibility = fc.constantFrom(...VISIBILITIES)
const assignees = fc.uniqueArray(who, { minLength: 1, maxLength: 3 })
const kind = <Kind extends Command['kind']>(name: Kind) => fc.constant(name)

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind('create plan'), who, visibility }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('legacy plan'), visibility }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('change plan'), who, n, visibility }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('delete plan'), who, n }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind('create action'),
      who,
      n,
      visibility: fc.option(visibility),
      assignees,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('change action'), who, n, visibility }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('assign'), who, n, assignees }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('move'), who, n, to: n }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('delete action'), who, n }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('reassign'), who, to: who }) },
)

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
async function run(action: Command): Promise<void> {
  const { plans, actions } = await readTables()
  const nowhere = '0'.repeat(24)
  const planAt = (index: number) => plans[index % plans.length]?.id ?? nowhere
  const actionAt = (index: number) => `${ACTIONS}/${actions[index % actions.length]?.id ?? nowhere}`
  const person = actorOf(action, { plans, actions })
  const idsOf = (indices: number[]) => indices.map((index) => people[index]?.id)
  const send = async (method: string, path: string, body?: object) => {
    expect((await call(person, method, path, { body })).status).toBeLessThan(500)
  }
  switch (action.kind) {
    case 'create plan':
      return send('POST', PLANS, { title: 'P', visibility: action.visibility })
    case 'legacy plan':
      await insertPlan({ companyId, visibility: action.visibility })
      return
    case 'change plan':
      return send('PATCH', `${PLANS}/${planAt(action.n)}`, { visibility: action.visibility })
    case 'delete plan':
      return send('DELETE', `${PLANS}/${planAt(action.n)}`)
    case 'create action': {
      const fields = { title: 'A', visibility: action.visibility, assigneeIds: idsOf(action.assignees) }
      return send('POST', ACTIONS, { planId: planAt(action.n), ...fields })
    }
    case 'change action':
      return send('PATCH', actionAt(action.n), { visibility: action.visibility })
    case 'assign':
      return send('PATCH', actionAt(action.n), { assigneeIds: idsOf(action.assignees) })
    case 'move':
      return send('PATCH', actionAt(action.n), { planId: planAt(action.to) })
    case 'delete action':
      return send('DELETE', actionAt(action.n))
    case 'reassign': {
      const path = `${USERS}/${person?.id ?? ''}/reassignments`
      await call(people[0] ?? null, 'POST', path, { body: { toUserId: people[action.to]?.id } })
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
    const own = totals.filter(({ reader }) => reader === '*' || reader === person.id)
    const kept = readers
      .filter(({ reader }) => reader === '*' || reader === person.id)
      .map(({ actionId }) => actionId)
    expect({
      plans: own.reduce((sum, total) => sum + total.plans, 0),
      actions: own.reduce((sum, total) => sum + total.actions, 0),
      // A list, not a set: nobody finds an action twice.
      readers: kept.sort(),
    }).toEqual({
      plans: wanted.plans.length,
      actions: wanted.actions.length,
      readers: [...wanted.actions].sort(),
    })
  }
  for (const { id, kept } of plans) expect(kept).toBe(actions.filter(({ planId }) => planId === id).length)
  expect(totals.filter((total) => total.plans < 0 || total.actions < 0)).toEqual([])
}

async function checkLists(tables: Tables): Promise<void> {
  for (const person of people) {
    const wanted = readableBy(person, tables)
    for (const [path, ids] of [
      [PLANS, wanted.plans],
      [ACTIONS, wanted.actions],
    ] as const) {
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
