/** The table in policy-table.ts, row by row through the public door; then the callers who may do nothing. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { MANAGER_ROLES, VISIBILITIES } from '../../src/db/enums.ts'
import { ACTIONS, call, PLANS, type Slice } from '../support/api.ts'
import { insertAction, insertNote, insertPlan } from '../support/factories.ts'
import { HOME } from '../support/home.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'
import { type Answers, OPERATIONS, type Relation, RELATIONS, type Row, rows } from './policy-table.ts'

let world: World
let callers: Record<string, Person>

beforeAll(async () => {
  world = await createWorld(HOME)
  const manager = await createPerson(world.companyId, 'MANAGER', 'The caller')
  const admin = await createPerson(world.companyId, 'ADMIN', 'The calling ADMIN')
  callers = { MANAGER: manager, ADMIN: admin, EMPLOYEE: world.eli, foreign: world.gus }
})

interface Scene {
  planId: string
  actionId: string
  othersNote: string
  ownNote: string
}

/** The row's plan and action; marc owns what is another's, noa and ana are assigned too. */
async function setUp({ plan: kind, planIsOwn, visibility, relation }: Row, caller: Person): Promise<Scene> {
  const { companyId, marc, noa, ana } = world
  const now = Date.now()
  const plan = await insertPlan({
    companyId,
    visibility: kind === 'LEGACY' ? 'PRIVATE' : kind,
    createdBy: kind === 'LEGACY' ? null : planIsOwn ? caller.id : marc.id,
  })
  const action = await insertAction({
    plan,
    visibility,
    createdBy: relation === 'creator' ? caller.id : marc.id,
    assignees: [
      { userId: noa.id },
      { userId: ana.id, status: 'COMPLETED', startedAt: now, finishedAt: now },
      ...(relation === 'assignee' ? [{ userId: caller.id }] : []),
    ],
  })
  const othersNote = await insertNote({ actionId: action.id, authorId: noa.id })
  const ownNote = await insertNote({ actionId: action.id, authorId: caller.id })
  return { planId: plan.id, actionId: action.id, othersNote: othersNote.id, ownNote: ownNote.id }
}

/** Every operation's status, 2xx as 200; the destructive ones last. */
async function tryAll(
  caller: Person,
  { actionId, othersNote, ownNote }: Scene,
  relation: Relation,
): Promise<Answers> {
  const path = `${ACTIONS}/${actionId}`
  const send = async (method: string, below = '', body?: object) => {
    const { status } = await call(caller, method, `${path}${below}`, { body })
    return status === 204 ? 200 : status
  }
  const step = (to: string, assigneeId: string) => send('POST', '/transitions', { to, assigneeId })
  const read = await send('GET')
  expect(await send('GET', '/notes')).toBe(read)
  return {
    read,
    own: await step('COMPLETED', caller.id),
    other: await step('IN_PROGRESS', world.noa.id),
    reopen: await step('IN_PROGRESS', relation === 'assignee' ? caller.id : world.ana.id),
    write: await send('POST', '/notes', { text: 'Another note' }),
    unwrite: await send('DELETE', `/notes/${ownNote}`),
    erase: await send('DELETE', `/notes/${othersNote}`),
    patch: await send('PATCH', '', { description: 'Changed' }),
    delete: await send('DELETE'),
  }
}

/** Whether lists, totals and the plan show the action. */
async function isShown(caller: Person, { planId, actionId }: Scene): Promise<boolean> {
  const list = await call<Slice<{ id: string }>>(caller, 'GET', `${ACTIONS}?planId=${planId}`)
  expect(list.body.total).toBe(list.body.result.length)
  const shown = list.body.result.some(({ id }) => id === actionId)
  const plan = await call<PlanView>(caller, 'GET', `${PLANS}/${planId}`)
  if (plan.status === 200) expect(plan.body.actions.map(({ id }) => id)).toEqual(shown ? [actionId] : [])
  return shown
}

function callerOf(role: string): Person {
  const caller = callers[role]
  if (!caller) throw new Error(`nobody is ${role}`)
  return caller
}

