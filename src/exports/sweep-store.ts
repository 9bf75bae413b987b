/** What the sweep reads and writes about exports. Every statement is bounded and safe to run twice at once. */
import { and, eq, inArray, lte, or, sql } from 'drizzle-orm'
import { exportFiles, exports } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { GIVE_UP_AFTER_MILLISECONDS, owedIfEntitled } from './store.ts'

const PORTION = 50
const ROWS_KEPT_MILLISECONDS = 30 * 24 * 3600 * 1000

/** Takes exports whose next try is overdue, each for one sweep only, and names them. */
export function takeOverdue(database: Database, now: number, stuckAfter: number) {
  return database.all<{ id: string }>(sql`
    UPDATE exports SET next_attempt_at = ${now} WHERE id IN (
      SELECT id FROM exports WHERE status IN ('QUEUED', 'BUILDING', 'STORED')
        AND next_attempt_at < ${now - stuckAfter} AND requested_at > ${now - GIVE_UP_AFTER_MILLISECONDS}
      ORDER BY next_attempt_at LIMIT ${PORTION})
    RETURNING id`)
}

/** Ends what is too old to be tried again; the provider would no longer recognise a second mail as the same. */
export function giveUpOld(database: Database, now: number): Statement[] {
  const end = (detail: string, code: string) => ({
    status: 'FAILED' as const,
    failureCode: code,
    failureDetail: detail,
    finishedAt: now,
    leaseUntil: null,
    revision: sql`${exports.revision} + 1`,
  })
  const tooOld = lte(exports.requestedAt, now - GIVE_UP_AFTER_MILLISECONDS)
  return [
    database
      .update(exports)
      .set(end('The mail could not be delivered in time.', 'MAIL_UNDELIVERABLE'))
      .where(and(eq(exports.status, 'STORED'), tooOld)),
    database
      .update(exports)
      .set({ ...end('The export could not be made in time.', 'GAVE_UP'), failureMail: owedIfEntitled })
      .where(and(inArray(exports.status, ['QUEUED', 'BUILDING']), tooOld)),
    database.run(sql`DELETE FROM export_actions WHERE export_id IN
      (SELECT id FROM exports WHERE status = 'FAILED' AND finished_at >= ${now - 24 * 3600 * 1000})`),
  ]
}

/** Failures whose mail is owed and still in time to be sent once. */
export function owedFailureMails(database: Database, now: number) {
  return database.all<{ id: string; locale: 'en' | 'es'; planTitle: string; email: string }>(sql`
    SELECT e.id AS id, e.locale AS locale, e.plan_title AS planTitle, u.email AS email
    FROM exports e JOIN users u ON u.id = e.requested_by
    WHERE e.failure_mail = 'OWED' AND e.finished_at > ${now - GIVE_UP_AFTER_MILLISECONDS} AND u.active = 1
    LIMIT ${PORTION}`)
}

/** Finished exports whose files have been kept long enough, with the files' names. */
export function expiredFiles(database: Database, now: number) {
  return database.all<{ id: string; name: string | null }>(sql`
    SELECT e.id AS id, f.name AS name
    FROM (SELECT id FROM exports WHERE status IN ('STORED', 'SENT', 'FAILED') AND expires_at <= ${now}
      LIMIT ${PORTION}) e
    LEFT JOIN export_files f ON f.export_id = e.id`)
}

/** Only after their files are deleted. */
export function markExpired(database: Database, ids: readonly string[]): Statement {
  return database.run(sql`UPDATE exports SET status = 'EXPIRED', failure_mail = NULL, revision = revision + 1
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
  return database
    .delete(exportFiles)
    .where(sql`${exportFiles.exportId} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`)
}
