/** Handles export messages. */
import { CompanyMoving, staying } from '../directory/staying-store.ts'
import { retryDelay } from '../jobs/back-off.ts'
import { consumerOf, kind } from '../jobs/messages.ts'
import { databaseOf, type Meter, newMeter } from '../platform/database.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import { readSettings } from '../settings.ts'
import { type ExportJob, LeaseLost, type Progress } from './job.ts'
import { acquireLease, heldForSeconds, markWaiting, releaseLease } from './lease-store.ts'
import { mailFreshLinks } from './link-mails.ts'
import { advance } from './progress.ts'
import { type ExportMessage, exportMessage, linkMailMessage } from './schemas.ts'
import { exportById } from './store.ts'

/** Carries the export of a message one step on, or mails fresh links. */
export const consumeExport = consumerOf(
  'export.unreadable',
  kind(linkMailMessage, mailFreshLinks),
  kind(exportMessage, carryOn),
)

/** Carries the export of the message one step on, unless another consumer holds it. */
async function carryOn(message: Message, env: Env, body: ExportMessage): Promise<void> {
  const { companyId, exportId } = body
  const meter = newMeter()
  const target = {
    env,
    meter,
    database: staying(databaseOf(env, body, meter), companyId),
    companyId,
    exportId,
  }
  const [acquired] = await target.database.batch([
    acquireLease(target.database, companyId, exportId, Date.now()),
  ])
  const [held] = acquired
  if (!held) {
    await settleUnclaimed(message, target, meter)
    return
  }
  const job = { ...target, settings: readSettings(env), lease: held.lease, leasedAt: Date.now() }
  const progress = await advance(job, held.silentTries).catch((error: unknown): Progress => {
    if (error instanceof CompanyMoving) throw error
    if (error instanceof LeaseLost) return { kind: 'done', step: 'export.lost' }
    logFailure(exportId, error)
    return { kind: 'again', step: 'export.error', deferral: null }
  })
  if (progress.kind === 'done') {
    message.ack()
  } else {
    const { deferral } = progress
    const delaySeconds = deferral
      ? retryDelay(deferral.mailTries, deferral.afterSeconds)
      : retryDelay(message.attempts, null)
    await release(job, Date.now() + delaySeconds * 1000, deferral?.mailTries ?? null)
    message.retry({ delaySeconds })
  }
  logStep(progress.step, { exportId, attempt: message.attempts, settled: progress.kind }, meter)
}

/**
 * Settles a message whose export could not be claimed. If another consumer holds the export, the message is retried,
 * since that consumer may have crashed. Otherwise the export has ended, or another message is on its way, or one is
 * sent when a slot is free.
 */
async function settleUnclaimed(
  message: Message,
  { database, companyId, exportId }: Pick<ExportJob, 'database' | 'companyId' | 'exportId'>,
  meter: Meter,
): Promise<void> {
  const [[row]] = await database.batch([exportById(database, companyId, exportId)[0]])
  const now = Date.now()
  const delaySeconds = heldForSeconds(row, now)
  const isWaiting = delaySeconds === 0 && row?.status === 'QUEUED' && row.nextAttemptAt <= now
  if (isWaiting) await database.batch([markWaiting(database, exportId, now)])
  if (delaySeconds > 0) message.retry({ delaySeconds })
  else message.ack()
  const step = delaySeconds > 0 ? 'export.held' : isWaiting ? 'export.waiting' : 'export.surplus'
  logStep(step, { exportId, attempt: message.attempts }, meter)
}

/**
 * Releases the lease for a later try. If that fails, the export is overdue once the lease has ended, and the sweep
 * finds it.
 */
async function release(
  { database, exportId, lease }: ExportJob,
  nextAttemptAt: number,
  mailTries: number | null,
): Promise<void> {
  await database
    .batch([releaseLease(database, exportId, lease, nextAttemptAt, mailTries)])
    .catch((error: unknown) => {
      logFailure(exportId, error)
    })
}
