/**
 * One row per endpoint: which ids its path, query and body take, and a request that would succeed. The suites of
 * this folder run over all rows; an endpoint without one fails `routes.test.ts`.
 */
import type { Endpoint } from '../../src/platform/endpoint.ts'
import type { Estate, Kind } from './estate.ts'

export interface Row {
  /** Kind of thing that each path parameter names. */
  path?: Record<string, Kind>
  /** Query parameters that take an id. */
  query?: Record<string, Kind>
  /** A valid body without its ids. */
  body?: Record<string, unknown>
  /** Members of the body that take an id, a list of one where the name ends in `Ids`. */
  bodyIds?: Record<string, Kind>
  /** A file that would be accepted, where the endpoint takes one. */
  file?: string
  /** The members of `bodyIds` without which the body is not valid. */
  required?: readonly string[]
}

export const ROWS: Record<string, Row> = {
  requestSignInCode: { body: { email: 'nobody@example.test' } },
  signIn: { body: { email: 'nobody@example.test', code: '12345678' } },
  signOut: {},
  signOutEverywhere: {},
  listAccessKeys: {},
  getAccessKey: { path: { id: 'accessKey' } },
  createAccessKey: { body: { name: 'New key', scope: 'READ' } },
  endAccessKey: { path: { id: 'accessKey' } },
  getOverview: { query: { hierarchyId: 'hierarchy', assigneeId: 'user' } },
  listActionPlans: { query: { hierarchyId: 'hierarchy', assigneeId: 'user' } },
  createActionPlan: { body: { title: 'New plan' } },
  getActionPlan: { path: { planId: 'plan' } },
  updateActionPlan: { path: { planId: 'plan' }, body: { title: 'Renamed' } },
  deleteActionPlan: { path: { planId: 'plan' } },
  exportPortfolio: { body: {}, bodyIds: { hierarchyId: 'hierarchy', assigneeId: 'user' } },
  exportActionPlan: { path: { planId: 'plan' } },
  listActions: { query: { planId: 'plan', hierarchyId: 'hierarchy', assigneeId: 'user' } },
  createAction: {
    body: { title: 'New action' },
    bodyIds: { planId: 'plan', hierarchyIds: 'hierarchy', assigneeIds: 'user' },
    required: ['planId'],
  },
  getAction: { path: { id: 'action' } },
  updateAction: {
    path: { id: 'action' },
    body: { title: 'Renamed' },
    bodyIds: { planId: 'plan', hierarchyIds: 'hierarchy', assigneeIds: 'user' },
  },
  deleteAction: { path: { id: 'action' } },
  transitionAction: {
    path: { id: 'action' },
    body: { to: 'IN_PROGRESS' },
    bodyIds: { assigneeId: 'user' },
  },
  listNotes: { path: { id: 'action' } },
  getNote: { path: { id: 'action', noteId: 'note' } },
  createNote: { path: { id: 'action' }, body: { text: 'New note' } },
  deleteNote: { path: { id: 'action', noteId: 'note' } },
  listExports: {},
  getExport: { path: { id: 'export' } },
  createExportLinks: { path: { id: 'export' } },
  getImportTemplate: {},
  importPlans: { file: '{"externalId":"p","title":"New plan"}' },
  listWebhooks: {},
  createWebhook: { body: { url: 'https://hooks.example.com/' } },
  getWebhook: { path: { webhookId: 'webhook' } },
  updateWebhook: { path: { webhookId: 'webhook' }, body: { url: 'https://hooks.example.com/other' } },
  deleteWebhook: { path: { webhookId: 'webhook' } },
  replaceWebhookSecret: { path: { webhookId: 'webhook' } },
  pingWebhook: { path: { webhookId: 'webhook' } },
  listWebhookDeliveries: { path: { webhookId: 'webhook' } },
  retryWebhookDelivery: { path: { webhookId: 'webhook', deliveryId: 'delivery' } },
  downloadFile: { path: { exportId: 'export' } },
  requestLinkMail: { path: { exportId: 'export' } },
  askToSwitchRemindersOff: { path: { companyId: 'company', userId: 'user' } },
  switchRemindersOff: { path: { companyId: 'company', userId: 'user' } },
  getHistory: { query: { planId: 'plan', actionId: 'action', actorId: 'user' } },
  getHistoryFeed: {},
  getCompany: {},
  updateCompany: { body: { name: 'Renamed' } },
  getMe: {},
  updateMe: { body: { name: 'Renamed' } },
  getMyData: {},
  createCalendar: {},
  deleteCalendar: {},
  getCalendar: {},
  listUsers: {},
  getUser: { path: { userId: 'user' } },
  createUser: { body: { email: 'new@example.test', name: 'New', role: 'EMPLOYEE' } },
  updateUser: { path: { userId: 'user' }, body: { name: 'Renamed' } },
  eraseUser: { path: { userId: 'former' } },
  reassignWork: { path: { userId: 'user' }, bodyIds: { toUserId: 'user' }, required: ['toUserId'] },
  listHierarchies: {},
  getHierarchy: { path: { hierarchyId: 'hierarchy' } },
  createHierarchy: { body: { name: 'New area' }, bodyIds: { parentId: 'hierarchy' } },
  updateHierarchy: {
    path: { hierarchyId: 'hierarchy' },
    body: { name: 'Renamed' },
    bodyIds: { parentId: 'hierarchy' },
  },
  deleteHierarchy: { path: { hierarchyId: 'hierarchy' } },
  getLandingPage: {},
  getFavicon: {},
  getFaviconIco: {},
  getHealth: {},
  getOpenApi: {},
  getDocs: {},
  getDocsFile: {},
  getDocsMarkdown: {},
  getLlmsText: {},
}

/** The path with the estate's ids in it; a parameter that takes no id gets a file name. */
export function pathOf({ path, operationId }: Endpoint, estate: Estate): string {
  const kinds = ROWS[operationId]?.path ?? {}
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const kind = kinds[name]
    return kind === undefined ? 'plan.xlsx' : estate[kind]
  })
}

/** A body that would be accepted, with the estate's ids where the body needs them. */
export function bodyOf({ operationId, body }: Endpoint, estate: Estate): Record<string, unknown> | undefined {
  if (body === undefined) return undefined
  const { body: fields = {}, bodyIds = {}, required = [] } = ROWS[operationId] ?? {}
  const ids = required.flatMap((name) => {
    const kind = bodyIds[name]
    return kind === undefined ? [] : [[name, idMember(name, estate[kind])] as const]
  })
  return { ...fields, ...Object.fromEntries(ids) }
}

/** The body or the file that would be accepted. */
export function contentOf(endpoint: Endpoint, estate: Estate): Record<string, unknown> | string | undefined {
  return endpoint.upload === undefined ? bodyOf(endpoint, estate) : ROWS[endpoint.operationId]?.file
}

/** An id as that member takes it. */
export function idMember(name: string, id: string): string | string[] {
  return name.endsWith('Ids') ? [id] : id
}
