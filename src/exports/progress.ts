/**
 * Carries an export on from its current state: freeze the plan, build volumes, send the mail. Every step can be
 * repeated, and the requester's right is checked before each.
 */
import type { ExportFailure } from '../db/enums.ts'
import { build } from './building.ts'
import { mailFailure, mailLinks } from './delivery.ts'
import { type Failure, failureOf } from './failures.ts'
import {
  deferred,
  done,
  type ExportJob,
  LeaseLost,
  loadStanding,
  type Progress,
  type Standing,
  wakeWaiting,
} from './job.ts'
import { hasten } from '../platform/webhook-messages.ts'
import { claimMail, MOST_SILENT_TRIES } from './lease-store.ts'
import {
  failExport,
  type FailureMail,
  GIVE_UP_AFTER_MILLISECONDS,
  markSent,
  type Requester,
  settleFailureMail,
} from './store.ts'

/**
 * Carries out one step.
 * @param silentTries number of builds in a row that reported no result
 */
export async function advance(job: ExportJob, silentTries: number): Promise<Progress> {
  const standing = await loadStanding(job)
  if (!standing) return done('export.unknown')
  const { status } = standing.row
  if (silentTries >= MOST_SILENT_TRIES && (status === 'QUEUED' || status === 'BUILDING')) {
    return fail(job, failureOf('BUILD_FAILED'), 'if-entitled')
  }
  return advanceFrom(job, standing)
}

async function advanceFrom(job: ExportJob, standing: Standing): Promise<Progress> {
  const { row, requester } = standing
  if (row.status === 'FAILED') return tellFailure(job, standing)
  if (Date.now() - row.requestedAt > GIVE_UP_AFTER_MILLISECONDS) return giveUp(job, standing)
  if (!requester?.mayExport) return fail(job, failureOf('REQUESTER_INACTIVE'), 'none')
  // A stored export belongs to its requester, even if the plan is deleted or made private later.
  if (row.status === 'STORED') return deliver(job, standing, requester.email)
  const lost = lostRight(requester)
  if (lost) return fail(job, failureOf(lost), 'none')
  const built = await build(job, row)
  return built.kind === 'stored' ? advanceFrom(job, built.standing) : built
}

function lostRight({ planExists, mayRead }: Requester): ExportFailure | null {
  if (!planExists) return 'PLAN_DELETED'
  return mayRead ? null : 'ACCESS_LOST'
}

async function deliver(job: ExportJob, { row, files }: Standing, to: string): Promise<Progress> {
  const { env, database, exportId } = job
  // Claimed in the moment of the mail: an erasure may have ended the files since the export was read.
  const now = Date.now()
  const [[claimed]] = await database.batch([claimMail(database, exportId, job.lease, now)])
  if (!claimed) return failUnclaimed(job)
  Object.assign(job, { lease: claimed.lease, leasedAt: now })
  const outcome = await mailLinks(job, row, files, to)
  switch (outcome.kind) {
    case 'accepted': {
      const [, announced] = await database.batch(markSent(database, exportId, Date.now()))
      await hasten(env, database, announced, exportId)
      return done('export.sent')
    }
    case 'refused':
      return fail(job, failureOf('MAIL_REFUSED', outcome.reason), 'none')
    case 'retry':
      return deferred('export.mail-deferred', row, outcome.afterSeconds)
  }
}

/** Fails an export whose files an erasure has ended before their links were mailed. Throws LeaseLost for any other. */
async function failUnclaimed(job: ExportJob): Promise<Progress> {
  const row = (await loadStanding(job))?.row
  const isErased = row?.status === 'STORED' && row.expiresAt !== null && row.expiresAt <= Date.now()
  if (!isErased) throw new LeaseLost()
  return fail(job, failureOf('PERSON_ERASED'), 'if-entitled')
}

async function giveUp(job: ExportJob, { row }: Standing): Promise<Progress> {
  return row.status === 'STORED'
    ? fail(job, failureOf('MAIL_UNDELIVERABLE'), 'none')
    : fail(job, failureOf('GAVE_UP'), 'if-entitled')
}

async function fail(job: ExportJob, failure: Failure, mail: FailureMail): Promise<Progress> {
  const { env, database, exportId, lease } = job
  const now = Date.now()
  const failing = failExport(database, exportId, { failure, mail, now, ownLease: lease })
  const [, announced] = await database.batch(failing)
  await hasten(env, database, announced, exportId)
  await wakeWaiting(job)
  const standing = mail === 'none' ? null : await loadStanding(job)
  return standing ? tellFailure(job, standing) : done('export.failed')
}

/** Sends the mail about a failure that is owed, unless the requester has lost the right to it or it is too late. */
async function tellFailure(
  { settings, database, exportId }: ExportJob,
  { row, requester }: Standing,
): Promise<Progress> {
  if (row.failureMail !== 'OWED') return done('export.failed')
  const inTime = Date.now() - (row.finishedAt ?? 0) < GIVE_UP_AFTER_MILLISECONDS
  if (!inTime || !requester?.mayExport || !requester.mayRead) {
    await database.batch([settleFailureMail(database, exportId, null)])
    return done('export.failed')
  }
  const outcome = await mailFailure(settings, row, requester.email)
  if (outcome.kind === 'retry') return deferred('export.failure-mail-deferred', row, outcome.afterSeconds)
  await database.batch([settleFailureMail(database, exportId, 'SENT')])
  return done('export.failed')
}
