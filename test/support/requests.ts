/** One plausible request to each endpoint under a session, about what a scene holds. */
import { endpoints } from '../../src/endpoints.ts'
import type { Endpoint } from '../../src/platform/endpoint.ts'
import { call, type Reply } from './api.ts'
import type { Person } from './world.ts'

export type Kind =
  | 'plan'
  | 'action'
  | 'note'
  | 'export'
  | 'hierarchy'
  | 'user'
  | 'former'
  | 'accessKey'
  | 'webhook'
  | 'delivery'

/** What there is for a request to be about. */
export interface Scene {
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
  body?: (scene: Scene) => object | string
}

let count = 0
const read = (...path: Kind[]): Row => ({ costs: 'read', path })
const write = (path: Kind[], body?: (scene: Scene) => object | string): Row => ({
  ...{ costs: 'write', path },
  ...(body === undefined ? {} : { body }),
})

export const ROWS: Record<string, Row> = {
  signOut: write([]),
  signOutEverywhere: write([]),
  listAccessKeys: { costs: 'read', query: () => 'all=true' },
  getAccessKey: read('accessKey'),
  createAccessKey: write([], () => ({ name: 'New', scope: 'READ' })),
  endAccessKey: write(['accessKey']),
  getOverview: read(),
  listActionPlans: read(),
  createActionPlan: write([], () => ({ title: 'New' })),
  getActionPlan: read('plan'),
  updateActionPlan: write(['plan'], () => ({ visibility: 'PRIVATE' })),
  deleteActionPlan: write(['plan']),
  exportPortfolio: write([], () => ({ overdue: false })),
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
  getImportTemplate: read(),
  importPlans: {
    costs: 'write',
    query: () => 'dryRun=false',
    body: ({ who, ids, hierarchyIds }) => {
      const action = { title: 'New', assignees: [who.email], areas: hierarchyIds }
      const actions = [0, 1].map((index) => ({
        ...action,
        externalId: `new-${String((count += 1))}-${index}`,
      }))
      return JSON.stringify({ externalId: ids.plan, title: 'New', actions })
    },
  },
  getHistory: { costs: 'read', query: ({ ids }) => `planId=${ids.plan}&since=2020-01-01T00:00:00Z` },
  getHistoryFeed: read(),
  listWebhooks: read(),
  createWebhook: write([], () => ({ url: 'https://hooks.example.com/' })),
  getWebhook: read('webhook'),
  updateWebhook: write(['webhook'], () => ({ active: false })),
  deleteWebhook: write(['webhook']),
  replaceWebhookSecret: write(['webhook']),
  pingWebhook: write(['webhook']),
  listWebhookDeliveries: read('webhook'),
  retryWebhookDelivery: write(['webhook', 'delivery']),
  getCompany: read(),
  updateCompany: write([], () => ({ name: `Renamed ${String((count += 1))}` })),
  getMe: read(),
  getMyData: read(),
  updateMe: write([], () => ({ name: `Renamed ${String((count += 1))}` })),
  createCalendar: write([]),
  deleteCalendar: write([]),
  listUsers: { costs: 'read', query: () => 'q=a&role=MANAGER&active=true' },
  getUser: read('user'),
  createUser: write([], () => ({
    email: `costs-${String((count += 1))}@x.test`,
    name: 'New',
    role: 'EMPLOYEE',
  })),
  updateUser: write(['user'], () => ({ active: false })),
  eraseUser: write(['former']),
  reassignWork: write(['user'], ({ who }) => ({ toUserId: who.id })),
  listHierarchies: read(),
  getHierarchy: read('hierarchy'),
  createHierarchy: write([], ({ ids }) => ({ name: 'New', parentId: ids.hierarchy })),
  updateHierarchy: write(['hierarchy'], () => ({ name: `Renamed ${String((count += 1))}` })),
  deleteHierarchy: write(['hierarchy']),
}

export const guarded = endpoints.filter(({ access }) => access !== 'public')

/** The row of an endpoint; the tests enumerate endpoints, so that a new one must get a row. */
export function rowOf({ operationId }: Endpoint): Row {
  const row = ROWS[operationId]
  if (!row) throw new Error(`${operationId} has no row`)
  return row
}

/** The endpoint's request: the path with its query, and the body if it has one. */
export function requestOf(
  endpoint: Endpoint,
  scene: Scene,
): { path: string; body: object | string | undefined } {
  const { path: kinds = [], query, body } = rowOf(endpoint)
  const left = [...kinds]
  const path = endpoint.path.replace(/:\w+/g, () => scene.ids[left.shift() ?? 'plan'])
  const search = query ? `?${query(scene)}` : ''
  return { path: path + search, body: body?.(scene) }
}

/** Sends the endpoint's request, where `vars` are otherwise than in the tests' settings. */
export async function ask(endpoint: Endpoint, scene: Scene, vars: Partial<Env> = {}): Promise<Reply> {
  const { path, body } = requestOf(endpoint, scene)
  return call(scene.who, endpoint.method, path, { vars, ...(body ? { body } : {}) })
}
