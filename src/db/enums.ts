/** Every closed list of values in the product. Columns, schemas, OpenAPI and types are derived from these lists. */
export const ROLES = ['ADMIN', 'MANAGER', 'EMPLOYEE'] as const
/** The roles of company managers. */
export const MANAGER_ROLES = ['ADMIN', 'MANAGER'] as const satisfies readonly Role[]
export const VISIBILITIES = ['PUBLIC', 'PRIVATE'] as const
export const STATUSES = ['NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'EXPIRED'] as const
/** The statuses that a caller may ask for. EXPIRED is missing, because only the clock sets it. */
export const STEPS = [
  'IN_PROGRESS',
  'COMPLETED',
  'CANCELLED',
  'NOT_STARTED',
] as const satisfies readonly Status[]
export const ACTION_TYPES = ['MANAGER', 'COMPANY'] as const
export const ORIGINS = ['MANUAL', 'SUGGESTION', 'AI'] as const
export const FOCUS_TYPES = ['SCORE', 'HI', 'ENPS'] as const
export const EXPORT_KINDS = ['PLAN', 'PORTFOLIO'] as const
export const EXPORT_STATUSES = ['QUEUED', 'BUILDING', 'STORED', 'SENT', 'FAILED', 'EXPIRED'] as const
export const EXPORT_FAILURES = [
  'PLAN_DELETED',
  'REQUESTER_INACTIVE',
  'ACCESS_LOST',
  'QUEUE_UNAVAILABLE',
  'BUILD_FAILED',
  'GAVE_UP',
  'MAIL_REFUSED',
  'MAIL_UNDELIVERABLE',
  'PERSON_ERASED',
] as const
/** The colour of workbooks and mails of a company that has not chosen one. */
export const DEFAULT_ACCENT_COLOR = '#1d4ed8'
export const LOCALES = ['en', 'es'] as const
/** What an access key may do: READ allows GET and HEAD. */
export const KEY_SCOPES = ['READ', 'WRITE'] as const
/** By what way a change came about. CLOCK: an expiry was stored. */
export const WAYS = ['SESSION', 'KEY', 'CLOCK', 'OPERATOR', 'IMPORT'] as const
/** The kinds of entries that a change writes into the history. */
export const CHANGE_TYPES = [
  'plan.created',
  'plan.updated',
  'plan.deleted',
  'action.created',
  'action.updated',
  'action.moved',
  'action.status_changed',
  'action.expired',
  'action.deleted',
  'note.added',
  'note.deleted',
] as const
/** All kinds of entries. `access.changed` is no row of its own: it is shown beside the change that it follows from. */
export const HISTORY_TYPES = [...CHANGE_TYPES, 'access.changed'] as const
/** What a webhook may be sent. `webhook.ping` is sent on request only. */
export const EVENT_TYPES = [...HISTORY_TYPES, 'export.sent', 'export.failed'] as const
export const DELIVERY_TYPES = [...EVENT_TYPES, 'webhook.ping'] as const
export const DELIVERY_STATUSES = ['PENDING', 'DELIVERED', 'FAILED'] as const

export type Role = (typeof ROLES)[number]
export type Visibility = (typeof VISIBILITIES)[number]
export type Status = (typeof STATUSES)[number]
export type Step = (typeof STEPS)[number]
export type ActionType = (typeof ACTION_TYPES)[number]
export type Origin = (typeof ORIGINS)[number]
export type FocusType = (typeof FOCUS_TYPES)[number]
export type ExportKind = (typeof EXPORT_KINDS)[number]
export type ExportStatus = (typeof EXPORT_STATUSES)[number]
export type ExportFailure = (typeof EXPORT_FAILURES)[number]
export type Locale = (typeof LOCALES)[number]
export type KeyScope = (typeof KEY_SCOPES)[number]
export type Way = (typeof WAYS)[number]
export type ChangeType = (typeof CHANGE_TYPES)[number]
export type HistoryType = (typeof HISTORY_TYPES)[number]
export type EventType = (typeof EVENT_TYPES)[number]
export type DeliveryType = (typeof DELIVERY_TYPES)[number]
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** On the way to the named database, on the way from it, or there. */
export const PLACE_STATES = ['LEAVING', 'ARRIVING', 'ELSEWHERE'] as const
