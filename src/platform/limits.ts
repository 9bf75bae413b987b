/**
 * Every limit on what a company can store. The checks and the OpenAPI document read this table; the README lists the
 * limits too. A write beyond a limit is a 409 with the limit's name. Data that is larger already stays readable and may
 * shrink.
 */
import { Problem, type ProblemCode } from './problem.ts'

const MIB = 1024 * 1024

/** The part of a company's limit that its history may fill; what is beyond that gives way (history/clean-up-store.ts). */
export const HISTORY_SHARE = 1 / 4

interface Limit {
  most: number
  /** What the limit bounds; messages put this text after the number. */
  of: string
  /** Code of the 409. Absent if exceeding the limit is a 400 or 413, or ends a slice early. */
  code?: ProblemCode
}

/** Bytes that `companies.stored_bytes` counts for each row, in addition to the row's texts. */
export const ROW_BYTES = 500

export const LIMITS = {
  actionsPerPlan: { most: 5000, of: 'actions in a plan', code: 'PLAN_FULL' },
  bytesPerPlan: {
    most: 12 * MIB,
    of: 'bytes in a plan: JSON bytes of texts and focus ids, 550 an action, 420 an assignee, 60 an area or focus item',
    code: 'PLAN_FULL',
  },
  notesPerAction: { most: 1000, of: 'notes on an action', code: 'NOTES_FULL' },
  noteBytesPerAction: { most: 2 * MIB, of: 'bytes of notes on an action', code: 'NOTES_FULL' },
  noteBytesPerPlan: { most: 32 * MIB, of: 'bytes of notes in a plan', code: 'NOTES_FULL' },
  actionsPerPortfolio: {
    most: 100_000,
    of: 'actions in an export of the portfolio',
    code: 'PORTFOLIO_TOO_LARGE',
  },
  plansPerPortfolio: {
    most: 100_000,
    of: 'plans in an export of the portfolio',
    code: 'PORTFOLIO_TOO_LARGE',
  },
  keysPerUser: { most: 20, of: 'live access keys of a user', code: 'KEYS_FULL' },
  areasPerCompany: { most: 10_000, of: 'areas in a company', code: 'AREAS_FULL' },
  webhooksPerUser: { most: 10, of: 'webhooks of a user', code: 'WEBHOOKS_FULL' },
  webhooksPerCompany: { most: 50, of: 'webhooks in a company', code: 'WEBHOOKS_FULL' },
  assigneesPerAction: { most: 50, of: 'assignees of an action' },
  areasPerAction: { most: 50, of: 'areas of an action' },
  focusItemsPerAction: { most: 20, of: 'focus items of an action' },
  bytesPerBody: { most: 100 * 1024, of: 'bytes in a JSON body' },
  bytesPerImport: { most: 5 * MIB, of: 'bytes in a file that is imported' },
  actionsPerImport: { most: 2000, of: 'actions in a file that is imported' },
  plansPerImport: { most: 2000, of: 'plans in a file that is imported' },
  notesPerImport: { most: 10_000, of: 'notes in a file that is imported' },
  charactersPerImport: { most: 5 * MIB, of: 'UTF-16 units of text in a workbook that is imported' },
  itemsPerSlice: { most: 100, of: 'items in a slice' },
  entriesPerLook: { most: 10_000, of: 'entries of the history that one call looks at; a page may be short' },
  bytesPerSlice: { most: 12 * MIB, of: 'bytes in a slice, which ends early rather than grow past them' },
} as const satisfies Record<string, Limit>

type StoredLimit = {
  [Name in keyof typeof LIMITS]: (typeof LIMITS)[Name] extends { code: ProblemCode } ? Name : never
}[keyof typeof LIMITS]

/** Name of the limit that the setting COMPANY_MAX_MIB sets. */
const BYTES_PER_COMPANY = 'bytesPerCompany'

/** The possible values of a problem's member `limit`. */
export const LIMIT_NAMES: readonly string[] = [
  ...Object.entries(LIMITS).flatMap(([name, limit]) => ('code' in limit ? [name] : [])),
  BYTES_PER_COMPANY,
]

/** The 409 for a limit that is reached. */
function limitReached(name: StoredLimit): Problem {
  const { most, of, code } = LIMITS[name]
  return new Problem(code, `There can be at most ${most.toLocaleString('en')} ${of}.`, {
    extra: { limit: name },
  })
}

/**
 * The 409 COMPANY_FULL.
 * @param most the limit of the company, in bytes
 */
export function companyFull(most: number): Problem {
  return new Problem(
    'COMPANY_FULL',
    `A company can keep at most ${String(Math.floor(most / MIB))} MiB. Deletions still work.`,
    { extra: { limit: BYTES_PER_COMPANY } },
  )
}

/**
 * Throws the limit's 409 if growth from `now` by `grownBy` would pass it. A change without growth is always allowed.
 */
export function requireRoom(name: StoredLimit, now: number, grownBy: number): void {
  if (grownBy > 0 && now + grownBy > LIMITS[name].most) throw limitReached(name)
}
