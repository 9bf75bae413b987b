/**
 * Reads the history in the company's order, from a gap between two entries. A row of it is up to two entries: the change
 * itself has the place `2 * number`, the `access.changed` beside it the place after. A gap is named by the place that
 * follows it.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { HistoryType } from '../db/enums.ts'
import { prepared, type RowOf, type Selection } from '../db/rows.ts'
import { companies, history, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS } from '../platform/limits.ts'
import { entryIsReadableBy, isToldOfAccess } from './readable-store.ts'

export interface EntryFilter {
  planId: string | null
  actionId: string | null
  actorId: string | null
  type: HistoryType | null
  /** Unix milliseconds; `since` <= at < `until`. */
  since: number | null
  until: number | null
}

/** Whose entries, from which number on, and the most rows of them. */
interface Walk {
  companyId: string
  userId: string
  /** The first number to look at. */
  number: number
  rows: number
}

/** How far the company's history reaches. */
const EXTENT = { last: companies.historyNumber, floor: companies.historyFloor }

export const historyExtent = prepared(
  ['companyId'],
  () => EXTENT,
  ({ companyId }: { companyId: string }, columns) =>
    sql`SELECT ${columns} FROM ${companies} WHERE ${eq(companies.id, companyId)}`,
)

// The columns are those of the rows looked at, which bear the name of their table.
const entry = (isMain: SQL, isTold: SQL) => ({
  number: history.number,
  id: history.id,
  at: history.at,
  actorId: history.actorId,
  actorName: sql<string | null>`(SELECT ${users.name} FROM ${users} WHERE ${eq(users.id, history.actorId)})`,
  via: history.via,
  type: history.type,
  planId: history.planId,
  actionId: history.actionId,
  title: history.title,
  changes: history.changes,
  /** Whether the caller is shown the change itself. */
  isMain: sql<boolean>`${isMain}`.mapWith(Boolean),
  /** Whether the caller is shown the `access.changed` beside it. */
  isTold: sql<boolean>`${isTold}`.mapWith(Boolean),
  /** null; in the row after the last entry, how many were looked at. */
  lookedAt: sql<number | null>`NULL`,
})

/** A row of the history that the caller is shown at least a part of. */
export type FoundEntry = RowOf<ReturnType<typeof entry>>

/** The rows of a walk. */
export interface Found {
  entries: FoundEntry[]
  /** How the look ended; null if it found as many rows as it may. */
  end: {
    /** Number of the last row that was looked at; null if there was none. */
    number: number | null
    /** Whether there may be more beyond. */
    isEarly: boolean
  } | null
}

/** What `historyRows` or `feedRows` gave. */
export function foundIn(rows: readonly FoundEntry[]): Found {
  const last = rows.findLast(({ lookedAt }) => lookedAt !== null)
  if (!last) return { entries: [...rows], end: null }
  const isEarly = last.lookedAt === LIMITS.entriesPerLook.most
  // Of no rows, the number is NULL.
  return { entries: rows.slice(0, -1), end: { number: last.lookedAt === 0 ? null : last.number, isEarly } }
}

interface Source {
  /** The index to walk, as SQL; empty for the key. */
  index: SQL
  /** The conditions on the rows to walk, besides the number from which on. */
  owner: SQL
  isBackwards: boolean
}

/**
 * Rows that are shown, then a row that says how the look ended, unless `rows` are found before. Both parts stop early:
 * the rows are filtered while they are walked, and the second part, which walks them again, is not begun then.
 * @param computed columns that are computed of each row looked at
 */
function walkOf(
  selection: Selection,
  columns: SQL,
  { number, rows }: Walk,
  { index, owner, isBackwards }: Source,
  computed: SQL,
  isShown: SQL,
): SQL {
  const [beyond, order, end] = isBackwards ? ['<=', 'DESC', 'min'] : ['>=', 'ASC', 'max']
  const looked = (what: SQL) => sql`(SELECT ${what} FROM ${history} ${index}
    WHERE ${owner} AND ${history.number} ${sql.raw(beyond)} ${number}
    ORDER BY ${history.number} ${sql.raw(order)} LIMIT ${sql.raw(String(LIMITS.entriesPerLook.most))})`
  const ending = Object.keys(selection).map((name) =>
    name === 'number' ? sql`${sql.raw(end)}(number)` : name === 'lookedAt' ? sql`count(*)` : sql`NULL`,
  )
  return sql`SELECT ${columns} FROM ${looked(sql`${history}.*, ${computed}`)} AS history WHERE ${isShown}
    UNION ALL SELECT ${sql.join(ending, sql`, `)} FROM ${looked(sql`number`)}
    LIMIT ${rows}`
}

const OF_COMPANY = (companyId: string): SQL => sql`${eq(history.companyId, companyId)}`

/** All entries of the company that the user may read, or is told of, oldest first. */
export const feedRows = prepared(
  ['companyId', 'userId', 'number', 'rows'],
  () => entry(sql`is_readable`, sql`is_told`),
  (walk: Walk, columns) =>
    walkOf(
      entry(sql`1`, sql`1`),
      columns,
      walk,
      { index: sql``, owner: OF_COMPANY(walk.companyId), isBackwards: false },
      sql`${entryIsReadableBy(walk.userId)} AS is_readable, ${isToldOfAccess(walk.userId)} AS is_told`,
      sql`(is_told OR is_readable)`,
    ),
)

