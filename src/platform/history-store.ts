/** Stores the entries of the history that a write leaves, in one statement of the write's own batch. */
import { type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { ChangeType, Way } from '../db/enums.ts'
import { eachOf, insertSelect, jsonPieces } from '../db/rows.ts'
import { companies, history } from '../db/schema.ts'
import type { Database } from './database.ts'
import { type Entry, entryBytes } from './history.ts'
import { ROW_BYTES } from './limits.ts'
import { newRowId } from './new-id-store.ts'

/** Entries that a query makes from what is stored before the effects of the write. */
export interface EntrySet {
  query: SQL
  /** Bytes that count when the company's room is checked; 0 for a write that is never refused for lack of room. */
  bytes: number
}

/** What a write leaves, in the order of the numbers. */
export type History = readonly (Entry | EntrySet)[]

/** Who writes, in which company, and by what way; null for the clock. */
export interface Author {
  companyId: string
  /** null for an operator. */
  userId: string | null
  via: Way
}

/** The columns of an entry as expressions, which may refer to the tables of the query. */
interface EntryColumns {
  companyId: string | SQLWrapper
  type: ChangeType
  planId: SQLWrapper
  actionId: SQLWrapper | null
  title: SQLWrapper
  /** JSON text. */
  changes: SQL
  readers: SQL
  /** When it happened, unless that is the moment of the write. */
  at?: SQLWrapper
  /** The two values that the entries are ordered by. */
  order: readonly [SQLWrapper, SQLWrapper]
}

/**
 * Entries made by a query.
 * @param from the SQL after the selected values: FROM and WHERE
 */
export function entriesFrom(columns: EntryColumns, from: SQL, bytes = 0): EntrySet {
  const { companyId, type, planId, actionId, title, changes, readers, at, order } = columns
  const values = [...order, companyId, at ?? null, type, planId, actionId, title, changes, readers]
  return { query: sql`SELECT ${sql.join(each(values), sql`, `)} ${from}`, bytes }
}

function each(values: readonly unknown[]): SQL[] {
  return values.map((value) => (value === null ? sql`NULL` : sql`${value}`))
}

function entriesOf(entries: readonly Entry[], companyId: string | null): SQL {
  const { rows, index, member } = eachOf(
    entries.map((entry) => ({ ...entry, changes: JSON.stringify(entry.changes) })),
  )
  return sql`SELECT ${index}, NULL, ${companyId}, ${member('at')}, ${member('type')}, ${member('planId')},
    ${member('actionId')}, ${member('title')}, ${member('changes')}, ${member('readers')} FROM ${rows}`
}

/** The queries of the parts in their order; entries that follow each other are one query. */
function queriesOf(parts: History, companyId: string | null): SQL[] {
  const queries: SQL[] = []
  let known: Entry[] = []
  const close = () => {
    if (known.length > 0) queries.push(entriesOf(known, companyId))
    known = []
  }
  for (const part of parts) {
    if ('query' in part) {
      close()
      queries.push(part.query)
    } else known.push(part)
  }
  close()
  return queries
}

/** Entries of one statement have about as many characters at most: an import may leave thousands. */
const MOST_CHARACTERS = 400_000

/** The parts in sets for one statement each, of which the next goes on with the numbers. */
export function historySets(parts: History, most = MOST_CHARACTERS): History[] {
  const isLong = parts.length > 1000 && parts.every((part) => !('query' in part))
  return isLong ? jsonPieces(parts, most) : parts.length === 0 ? [] : [parts]
}

/** Bytes that the parts add to the company's `stored_bytes`, as far as they are known. */
export function historyBytes(parts: History): number {
  return parts.reduce((sum, part) => sum + ('query' in part ? part.bytes : entryBytes(part)), 0)
}

/** Bytes of an entry in the company's `stored_bytes`, by its columns; the triggers of migration 0010 count the same. */
export const ENTRY_BYTES = sql`${sql.raw(String(ROW_BYTES))} + length(CAST(title AS BLOB)) + length(CAST(changes AS BLOB))
  + coalesce(length(readers), 0)`

/** Whether the entry is the clock's, whoever writes it down. */
const IS_OF_CLOCK = sql`type = 'action.expired'`

/**
 * The statement that stores the parts, of which there is at least one. It numbers the entries of each company onwards from
 * `companies.history_number`. The last entry of a company has the bytes of all of them, from which a trigger brings the
 * company up to date once (docs/triggers.md). Without an author, all parts are queries for expiries.
 */
export function insertHistory(
  database: Database,
  parts: History,
  { author, now }: { author: Author | null; now: number },
): BatchItem<'sqlite'> {
  const queries = queriesOf(parts, author?.companyId ?? null)
  const numbered = queries.map((query, index) => sql`SELECT ${sql.raw(String(index))}, * FROM (${query})`)
  const ofCompany = sql`PARTITION BY company_id`
  const entries = sql`(SELECT *, row_number() OVER (${ofCompany} ORDER BY part, place, tie) AS step,
      count(*) OVER (${ofCompany}) AS steps,
      sum(${ENTRY_BYTES}) OVER (${ofCompany}) AS bytes
    FROM (WITH parts (part, place, tie, company_id, at, type, plan_id, action_id, title, changes, readers)
      AS (${sql.join(numbered, sql` UNION ALL `)}) SELECT * FROM parts)) AS entry`
  return insertSelect(
    database,
    history,
    {
      companyId: sql`entry.company_id`,
      number: sql`${companies.historyNumber} + step`,
      id: newRowId(now),
      at: sql`coalesce(at, ${now})`,
      recordedAt: now,
      actorId: author ? sql`iif(${IS_OF_CLOCK}, NULL, ${author.userId})` : null,
      via: author ? sql`iif(${IS_OF_CLOCK}, 'CLOCK', ${author.via})` : 'CLOCK',
      type: sql`type`,
      planId: sql`plan_id`,
      actionId: sql`action_id`,
      title: sql`title`,
      changes: sql`changes`,
      readers: sql`readers`,
      batchBytes: sql`CASE WHEN step = steps THEN bytes END`,
    },
    sql`FROM ${entries} JOIN ${companies} ON ${companies.id} = entry.company_id`,
  )
}
