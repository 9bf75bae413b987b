/** Who works on an export: one holder at a time by a lease, and at most three frozen exports of a company at once. */
import { and, eq, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { exports } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import type { StoredExport } from './store.ts'

/** How long a consumer that works on an export is believed alive; longer than the mail provider may take. */
const LEASE_MILLISECONDS = 20 * 1000

/** A message this little early is its own. */
const SLACK_MILLISECONDS = 1000

/** So many exports of one company may lie frozen at once; further ones wait as QUEUED. */
const MOST_FROZEN = 3

/** After so many builds in a row that ended without a word, whatever builds it is believed to die of it. */
export const MOST_SILENT_TRIES = 5

const other = alias(exports, 'other')

/** Holds while another export of the company may be frozen. */
export function hasFreeSlot(companyId: SQL): SQL {
  return sql`(SELECT count(*) FROM ${exports} AS other
    WHERE ${other.status} = 'BUILDING' AND ${other.companyId} = ${companyId}) < ${MOST_FROZEN}`
}

/** The same, of the company of a row of `exports`. */
export const HAS_FREE_SLOT = hasFreeSlot(sql`${exports.companyId}`)

/** A row when the export waits for a slot although its company has a free one. */
export function findFreeSlot(database: Database, exportId: string) {
  return database
    .select({ id: exports.id })
    .from(exports)
    .where(and(eq(exports.id, exportId), HAS_FREE_SLOT))
}

/** Exports that wait for the company's free slots, as many as there are slots, the oldest first. */
export function waitingExports(database: Database, companyId: string) {
  return database
    .select({ id: exports.id })
    .from(exports)
    .where(
      and(
        eq(exports.companyId, companyId),
        isNotNull(exports.waitingSince),
        eq(exports.status, 'QUEUED'),
        HAS_FREE_SLOT,
      ),
    )
    .orderBy(exports.requestedAt)
    .limit(MOST_FROZEN)
}

/** Notes that an export waits for a slot: whoever frees one, or the sweep, sends it a message. */
export function markWaiting(database: Database, exportId: string, now: number): Statement {
  return database
    .update(exports)
    .set({ waitingSince: now })
    .where(and(eq(exports.id, exportId), eq(exports.status, 'QUEUED')))
}

/**
 * Takes an export over, if it has work left that is due, nobody is at it, and its company has a slot for it. The row
 * comes back with `lease`, which tells this holder from a later one; none when it is not to be had now.
 */
export function acquireLease(database: Database, companyId: string, exportId: string, now: number) {
  const lease = now + LEASE_MILLISECONDS
  return database
    .update(exports)
    .set({
      attempts: sql`${exports.attempts} + 1`,
      waitingSince: null,
      leaseUntil: lease,
      nextAttemptAt: lease,
    })
    .where(
      and(
        eq(exports.id, exportId),
        eq(exports.companyId, companyId),
        sql`(${inArray(exports.status, ['QUEUED', 'BUILDING', 'STORED'])} OR ${eq(exports.failureMail, 'OWED')})`,
        sql`(${exports.leaseUntil} IS NULL OR ${exports.leaseUntil} <= ${now})`,
        lte(exports.nextAttemptAt, now + SLACK_MILLISECONDS),
        sql`(${exports.status} <> 'QUEUED' OR ${HAS_FREE_SLOT})`,
      ),
    )
    .returning({ lease: sql<number>`${exports.leaseUntil}`, silentTries: exports.silentTries })
}

/** Holds on to it for longer; the new lease, no row if it is another holder's by now. */
export function prolongLease(database: Database, exportId: string, lease: number, now: number) {
  const until = now + LEASE_MILLISECONDS
  return database
    .update(exports)
    .set({ leaseUntil: until, nextAttemptAt: until })
    .where(and(eq(exports.id, exportId), eq(exports.leaseUntil, lease)))
    .returning({ lease: sql<number>`${exports.leaseUntil}` })
}

/** Gives it back for a later try, if it is still this holder's; `mailTries` is how often a mail was not taken. */
export function releaseLease(
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

/** Gives back what could not be frozen since its company had no slot for it: that was no try. */
export function releaseUntried(database: Database, exportId: string, lease: number, now: number): Statement {
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