type FilteredWalk = Walk & EntryFilter

const WALK = ['companyId', 'userId', 'number', 'rows'] as const
const FILTER = ['planId', 'actionId', 'actorId', 'type', 'since', 'until'] as const

/** Condition on a row of `history`: it meets every filter that is given. A filter that is not given is NULL. */
function meets({ planId, actionId, actorId, type, since, until, userId }: FilteredWalk): SQL {
  const wanted = sql`CASE ${type} WHEN 'access.changed' THEN ${isToldOfAccess(userId)}
    ELSE coalesce(${history.type} = ${type}, 1) END`
  return sql`(${planId} IS NULL OR ${history.planId} = ${planId})
    AND (${actionId} IS NULL OR ${history.actionId} = ${actionId})
    AND (${actorId} IS NULL OR ${history.actorId} = ${actorId})
    AND coalesce(${history.at} >= ${since}, 1) AND coalesce(${history.at} < ${until}, 1) AND ${wanted}`
}

/** The rows that meet the filter, newest first, by way of one index. */
function filteredRows(sourceOf: (walk: FilteredWalk) => Omit<Source, 'isBackwards'>) {
  const selected = ({ type }: FilteredWalk) =>
    entry(
      sql`is_readable AND ${type} IS NOT 'access.changed'`,
      sql`is_readable AND is_told AND coalesce(${type}, 'access.changed') = 'access.changed'`,
    )
  return prepared([...WALK, ...FILTER], selected, (walk: FilteredWalk, columns) => {
    const { index, owner } = sourceOf(walk)
    return walkOf(
      selected(walk),
      columns,
      walk,
      { index, owner: sql`${owner} AND ${history.number} >= ${firstSince(walk)}`, isBackwards: true },
      // CASE, since AND would look up who may read of every row.
      sql`CASE WHEN ${meets(walk)} THEN ${entryIsReadableBy(walk.userId)} ELSE 0 END AS is_readable,
        ${isToldOfAccess(walk.userId)} AS is_told`,
      sql`is_readable`,
    )
  })
}

/** No two writes are numbered in another order than they began in if more than five minutes lie between them. */
const DISORDER = 300_000

/**
 * The first number that an entry with `at` >= `since` may have, as an expression; 0 without `since`. It is found by halving,
 * since entries are written down in the order of their numbers, and no earlier than what they tell of happened.
 */
function firstSince({ companyId, since }: FilteredWalk): SQL {
  const middle = sql`(low + high) / 2`
  const isEarlier = sql`coalesce(${history.recordedAt} < ${since} - ${sql.raw(String(DISORDER))}, 0)`
  return sql`CASE WHEN ${since} IS NULL THEN 0 ELSE (WITH RECURSIVE halves (low, high) AS (
      SELECT ${companies.historyFloor} + 1, ${companies.historyNumber} + 1 FROM ${companies}
        WHERE ${eq(companies.id, companyId)}
      UNION ALL SELECT iif(${isEarlier}, ${middle} + 1, low), iif(${isEarlier}, high, ${middle})
        FROM halves LEFT JOIN ${history} ON ${eq(history.companyId, companyId)} AND ${history.number} = ${middle}
        WHERE low < high)
    SELECT max(low) FROM halves) END`
}

/**
 * Condition for the walk of an index that begins with `column`: entries of `id`. All entries of one id are of one
 * company; of another company, none is looked at, since a search for NULL finds nothing.
 */
function ofOwn(column: SQL, index: SQL, id: string | null, companyId: string): SQL {
  return sql`${column} = (SELECT CASE WHEN company_id = ${companyId} THEN ${id} END FROM ${history} ${index}
    WHERE ${column} = ${id} ORDER BY number DESC LIMIT 1)`
}

const byAction = filteredRows(({ actionId, companyId }) => {
  const index = sql`INDEXED BY history_by_action`
  return { index, owner: ofOwn(sql`action_id`, index, actionId, companyId) }
})
const byPlan = filteredRows(({ planId, companyId }) => {
  const index = sql`INDEXED BY history_by_plan`
  return { index, owner: ofOwn(sql`plan_id`, index, planId, companyId) }
})
const byActor = filteredRows(({ actorId, companyId }) => {
  const index = sql`INDEXED BY history_by_actor`
  return { index, owner: ofOwn(sql`actor_id`, index, actorId, companyId) }
})
const byNumber = filteredRows(({ companyId }) => ({ index: sql``, owner: OF_COMPANY(companyId) }))

/** The entries that the user may read and that meet the filter, newest first. */
export function historyRows(database: Database, walk: FilteredWalk) {
  const { actionId, planId, actorId } = walk
  const way = actionId !== null ? byAction : planId !== null ? byPlan : actorId !== null ? byActor : byNumber
  return way(database, walk)
}
