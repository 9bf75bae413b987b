/**
 * Carries an export on from wherever it stands: claim and freeze, a volume, the next one, mail. Messages hold the
 * id only and may come twice, late or never; every step can be repeated, and each message is settled by name.
 */
import { conflictIn, type Database, type Meter, newMeter, openDatabase } from '../platform/database.ts'
import { retryDelay } from '../platform/back-off.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import { readSettings, type Settings } from '../settings.ts'
import { mailFailure, mailLinks } from './delivery.ts'
import { claimAndFreeze, type FrozenPlan, markStored, recordVolume } from './freeze-store.ts'
import { ACTIONS_PER_VOLUME, storeVolume, volumesFor } from './volumes.ts'
import { objectKey } from './files.ts'
import { exportMessage } from './schemas.ts'
import {
  countAttempt,
  exportById,
  type Failure,
  failExport,
  type FailureMail,
  GIVE_UP_AFTER_MILLISECONDS,
  markSent,
  postpone,
  requesterOf,
  type StoredExport,
  type StoredFile,
} from './store.ts'

interface Job {
  env: Env
  settings: Settings
  database: Database
  meter: Meter
  exportId: string
}

/** `again`: settled by another try, after that many seconds if something said when. */
type Progress = { kind: 'done'; step: string } | { kind: 'again'; step: string; afterSeconds: number | null }

const HELD = 'export.held'
const done = (step: string): Progress => ({ kind: 'done', step })
const again = (step: string, afterSeconds: number | null = null): Progress => ({
  kind: 'again',
  step,
  afterSeconds,
})

export async function consumeExport(message: Message, env: Env): Promise<void> {
  const meter = newMeter()
  const parsed = exportMessage.safeParse(message.body)
  if (!parsed.success) {
    logStep('export.unreadable', { messageId: message.id }, meter)
    message.ack()
    return
  }
  const { exportId } = parsed.data
  const job: Job = {
    env,
    settings: readSettings(env),
    database: openDatabase(env.DB, meter),
    meter,
    exportId,
  }
  const progress = await advance(job).catch((error: unknown) => {
    logFailure(exportId, error)
    return again('export.error')
  })
  if (progress.kind === 'done') {
    message.ack()
  } else {
    const delaySeconds = retryDelay(message.attempts, progress.afterSeconds)
    // Who holds it notes its own next try.
    if (progress.step !== HELD)
      await job.database
        .batch([postpone(job.database, exportId, Date.now() + delaySeconds * 1000)])
        .catch((error: unknown) => {
          logFailure(exportId, error)
        })
    message.retry({ delaySeconds })
  }
  logStep(progress.step, { exportId, attempt: message.attempts, settled: progress.kind }, meter)
}

interface Standing {
  row: StoredExport
  files: StoredFile[]
  requester: Awaited<ReturnType<typeof requesterOf>>[number] | undefined
}

async function look({ database, exportId }: Job, counting: boolean): Promise<Standing | null> {
  const [, rows, files, requesters] = await database.batch([
    counting ? countAttempt(database, exportId) : database.run('SELECT 1'),
    ...exportById(database, exportId, null),
    requesterOf(database, exportId),
  ])
  const [row] = rows
  return row ? { row, files, requester: requesters[0] } : null
}

async function advance(job: Job): Promise<Progress> {
  const standing = await look(job, true)
  if (!standing) return done('export.unknown')
  const { row, requester } = standing
  const now = Date.now()
  if (row.status === 'FAILED' && row.failureMail === 'OWED') return tellFailure(job, standing)
  if (row.status !== 'QUEUED' && row.status !== 'BUILDING' && row.status !== 'STORED')
    return done('export.ended')
  if (now - row.requestedAt > GIVE_UP_AFTER_MILLISECONDS) return giveUp(job, row)
  if (!requester || requester.may_export !== 1) {
    return fail(job, { code: 'REQUESTER_INACTIVE', detail: 'Its requester may not export any more.' }, 'none')
  }
  if (row.status === 'STORED') return deliver(job, standing, requester.email)
  if (requester.plan_exists !== 1) {
    return fail(
      job,
      { code: 'PLAN_DELETED', detail: 'The plan was deleted before the export was made.' },
      'none',
    )
  }
  if (requester.may_read !== 1) {
    return fail(job, { code: 'ACCESS_LOST', detail: 'Its requester may not read the plan any more.' }, 'none')
  }
  if (row.leaseUntil !== null && row.leaseUntil > now) {
    return again(HELD, Math.ceil((row.leaseUntil - now) / 1000))
  }
  return build(job)
}