it('has a row in the table for every combination of plan, action, relation and role', () => {
  const keys = rows.map(({ expected: _, ...row }) => JSON.stringify(row))
  // The plan is PUBLIC or PRIVATE, the own or another's, or LEGACY.
  const combinations = 5 * VISIBILITIES.length * RELATIONS.length * MANAGER_ROLES.length
  expect([keys.length, new Set(keys).size]).toEqual([combinations, combinations])
  expect(rows.flatMap(({ expected }) => Object.values(expected)).filter(Number.isNaN)).toEqual([])
})

describe.each(rows.map((row) => [row.role, row.relation, row] as const))(
  '%s as %s',
  (role, relation, row) => {
    const { plan, planIsOwn, visibility, expected } = row
    const title = `of a ${visibility} action in ${planIsOwn ? 'an own' : "another's"} ${plan} plan`

    it(`${title} may do what the table says`, async () => {
      const scene = await setUp(row, callerOf(role))
      expect(await isShown(callerOf(role), scene)).toBe(expected.read === 200)
      expect(await tryAll(callerOf(role), scene, relation)).toEqual(expected)
    })
  },
)

describe.each([
  ['an EMPLOYEE', 'EMPLOYEE', 403],
  ['a manager of another company', 'foreign', 404],
])('%s', (_, role, status) => {
  it.each(RELATIONS)(`gets ${status} for everything as %s of a public action`, async (relation) => {
    const row = { plan: 'PUBLIC', planIsOwn: false, visibility: 'PUBLIC', relation, role } as const
    const scene = await setUp({ ...row, expected: {} as Answers }, callerOf(role))
    // A step that names an assignee of another company is bad input before the action is looked for.
    const others = role === 'foreign' ? { other: 400, reopen: relation === 'assignee' ? status : 400 } : {}
    const all = Object.fromEntries(OPERATIONS.map((operation) => [operation, status]))
    expect(await tryAll(callerOf(role), scene, relation)).toEqual({ ...all, ...others })
  })
})

describe('a plan of marc’s, or nobody’s if LEGACY,', () => {
  it.each([
    // plan, who, GET, PATCH, DELETE
    ['PUBLIC', 'marc', 200, 200, 204],
    ['PUBLIC', 'noa', 200, 403, 403],
    ['PUBLIC', 'ana', 200, 200, 204],
    ['PUBLIC', 'eli', 403, 403, 403],
    ['PUBLIC', 'gus', 404, 404, 404],
    ['PRIVATE', 'marc', 200, 200, 204],
    ['PRIVATE', 'noa', 403, 403, 403],
    ['PRIVATE', 'ana', 403, 403, 204],
    ['PRIVATE', 'eli', 403, 403, 403],
    ['PRIVATE', 'gus', 404, 404, 404],
    ['LEGACY', 'marc', 200, 200, 204],
    ['LEGACY', 'noa', 200, 200, 204],
    ['LEGACY', 'ana', 200, 200, 204],
    ['LEGACY', 'eli', 403, 403, 403],
    ['LEGACY', 'gus', 404, 404, 404],
  ] as const)(
    'that is %s answers %s with GET %i, PATCH %i, DELETE %i',
    async (kind, name, get, change, remove) => {
      const { id } = await insertPlan({
        companyId: world.companyId,
        visibility: kind === 'LEGACY' ? 'PRIVATE' : kind,
        createdBy: kind === 'LEGACY' ? null : world.marc.id,
      })
      const statusFor = async (who: Person, method: string, body?: object) =>
        (await call(who, method, `${PLANS}/${id}`, { body })).status
      expect(await statusFor(world[name], 'GET')).toBe(get)
      expect(await statusFor(world[name], 'PATCH', { description: 'changed' })).toBe(change)
      expect(await statusFor(world[name], 'DELETE')).toBe(remove)
      expect(await statusFor(world.marc, 'GET')).toBe(remove === 204 ? 404 : 200)
    },
  )
})
