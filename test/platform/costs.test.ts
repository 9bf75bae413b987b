/**
 * What a request costs, from its log line: a read one look-up in KV and one batch to D1, a write two batches, however
 * much hangs on the plan or action in question. Every endpoint under a session has a row here.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import { ACTIONS, call, PLANS, type Reply } from '../support/api.ts'
import {
  insertAction,
  insertExport,
  insertHierarchies,
  insertNotes,
  insertPlan,
  insertUsers,
} from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { createWorld, openSession, type Person, type World } from '../support/world.ts'

type Kind = 'plan' | 'action' | 'note' | 'export' | 'hierarchy' | 'user'

interface Scene {
  /** Who asks: an ADMIN. */
  who: Person
  ids: Record<Kind, string>
  assigneeIds: string[]
  hierarchyIds: string[]
}

interface Row {
  costs: 'read' | 'write'
  /** What the path's parameters name, in order. */
  path?: Kind[]
  query?: (scene: Scene) => string
  body?: (scene: Scene) => object
}

let count = 0
const read = (...path: Kind[]): Row => ({ costs: 'read', path })
const write = (path: Kind[], body?: (scene: Scene) => object): Row => ({
  ...{ costs: 'write', path },
  ...(body === undefined ? {} : { body }),
})

const ROWS: Record<string, Row> = {
  signOut: write([]),
  signOutEverywhere: write([]),
  listActionPlans: read(),
  createActionPlan: write([], () => ({ title: 'New' })),
  getActionPlan: read('plan'),
  updateActionPlan: write(['plan'], () => ({ visibility: 'PRIVATE' })),
  deleteActionPlan: write(['plan']),
  exportActionPlan: write(['plan']),
  listActions: { costs: 'read', query: ({ ids }) => `planId=${ids.plan}&assigneeId=${ids.user}&q=action` },
  createAction: write([], ({ ids, assigneeIds, hierarchyIds }) => ({
    ...{ planId: ids.plan, title: 'New', assigneeIds, hierarchyIds },
    focusItems: Array.from({ length: 20 }, () => ({ focusType: 'HI' })),
  })),
  getAction: read('action'),
  updateAction: write(['action'], ({ who, assigneeIds }) => ({
    assigneeIds: [who.id, ...assigneeIds.slice(1)],
  })),
  deleteAction: write(['action']),
  transitionAction: write(['action'], ({ ids }) => ({ to: 'COMPLETED', assigneeId: ids.user })),
  listNotes: read('action'),
  createNote: write(['action'], () => ({ text: 'New' })),
  getNote: read('action', 'note'),
  deleteNote: write(['action', 'note']),
  listExports: read(),
  getExport: read('export'),
  createExportLinks: read('export'),
  getCompany: read(),
  updateCompany: write([], () => ({ name: `Renamed ${String((count += 1))}` })),
  getMe: read(),
  updateMe: write([], () => ({ name: `Renamed ${String((count += 1))}` })),
  listUsers: { costs: 'read', query: () => 'q=a&role=MANAGER&active=true' },
  getUser: read('user'),
  createUser: write([], () => ({
    email: `costs-${String((count += 1))}@x.test`,
    name: 'New',
    role: 'EMPLOYEE',
  })),
  updateUser: write(['user'], () => ({ active: false })),
  reassignWork: write(['user'], ({ who }) => ({ toUserId: who.id })),
  listHierarchies: read(),
  getHierarchy: read('hierarchy'),
  createHierarchy: write([], ({ ids }) => ({ name: 'New', parentId: ids.hierarchy })),
  updateHierarchy: write(['hierarchy'], () => ({ name: `Renamed ${String((count += 1))}` })),
  deleteHierarchy: write(['hierarchy']),
}

let world: World

beforeAll(async () => {
  world = await createWorld()
})