async function build(job: Job): Promise<Progress> {
  const { database, env, exportId, settings } = job
  try {
    await database.batch(claimAndFreeze(database, exportId, Date.now()))
  } catch (error) {
    // Somebody else holds it, it ended, or the right to it was lost: the next look tells which.
    if (conflictIn(error) === 'guard') return again('export.contended')
    throw error
  }
  const standing = await look(job, false)
  if (standing?.row.status !== 'BUILDING' || standing.row.frozen === null) return again('export.contended')
  const { row, files } = standing
  // Written as JSON by freeze-store.ts in the shape of FrozenPlan.
  const plan = JSON.parse(standing.row.frozen) as FrozenPlan
  const volumes = volumesFor(plan.readableCount)
  const number = files.length + 1
  if (number <= volumes) {
    const file = await storeVolume(database, env.FILES, { exportId, locale: row.locale, plan, number })
    const progressDone = Math.min(number * ACTIONS_PER_VOLUME, plan.readableCount)
    await database.batch([
      database.run('SELECT 1'),
      ...recordVolume(database, exportId, file, progressDone, Date.now()),
    ])
    if (number < volumes) {
      await env.EXPORTS.send({ exportId })
      return done('export.volume')
    }
  }
  const now = Date.now()
  const expiresAt = now + settings.EXPORT_RETENTION_DAYS * 24 * 3600 * 1000
  const linkExpiresAt = Math.min(now + settings.EXPORT_LINK_TTL_SECONDS * 1000, expiresAt)
  await database.batch([
    database.run('SELECT 1'),
    ...markStored(
      database,
      exportId,
      { expiresAt, linkExpiresAt, linkKeyId: settings.LINK_SIGNING_KEY.id },
      now,
    ),
  ])
  return afterBuild(job)
}

async function afterBuild(job: Job): Promise<Progress> {
  const standing = await look(job, false)
  if (standing?.row.status === 'STORED' && standing.requester) {
    return deliver(job, standing, standing.requester.email)
  }
  // It ended while it was built, for example because the plan was deleted: nothing may be left of it.
  if (standing) await discard(job, standing)
  return done('export.discarded')
}

async function discard({ env, exportId }: Job, { row, files }: Standing): Promise<void> {
  if (row.status !== 'FAILED' || row.expiresAt !== null) return
  const listed = await env.FILES.list({ prefix: objectKey(exportId, '') })
  const keys = new Set([
    ...listed.objects.map(({ key }) => key),
    ...files.map(({ name }) => objectKey(exportId, name)),
  ])
  await env.FILES.delete([...keys])
}

async function deliver(job: Job, { row, files }: Standing, to: string): Promise<Progress> {
  const { database, exportId, settings } = job
  const outcome = await mailLinks(settings, row, files, to)
  switch (outcome.kind) {
    case 'accepted':
      await database.batch([markSent(database, exportId, Date.now())])
      return done('export.sent')
    case 'refused':
      return fail(job, { code: 'MAIL_REFUSED', detail: outcome.reason }, 'none')
    case 'retry':
      return again('export.mail-deferred', outcome.afterSeconds)
  }
}

async function giveUp(job: Job, row: StoredExport): Promise<Progress> {
  return row.status === 'STORED'
    ? fail(job, { code: 'MAIL_UNDELIVERABLE', detail: 'The mail could not be delivered in time.' }, 'none')
    : fail(job, { code: 'GAVE_UP', detail: 'The export could not be made in time.' }, 'if-entitled')
}

async function fail(job: Job, failure: Failure, mail: FailureMail): Promise<Progress> {
  await job.database.batch(failExport(job.database, job.exportId, failure, mail, Date.now()))
  const standing = mail === 'none' ? null : await look(job, false)
  if (standing?.row.failureMail === 'OWED') return tellFailure(job, standing)
  return done(`export.failed`)
}

async function tellFailure({ settings, database }: Job, { row, requester }: Standing): Promise<Progress> {
  if (!requester) return done('export.failed')
  const outcome = await mailFailure(settings, database, row, requester.email)
  return outcome.kind === 'retry'
    ? again('export.failure-mail-deferred', outcome.afterSeconds)
    : done('export.failed')
}
