/** Who works on an export: a lease gives it one holder at a time, and a company has slots for three frozen exports. */
import { and, eq, gt, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { exports } from '../db/schema.ts'
import { LEASE_MILLISECONDS, SLACK_MILLISECONDS } from '../jobs/lease.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import type { StoredExport } from './store.ts'

/** The most exports of one company that may be frozen at once; further ones wait as QUEUED. */
const MOST_FROZEN = 3

/**
 * After this many builds in a row without a reported result, the build is assumed to kill its consumer and is given up.
 */
export const MOST_SILENT_TRIES = 5

const other = alias(exports, 'other')

/** Of a row of `exports`: its company has a free slot for another frozen export. */
export const HAS_FREE_SLOT = sql`(SELECT count(*) FROM ${exports} AS other
  WHERE ${other.status} = 'BUILDING' AND ${eq(other.companyId, exports.companyId)}) < ${MOST_FROZEN}`

/** A row if the company of the export has a free slot. */
export function findFreeSlot(database: Database, exportId: string) {
  return database
    .select({ id: exports.id })
    .from(exports)
    .where(and(eq(exports.id, exportId), HAS_FREE_SLOT))
}

/** The exports that have waited longest for a slot of the company; none if it has no free slot. */
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

/** Records that an export waits for a slot. The consumer that frees one, or the sweep, sends it a message. */
export function markWaiting(database: Database, exportId: string, now: number): Statement {
  return database
    .update(exports)
    .set({ waitingSince: now })
    .where(and(eq(exports.id, exportId), eq(exports.status, 'QUEUED')))
}

/**
 * Takes an export over if it has work that is due, no live holder, and a slot. The returned `lease` tells this holder
 * from a later one; no row if the export cannot be taken now.
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

/**
 * Prolongs a lease. Returns the new one, or no row if another consumer holds the export by now.
 * @param condition a further one that the export must meet
 */
export function prolongLease(
  database: Database,
  exportId: string,
  lease: number,
  now: number,
  condition?: SQL,
) {
  const until = now + LEASE_MILLISECONDS
  return database
    .update(exports)
    .set({ leaseUntil: until, nextAttemptAt: until })
    .where(and(eq(exports.id, exportId), eq(exports.leaseUntil, lease), condition))
    .returning({ lease: sql<number>`${exports.leaseUntil}` })
}

/** Prolongs the lease for the mail with the links. No row either if the files are over, since somebody was erased. */
export function claimMail(database: Database, exportId: string, lease: number, now: number) {
  const hasFiles = sql`${eq(exports.status, 'STORED')} AND ${gt(exports.expiresAt, now)}`
  return prolongLease(database, exportId, lease, now, hasFiles)
}

/** Condition: no consumer is mailing the links at this moment. */
export function isNotMailed(now: number): SQL {
  return sql`(${exports.status} <> 'STORED' OR ${exports.leaseUntil} IS NULL OR ${lte(exports.leaseUntil, now)})`
}

/**
 * Releases a lease for a later try, if it is still held.
 * @param mailTries how often the mail was not accepted; null if no mail was tried
 */
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

/**
 * Releases the lease of an export that could not be frozen because its company had no free slot; this does not count as
 * a try.
 */
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

/** Seconds until the lease of the current holder ends; 0 if there is none. */
export function heldForSeconds(row: Pick<StoredExport, 'leaseUntil'> | undefined, now: number): number {
  return Math.max(0, Math.ceil(((row?.leaseUntil ?? now) - now) / 1000))
}
