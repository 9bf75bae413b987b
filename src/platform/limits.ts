/**
 * Every limit on what a company can store, once: checked from here, documented from here (OpenAPI), and listed in the
 * README. A write beyond one is a 409 with the limit's name; what is larger already stays readable and may shrink.
 */
import { Problem, type ProblemCode } from './problem.ts'

const MIB = 1024 * 1024

interface Limit {
  most: number
  /** What it bounds, to be read after the number. */
  of: string
  /** Of the 409; none where a 400 or 413 says so, or a slice ends early. */
  code?: ProblemCode
}

/** Bytes that a company's `stored_bytes` reckons for a row besides its texts. */
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
  areasPerCompany: { most: 10_000, of: 'areas in a company', code: 'AREAS_FULL' },
  assigneesPerAction: { most: 50, of: 'assignees of an action' },
  areasPerAction: { most: 50, of: 'areas of an action' },
  focusItemsPerAction: { most: 20, of: 'focus items of an action' },
  bytesPerBody: { most: 100 * 1024, of: 'bytes in a JSON body' },
  itemsPerSlice: { most: 100, of: 'items in a slice' },
  bytesPerSlice: { most: 12 * MIB, of: 'bytes in a slice, which ends early rather than grow past them' },
} as const satisfies Record<string, Limit>

type StoredLimit = {
  [Name in keyof typeof LIMITS]: (typeof LIMITS)[Name] extends { code: ProblemCode } ? Name : never
}[keyof typeof LIMITS]

/** Bounded by the setting COMPANY_MAX_MIB. */
const BYTES_PER_COMPANY = 'bytesPerCompany'

/** What a problem's `limit` can be. */
export const LIMIT_NAMES: readonly string[] = [
  ...Object.entries(LIMITS).flatMap(([name, limit]) => ('code' in limit ? [name] : [])),
  BYTES_PER_COMPANY,
]

/** The 409 of that limit. */
function limitReached(name: StoredLimit): Problem {
  const { most, of, code } = LIMITS[name]
  return new Problem(code, `There can be at most ${most.toLocaleString('en')} ${of}.`, {
    extra: { limit: name },
  })
}

/** The 409 of a company that holds as much as it may; `most` in bytes. */
export function companyFull(most: number): Problem {
  return new Problem(
    'COMPANY_FULL',
    `A company can keep at most ${String(Math.floor(most / MIB))} MiB. Deletions still work.`,
    { extra: { limit: BYTES_PER_COMPANY } },
  )
}

/** 409 if `grownBy` more would go beyond the limit; what shrinks or stays may be as large as it is. */
export function requireRoom(name: StoredLimit, now: number, grownBy: number): void {
  if (grownBy > 0 && now + grownBy > LIMITS[name].most) throw limitReached(name)
}
