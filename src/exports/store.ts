/** Exports in D1: requested, read, claimed, frozen, finished. */
import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Visibility } from '../db/enums.ts'
import { exportFiles, exports } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'

export type StoredExport = typeof exports.$inferSelect
export type StoredFile = Omit<typeof exportFiles.$inferSelect, 'exportId'>

const HOUR = 3600 * 1000

/** After this an export is given up: the provider's deduplication of mails holds 24 h. */
export const GIVE_UP_AFTER_MILLISECONDS = 20 * HOUR

export function planToExport(database: Database, companyId: string, planId: string) {
  return database.all<{ id: string; title: string; visibility: Visibility; created_by: string | null }>(
    sql`SELECT id, title, visibility, created_by FROM plans WHERE id = ${planId} AND company_id = ${companyId}`,
  )
}

/** Holds while the user may still read the plan. */
export function planIsReadable(planId: string, userId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM plans WHERE id = ${planId} AND audience IN ('*', ${userId}))`
}

export function insertExport(
  database: Database,
  request: Pick<
    StoredExport,
    'id' | 'companyId' | 'planId' | 'planTitle' | 'requestedBy' | 'locale' | 'requestedAt'
  >,
): Statement {
  return database.insert(exports).values({ ...request, status: 'QUEUED', nextAttemptAt: request.requestedAt })
}

/** One export of the company with its files in order. */
export function exportById(database: Database, exportId: string, companyId: string | null) {
  const ofCompany = companyId === null ? undefined : eq(exports.companyId, companyId)
  return [
    database
      .select()
      .from(exports)
      .where(and(eq(exports.id, exportId), ofCompany)),
    database
      .select()
      .from(exportFiles)
      .where(eq(exportFiles.exportId, exportId))
      .orderBy(exportFiles.position),
  ] as const
}

/** A page of a user's exports, newest first, their files and their number. */
export function exportPage(database: Database, userId: string, { from, limit }: Slice) {
  const page = database
    .select({ id: exports.id })
    .from(exports)
    .where(eq(exports.requestedBy, userId))
    .orderBy(desc(exports.requestedAt), desc(exports.id))
    .limit(limit)
    .offset(from)
  return [
    database.all<{ total: number }>(
      sql`SELECT count(*) AS total FROM exports WHERE requested_by = ${userId}`,
    ),
    database
      .select()
      .from(exports)
      .where(inArray(exports.id, sql`(SELECT id FROM (${page}))`))
      .orderBy(desc(exports.requestedAt), desc(exports.id)),
    database
      .select()
      .from(exportFiles)
      .where(inArray(exportFiles.exportId, sql`(SELECT id FROM (${page}))`))
      .orderBy(exportFiles.position),
  ] as const
}

/** Who asked for an export and what he or she may do now; no row when the user is gone. */
export function requesterOf(database: Database, exportId: string) {
  return database.all<{
    email: string
    name: string
    may_export: number
    plan_exists: number
    may_read: number
  }>(sql`
    SELECT u.email, u.name, u.active = 1 AND u.role <> 'EMPLOYEE' AS may_export,
      EXISTS (SELECT 1 FROM plans p WHERE p.id = e.plan_id) AS plan_exists,
      EXISTS (SELECT 1 FROM plans p WHERE p.id = e.plan_id AND p.audience IN ('*', u.id)) AS may_read
    FROM exports e JOIN users u ON u.id = e.requested_by WHERE e.id = ${exportId}`)
}

export interface Failure {
  code: string
  detail: string
}

/** `if-entitled`: a mail about it is owed to a requester who is active and may still read the plan. */
export type FailureMail = 'none' | 'if-entitled'

const UNFINISHED = ['QUEUED', 'BUILDING', 'STORED'] as const

/** How long a consumer that works on an export is believed alive; longer than the mail provider may take. */
const LEASE_MILLISECONDS = 20 * 1000

/** A message this little early is its own. */
const SLACK_MILLISECONDS = 1000

/** So many exports of one company may lie frozen at once; further ones wait as QUEUED. */
const MOST_FROZEN = 3

/** Holds while another export of the company may be frozen. */
export function hasFreeSlot(companyId: SQL): SQL {
  return sql`(SELECT count(*) FROM exports o WHERE o.status = 'BUILDING' AND o.company_id = ${companyId}) < ${MOST_FROZEN}`
}

/** Whether the company has a free slot, as 1 or 0. */
export function slotsOf(database: Database, companyId: string) {
  return database.all<{ free: number }>(sql`SELECT ${hasFreeSlot(sql`${companyId}`)} AS free`)
}

/** Exports that wait for the company's free slots, as many as there are slots, the oldest first. */
export function waitingExports(database: Database, companyId: string) {
  return database.all<{ id: string }>(sql`
    SELECT id FROM exports WHERE company_id = ${companyId} AND waiting_since IS NOT NULL AND status = 'QUEUED'
      AND ${hasFreeSlot(sql`exports.company_id`)}
    ORDER BY requested_at LIMIT ${MOST_FROZEN}`)
}

/** Notes that an export waits for a slot: whoever frees one, or the sweep, sends it a message. */
export function markWaiting(database: Database, exportId: string, now: number): Statement {
  return database
    .update(exports)
    .set({ waitingSince: now })
    .where(and(eq(exports.id, exportId), eq(exports.status, 'QUEUED')))
}

/** After so many builds in a row that ended without a word, whatever builds it is believed to die of it. */
export const MOST_SILENT_TRIES = 5

/**
 * Takes an export up, if it has work left that is due, nobody is at it, and its company has a slot for it. The row
 * comes back with `lease`, which tells this holder from a later one; none when it is not to be had now.
 */
export function takeUp(database: Database, exportId: string, now: number) {
  const lease = now + LEASE_MILLISECONDS
  return database.all<{ lease: number; silent_tries: number }>(sql`
    UPDATE exports SET attempts = attempts + 1, waiting_since = NULL, lease_until = ${lease},
      next_attempt_at = ${lease}
    WHERE id = ${exportId} AND (status IN ('QUEUED', 'BUILDING', 'STORED') OR failure_mail = 'OWED')
      AND (lease_until IS NULL OR lease_until <= ${now}) AND next_attempt_at <= ${now + SLACK_MILLISECONDS}
      AND (status <> 'QUEUED' OR ${hasFreeSlot(sql`exports.company_id`)})
    RETURNING lease_until AS lease, silent_tries`)
}

/** Holds on to it for longer; the new lease, none if it is another holder's by now. */
export function prolongLease(database: Database, exportId: string, lease: number, now: number) {
  const until = now + LEASE_MILLISECONDS
  return database.all<{ lease: number }>(sql`
    UPDATE exports SET lease_until = ${until}, next_attempt_at = ${until}
    WHERE id = ${exportId} AND lease_until = ${lease} RETURNING lease_until AS lease`)
}

/** Gives back what could not be frozen since its company had no slot for it: that was no try. */
export function giveBackUntried(database: Database, exportId: string, lease: number, now: number): Statement {
  return database
    .update(exports)
    .set({
      attempts: sql`${exports.attempts} - 1`,
      waitingSince: now,
      leaseUntil: null,
      nextAttemptAt: now,
    })
    .where(and(eq(exports.id, exportId), eq(exports.leaseUntil, lease)))
}

/** How long somebody else is still believed to be at it; 0 when nobody is. */
export function heldForSeconds(row: Pick<StoredExport, 'leaseUntil'> | undefined, now: number): number {
  return Math.max(0, Math.ceil(((row?.leaseUntil ?? now) - now) / 1000))
}

/** Gives it back for a later try, if it is still this holder's; `mailTries` is how often a mail was not taken. */
export function putDown(
  database: Database,
  exportId: string,
  lease: number,
  nextAttemptAt: number,
  mailTries: number | null,
): Statement {
  return database
    .update(exports)
    .set({ nextAttemptAt, leaseUntil: null, silentTries: 0, ...(mailTries === null ? {} : { mailTries }) })
    .where(and(eq(exports.id, exportId), eq(exports.leaseUntil, lease)))
}

/**
 * Ends an export that has not ended and that nobody else is at (`lease` is the caller's own, if it has one). Files
 * that were never complete go with it; stored ones stay.
 */
export function failExport(
  database: Database,
  exportId: string,
  failure: Failure,
  mail: FailureMail,
  now: number,
  lease: number | null = null,
): [Statement, ...Statement[]] {
  return [
    database
      .update(exports)
      .set({
        status: 'FAILED',
        failureCode: failure.code,
        failureDetail: failure.detail,
        failureMail: mail === 'none' ? null : owedIfEntitled,
        finishedAt: now,
        silentTries: 0,
        revision: sql`${exports.revision} + 1`,
        ...(lease === null ? { leaseUntil: null, nextAttemptAt: now } : {}),
      })
      .where(
        and(
          eq(exports.id, exportId),
          inArray(exports.status, UNFINISHED),
          sql`(lease_until IS NULL OR lease_until <= ${now} OR lease_until = ${lease})`,
        ),
      ),
    ...dropUnfinished(database, sql`SELECT ${exportId}`),
  ]
}

/** Drops what failed exports among `ids` had frozen and built but never stored as a whole. */
export function dropUnfinished(database: Database, ids: SQL): Statement[] {
  const failed = sql`SELECT id FROM exports WHERE id IN (${ids}) AND status = 'FAILED'`
  return [
    ...dropCopies(database, failed),
    database.run(sql`DELETE FROM export_files WHERE export_id IN (${failed} AND expires_at IS NULL)`),
  ]
}

/** Drops what was frozen for these exports; the notes go with their actions. */
export function dropCopies(database: Database, ids: SQL): Statement[] {
  return [
    database.run(sql`DELETE FROM export_actions WHERE export_id IN (${ids})`),
    database.run(sql`DELETE FROM export_areas WHERE export_id IN (${ids})`),
  ]
}

export const owedIfEntitled = sql`(SELECT 'OWED' FROM users u JOIN plans p ON p.id = exports.plan_id
  WHERE u.id = exports.requested_by AND u.active = 1 AND u.role <> 'EMPLOYEE' AND p.audience IN ('*', u.id))`

/** The provider has taken the mail: whoever gave the export up meanwhile was wrong. */
export function markSent(database: Database, exportId: string, now: number): Statement {
  return database
    .update(exports)
    .set({
      status: 'SENT',
      finishedAt: now,
      leaseUntil: null,
      failureCode: null,
      failureDetail: null,
      revision: sql`${exports.revision} + 1`,
    })
    .where(
      and(
        eq(exports.id, exportId),
        sql`(status = 'STORED' OR (status = 'FAILED' AND failure_code = ${MAIL_UNDELIVERABLE.code}))`,
      ),
    )
}

export const BUILD_FAILED: Failure = { code: 'BUILD_FAILED', detail: 'The workbook could not be made.' }

export const MAIL_UNDELIVERABLE: Failure = {
  code: 'MAIL_UNDELIVERABLE',
  detail: 'The mail provider did not take the mail in time; links can be had from this export.',
}

/** The mail about a failure is sent, refused for good, or due to nobody any more. */
export function settleFailureMail(database: Database, exportId: string, outcome: 'SENT' | null): Statement {
  return database
    .update(exports)
    .set({ failureMail: outcome, leaseUntil: null })
    .where(and(eq(exports.id, exportId), eq(exports.failureMail, 'OWED')))
}
