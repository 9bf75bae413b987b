/** Statements of the sweep about exports. Each is bounded, and two runs at once do no harm. */
import { and, asc, eq, inArray, isNotNull, isNull, lt, lte, not, or, type SQL, sql } from 'drizzle-orm'
import { allOf, isOneOf, select } from '../db/rows.ts'
import { exportFiles, exports } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { announceExports } from '../webhooks/fan-out-store.ts'
import { failureOf } from './failures.ts'
import { HAS_FREE_SLOT, isNotMailed } from './lease-store.ts'
import { dropUnfinished, failedColumns, GIVE_UP_AFTER_MILLISECONDS, owedIfEntitled } from './store.ts'

const PORTION = 50
/** Condition on a row of `exports`: its company is not being moved. */
const STAYS = staysHere(exports.companyId)
const ROWS_KEPT_MILLISECONDS = 30 * 24 * 3600 * 1000

/**
 * Takes exports that are overdue for their next try, that owe an overdue mail about a failure, or that wait although
 * their company has a free slot. Each export is taken by one sweep only.
 */
export function takeOverdue(database: Database, now: number, stuckAfter: number) {
  const isOverdue = lt(exports.nextAttemptAt, now - stuckAfter)
  // Each kind has its own portion, the longest overdue first, so that many exports of one kind or company do not delay
  // the others.
  const portion = (
    condition: SQL | undefined,
    order: typeof exports.nextAttemptAt | typeof exports.waitingSince,
  ) =>
    sql`SELECT id FROM (SELECT ${exports.id} FROM ${exports} WHERE ${condition} AND ${STAYS} ORDER BY ${asc(order)} LIMIT ${PORTION})`
  const isYoung = sql`${exports.requestedAt} > ${now - GIVE_UP_AFTER_MILLISECONDS}`
  const stuck = (status: 'QUEUED' | 'BUILDING' | 'STORED') =>
    portion(
      and(eq(exports.status, status), isOverdue, isYoung, isNull(exports.waitingSince)),
      exports.nextAttemptAt,
    )
  const taken = [
    stuck('QUEUED'),
    stuck('BUILDING'),
    stuck('STORED'),
    portion(and(eq(exports.failureMail, 'OWED'), isOverdue), exports.nextAttemptAt),
    portion(
      and(isNotNull(exports.waitingSince), eq(exports.status, 'QUEUED'), HAS_FREE_SLOT),
      exports.waitingSince,
    ),
  ]
  return database
    .update(exports)
    .set({ nextAttemptAt: now })
    .where(sql`${exports.id} IN (${sql.join(taken, sql` UNION ALL `)})`)
    .returning({ id: exports.id, companyId: exports.companyId })
}

/**
 * Ends exports that are too old for another try, since the provider would no longer drop a second mail with links as a
 * duplicate. Returns those that were not stored, with whether they owe a mail. Exports that a consumer holds are left
 * to it.
 */
export function giveUpOld(database: Database, now: number) {
  const ended = { leaseUntil: null, nextAttemptAt: now }
  const isTooOld = sql`${exports.requestedAt} <= ${now - GIVE_UP_AFTER_MILLISECONDS}
    AND (${exports.leaseUntil} IS NULL OR ${exports.leaseUntil} <= ${now}) AND ${STAYS}`
  return [
    database
      .update(exports)
      .set({ ...failedColumns(failureOf('MAIL_UNDELIVERABLE'), now), ...ended })
      .where(and(eq(exports.status, 'STORED'), isTooOld)),
    database
      .update(exports)
      .set({ ...failedColumns(failureOf('GAVE_UP'), now), ...ended, failureMail: owedIfEntitled })
      .where(and(inArray(exports.status, ['QUEUED', 'BUILDING']), isTooOld))
      .returning({ id: exports.id, companyId: exports.companyId, failureMail: exports.failureMail }),
    // Found by the index of their due times, which are this moment too.
    announceExports(database, allOf([eq(exports.nextAttemptAt, now), STAYS]), 'export.failed', now),
    ...dropUnfinished(database, allOf([eq(exports.finishedAt, now), STAYS])),
  ] as const
}

/** Condition: the retention of the files has ended. One whose links are being mailed is left to who mails them. */
function isOver(now: number) {
  return and(
    inArray(exports.status, ['STORED', 'SENT', 'FAILED']),
    lte(exports.expiresAt, now),
    isNotMailed(now),
    STAYS,
  )
}

/** The files of exports whose retention has ended; an export without files has one row with a null name. */
export function expiredFiles(database: Database, now: number) {
  const expired = database.select({ id: exports.id }).from(exports).where(isOver(now)).limit(PORTION)
  return select(database, { id: exports.id, name: sql<string | null>`${exportFiles.name}` })
    .from(exports)
    .leftJoin(exportFiles, eq(exportFiles.exportId, exports.id))
    .where(inArray(exports.id, expired))
}

/**
 * Marks exports as EXPIRED; must run after their files are deleted. One that was never mailed becomes
 * MAIL_UNDELIVERABLE.
 */
export function markExpired(database: Database, ids: readonly string[], now: number): Statement {
  const { code, detail } = failureOf('MAIL_UNDELIVERABLE')
  const ifUnmailed = (value: string, column: typeof exports.failureCode | typeof exports.failureDetail) =>
    sql`CASE WHEN ${exports.status} = 'STORED' THEN ${value} ELSE ${column} END`
  return database
    .update(exports)
    .set({
      failureCode: ifUnmailed(code, exports.failureCode),
      failureDetail: ifUnmailed(detail, exports.failureDetail),
      status: 'EXPIRED',
      finishedAt: sql`coalesce(${exports.finishedAt}, ${now})`,
      failureMail: null,
      leaseUntil: null,
      revision: sql`${exports.revision} + 1`,
    })
    .where(and(isOneOf(exports.id, ids), isOver(now)))
}

/** Deletes rows of exports 30 days after their files were deleted, or after they failed without files. */
export function deleteOldRows(database: Database, now: number): Statement {
  const before = now - ROWS_KEPT_MILLISECONDS
  return database
    .delete(exports)
    .where(
      and(
        or(
          and(eq(exports.status, 'EXPIRED'), lte(exports.expiresAt, before)),
          and(eq(exports.status, 'FAILED'), isNull(exports.expiresAt), lte(exports.finishedAt, before)),
        ),
        STAYS,
      ),
    )
}

/** Those of these exports that have files or may still get some, and those of companies that are being moved. */
export function exportsWithFiles(database: Database, ids: readonly string[]) {
  return database
    .select({ id: exports.id })
    .from(exports)
    .where(
      and(
        isOneOf(exports.id, ids),
        or(
          inArray(exports.status, ['QUEUED', 'BUILDING', 'STORED', 'SENT']),
          and(eq(exports.status, 'FAILED'), isNotNull(exports.expiresAt)),
          not(STAYS),
        ),
      ),
    )
}

/** Deletes the file rows of those exports that failed before all their volumes were stored. */
export function dropFileRows(database: Database, ids: readonly string[]): Statement {
  const unstored = database
    .select({ id: exports.id })
    .from(exports)
    .where(and(eq(exports.status, 'FAILED'), isNull(exports.expiresAt), isOneOf(exports.id, ids), STAYS))
  return database.delete(exportFiles).where(inArray(exportFiles.exportId, unstored))
}
