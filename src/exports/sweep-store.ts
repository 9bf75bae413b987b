/** What the sweep reads and writes about exports. Every statement is bounded and safe to run twice at once. */
import { and, eq, inArray, lte, or, type SQL, sql } from 'drizzle-orm'
import { exportFiles, exports } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import {
  dropUnfinished,
  GIVE_UP_AFTER_MILLISECONDS,
  hasFreeSlot,
  MAIL_UNDELIVERABLE,
  owedIfEntitled,
} from './store.ts'

const PORTION = 50
const ROWS_KEPT_MILLISECONDS = 30 * 24 * 3600 * 1000

/**
 * Takes exports whose next try is overdue, or whose mail about a failure is, each for one sweep only; and those that wait
 * for a slot that is free.
 */
export function takeOverdue(database: Database, now: number, stuckAfter: number) {
  const overdue = sql`next_attempt_at < ${now - stuckAfter}`
  // The longest overdue of each kind, so that many of one kind, or of one company, do not keep the others back.
  const portion = (condition: SQL, order: SQL) =>
    sql`SELECT id FROM (SELECT id FROM exports WHERE ${condition} ORDER BY ${order} LIMIT ${PORTION})`
  const young = sql`requested_at > ${now - GIVE_UP_AFTER_MILLISECONDS}`
  const stuck = (status: string) =>
    portion(
      sql`status = ${status} AND ${overdue} AND ${young} AND waiting_since IS NULL`,
      sql`next_attempt_at`,
    )
  return database.all<{ id: string }>(sql`
    UPDATE exports SET next_attempt_at = ${now} WHERE id IN (
      ${stuck('QUEUED')} UNION ALL ${stuck('BUILDING')} UNION ALL ${stuck('STORED')}
      UNION ALL ${portion(sql`failure_mail = 'OWED' AND ${overdue}`, sql`next_attempt_at`)}
      UNION ALL ${portion(
        sql`waiting_since IS NOT NULL AND status = 'QUEUED' AND ${hasFreeSlot(sql`exports.company_id`)}`,
        sql`waiting_since`,
      )})
    RETURNING id`)
}

/**
 * Ends what is too old to be tried again and names what owes a mail for it: the provider would no longer recognise a
 * second link mail as the same. What somebody is at is left to him.
 */
export function giveUpOld(database: Database, now: number) {
  const end = (failure: { code: string; detail: string }) => ({
    status: 'FAILED' as const,
    failureCode: failure.code,
    failureDetail: failure.detail,
    finishedAt: now,
    leaseUntil: null,
    nextAttemptAt: now,
    revision: sql`${exports.revision} + 1`,
  })
  const tooOld = sql`requested_at <= ${now - GIVE_UP_AFTER_MILLISECONDS}
    AND (lease_until IS NULL OR lease_until <= ${now})`
  return [
    database
      .update(exports)
      .set(end(MAIL_UNDELIVERABLE))
      .where(and(eq(exports.status, 'STORED'), tooOld)),
    database
      .update(exports)
      .set({
        ...end({ code: 'GAVE_UP', detail: 'The export could not be made in time.' }),
        failureMail: owedIfEntitled,
      })
      .where(and(inArray(exports.status, ['QUEUED', 'BUILDING']), tooOld))
      .returning({ id: exports.id, failureMail: exports.failureMail }),
    ...dropUnfinished(database, sql`SELECT id FROM exports WHERE status = 'FAILED' AND finished_at = ${now}`),
  ] as const
}

/** Finished exports whose files have been kept long enough, with the files' names. */
export function expiredFiles(database: Database, now: number) {
  return database.all<{ id: string; name: string | null }>(sql`
    SELECT e.id AS id, f.name AS name
    FROM (SELECT id FROM exports WHERE status IN ('STORED', 'SENT', 'FAILED') AND expires_at <= ${now}
      LIMIT ${PORTION}) e
    LEFT JOIN export_files f ON f.export_id = e.id`)
}

/** Only after their files are deleted. One that was never mailed says so. */
export function markExpired(database: Database, ids: readonly string[], now: number): Statement {
  return database.run(sql`UPDATE exports SET
      failure_code = CASE WHEN status = 'STORED' THEN ${MAIL_UNDELIVERABLE.code} ELSE failure_code END,
      failure_detail = CASE WHEN status = 'STORED' THEN ${MAIL_UNDELIVERABLE.detail} ELSE failure_detail END,
      status = 'EXPIRED', finished_at = coalesce(finished_at, ${now}), failure_mail = NULL, lease_until = NULL,
      revision = revision + 1
    WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND status IN ('STORED', 'SENT', 'FAILED')`)
}

/** Rows go 30 days after their files, or after they ended without any. */
export function deleteOldRows(database: Database, now: number): Statement {
  const before = now - ROWS_KEPT_MILLISECONDS
  return database
    .delete(exports)
    .where(
      or(
        and(eq(exports.status, 'EXPIRED'), lte(exports.expiresAt, before)),
        and(eq(exports.status, 'FAILED'), sql`${exports.expiresAt} IS NULL`, lte(exports.finishedAt, before)),
      ),
    )
}

/** Which of these exports keep files, or are about to. */
export function exportsWithFiles(database: Database, ids: readonly string[]) {
  return database.all<{ id: string }>(sql`
    SELECT id FROM exports WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))
      AND (status IN ('QUEUED', 'BUILDING', 'STORED', 'SENT') OR (status = 'FAILED' AND expires_at IS NOT NULL))`)
}

/** A failed export that never came to be stored keeps no rows of files either. */
export function dropFileRows(database: Database, ids: readonly string[]): Statement {
  return database.delete(exportFiles).where(
    sql`${exportFiles.exportId} IN (SELECT id FROM exports WHERE status = 'FAILED' AND expires_at IS NULL
        AND id IN (SELECT value FROM json_each(${JSON.stringify(ids)})))`,
  )
}
