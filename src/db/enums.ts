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
] as const
export const LOCALES = ['en', 'es'] as const

export type Role = (typeof ROLES)[number]
export type Visibility = (typeof VISIBILITIES)[number]
export type Status = (typeof STATUSES)[number]
export type Step = (typeof STEPS)[number]
export type ActionType = (typeof ACTION_TYPES)[number]
export type Origin = (typeof ORIGINS)[number]
export type FocusType = (typeof FOCUS_TYPES)[number]
export type ExportStatus = (typeof EXPORT_STATUSES)[number]
export type ExportFailure = (typeof EXPORT_FAILURES)[number]
export type Locale = (typeof LOCALES)[number]
