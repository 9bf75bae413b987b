/** Removes old entries of the history, a company's oldest first. */
import { eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import { allOf, select } from '../db/rows.ts'
import { companies, history } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import type { Database } from '../platform/database.ts'
import { ENTRY_BYTES } from '../platform/history-store.ts'
import { HISTORY_SHARE } from '../platform/limits.ts'

/** What is not kept. */
export interface Surplus {
  /** Entries that were written down before (Unix milliseconds). */
  before: number
  /** Of a company that stores more bytes, the history beyond its share of them. */
  companyLimit: number
}

/** Condition on a row of `companies`, after so many bytes of its history have gone: it stores too much because of it. */
function isTooLarge(gone: SQL, companyLimit: number): SQL {
  return sql`(${companies.storedBytes} - ${gone} > ${companyLimit}
    AND ${companies.historyBytes} - ${gone} > ${companyLimit * HISTORY_SHARE})`
}

/** A stretch of companies by id, and whether each has entries that are not kept; none has while it is being moved. */
export function companiesAfter(
  database: Database,
  position: string,
  { before, companyLimit }: Surplus,
  limit: number,
) {
  const oldest = sql`(SELECT ${history.recordedAt} FROM ${history} WHERE ${eq(history.companyId, companies.id)}
    ORDER BY ${history.number} LIMIT 1)`
  const hasSurplus = sql<boolean>`(${staysHere(companies.id)}
    AND (coalesce(${oldest} < ${before}, 0) OR ${isTooLarge(sql`0`, companyLimit)}))`
  return select(database, { id: companies.id, hasSurplus: hasSurplus.mapWith(Boolean) })
    .from(companies)
    .where(gt(companies.id, position))
    .orderBy(companies.id)
    .limit(limit)
}

/** Deletes at most `most` entries of the company that are not kept, and returns the number of each. */
export function dropSurplus(
  database: Database,
  companyId: string,
  { before, companyLimit }: Surplus,
  most: number,
) {
  const oldest = sql`SELECT number, recorded_at, coalesce(sum(${ENTRY_BYTES}) OVER (ORDER BY number
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS gone
    FROM (SELECT number, recorded_at, title, changes, readers FROM ${history} WHERE company_id = ${companyId}
      ORDER BY number LIMIT ${most})`
  const surplus = sql`(SELECT oldest.number FROM ${companies} JOIN (${oldest}) AS oldest
    WHERE ${eq(companies.id, companyId)} AND (${lt(sql`oldest.recorded_at`, before)}
      OR ${isTooLarge(sql`oldest.gone`, companyLimit)}))`
  return database
    .delete(history)
    .where(
      allOf([eq(history.companyId, companyId), sql`${history.number} IN ${surplus}`, staysHere(companyId)]),
    )
    .returning({ number: history.number })
}
