/** The entries that a write leaves in the history (platform/history-store.ts stores them). Pure. */
import type { ChangeType } from '../db/enums.ts'
import { ROW_BYTES } from './limits.ts'
import { byteLengthOf, lengthOf } from './text.ts'

/** What changed, by the names of the members that show it, and nothing else. */
export type Changes = Readonly<Record<string, { before: unknown; after: unknown }>>

/** A change of a plan, an action or its notes. An `action.expired` is the clock's, whoever writes it down. */
export interface Entry {
  type: ChangeType
  planId: string
  /** null for a change of the plan itself. */
  actionId: string | null
  /** That of the action or the plan after the change. */
  title: string
  changes: Changes
  /** See the column of the same name in db/schema.ts. */
  readers: string | null
  /** Unix milliseconds; the moment of the write if absent. */
  at?: number
}

const LONGEST_TEXT = 200

/** A text as the history keeps it: at most 200 code points, of which the last is an ellipsis if something was cut. */
function cut(text: string): string {
  if (lengthOf(text) <= LONGEST_TEXT) return text
  return `${Array.from(text)
    .slice(0, LONGEST_TEXT - 1)
    .join('')}…`
}

function kept(value: unknown): unknown {
  return typeof value === 'string' ? cut(value) : value
}

/** The members that differ; both sides have the same members. */
export function changesBetween<Members extends object>(before: Members, after: Members): Changes {
  const earlier = new Map(Object.entries(before))
  return Object.fromEntries(
    Object.entries(after).flatMap(([name, value]: [string, unknown]) =>
      JSON.stringify(value) === JSON.stringify(earlier.get(name))
        ? []
        : [[name, { before: kept(earlier.get(name)), after: kept(value) }]],
    ),
  )
}

/** Bytes that the entry adds to the company's `stored_bytes`; `ENTRY_BYTES` counts the same. */
export function entryBytes({ title, changes, readers }: Entry): number {
  return ROW_BYTES + byteLengthOf(title) + byteLengthOf(JSON.stringify(changes)) + (readers?.length ?? 0)
}