/** A plan with one action: with one of everything, or with as much of everything as there may be. */
async function createScene(size: 'bare' | 'full'): Promise<Scene> {
  const most = size === 'full' ? 50 : 1
  const { companyId } = world
  const times = <Fields>(count: number, fields: Fields) => Array.from({ length: count }, () => fields)
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
  const who: Person = { ...world.ana, session: await openSession(world.ana) }
  const assigneeIds = idsOf(await insertUsers(times(most, { companyId, name: 'Al' })))
  const hierarchyIds = idsOf(await insertHierarchies(times(most, { companyId })))
  const [user = '', hierarchy = ''] = [assigneeIds[0], hierarchyIds[0]]
  const plan = await insertPlan({ companyId, createdBy: who.id, visibility: 'PUBLIC' })
  const assignees = assigneeIds.map((userId) => ({ userId }))
  const action = await insertAction({ plan, createdBy: who.id, assignees, hierarchyIds })
  const [note = ''] = idsOf(await insertNotes(times(most * 2, { actionId: action.id, authorId: user })))
  const sent = { status: 'SENT', expiresAt: Date.now() + 3_600_000 } as const
  const stored = await insertExport({ companyId, planId: plan.id, requestedBy: who.id, ...sent })
  const ids = { plan: plan.id, action: action.id, note, export: stored.id, user, hierarchy }
  return { who, ids, assigneeIds, hierarchyIds }
}

const guarded = endpoints.filter(({ access }) => access !== 'public')

it('has a row for each endpoint under a session, and no other', () => {
  expect(Object.keys(ROWS).sort()).toEqual(guarded.map(({ operationId }) => operationId).sort())
})

const CASES = guarded.map(({ operationId, ...endpoint }) => {
  const batches = ROWS[operationId]?.costs === 'read' ? 1 : 2
  return [operationId, batches, endpoint] as const
})

describe.each(['bare', 'full'] as const)('where an action is %s,', (size) => {
  it.each(CASES)('%s costs one look-up in KV and %i batch(es) to D1', async (name, batches, endpoint) => {
    const { path: kinds = [], query, body } = ROWS[name] ?? {}
    const scene = await createScene(size)
    const left = [...kinds]
    const path = endpoint.path.replace(/:\w+/g, () => {
      const kind = left.shift()
      return kind === undefined ? '' : scene.ids[kind]
    })
    const search = query === undefined ? '' : `?${query(scene)}`
    const reply = await call(scene.who, endpoint.method, path + search, { body: body?.(scene) })
    expect(reply.status, reply.text).toBe(endpoint.answer.status)
    const line = lineOf(reply.headers.get('X-Request-Id'))
    expect([line?.kvReads, line?.d1Calls]).toEqual([1, batches])
  })
})

describe('one look-up in KV and one batch are the cost of', () => {
  const NOTE = { body: { text: 'n' }, headers: { 'Idempotency-Key': 'costs' } }
  const RENAMED = { body: { title: 'x' } }

  it.each<[string, number, (path: Record<'plan' | 'action', string>, who: Person) => Promise<Reply>]>([
    ['a write that changes nothing', 200, ({ action }, who) => call(who, 'PATCH', action, { body: {} })],
    ['a replay', 200, ({ action }, who) => call(who, 'POST', `${action}/notes`, NOTE)],
    ['a 304', 304, ({ plan }, who) => call(who, 'GET', plan, { headers: { 'If-None-Match': '*' } })],
    ['a 400', 400, ({ action }, who) => call(who, 'PATCH', action, { body: { title: '' } })],
    [
      'a 412',
      412,
      ({ action }, who) => call(who, 'PATCH', action, { ...RENAMED, headers: { 'If-Match': '"stale"' } }),
    ],
    ['a 403', 403, () => call(world.eli, 'POST', PLANS, RENAMED)],
  ])('%s', async (_, status, ask) => {
    const { who, ids } = await createScene('bare')
    const paths = { plan: `${PLANS}/${ids.plan}`, action: `${ACTIONS}/${ids.action}` }
    await call(who, 'POST', `${paths.action}/notes`, NOTE)
    const reply = await ask(paths, who)
    expect(reply.status).toBe(status)
    const line = lineOf(reply.headers.get('X-Request-Id'))
    expect([line?.kvReads, line?.d1Calls]).toEqual([1, 1])
  })
})
