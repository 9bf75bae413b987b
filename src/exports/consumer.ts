/**
 * Carries an export on from wherever it stands: freeze, a volume, the next one, mail. Messages hold the id only and
 * may come twice, late or never; every step can be repeated, and each message is settled by name.
 */
import { Budget } from '../platform/admission.ts'
import { retryDelay } from '../platform/back-off.ts'
import { conflictIn, type Database, type Meter, newMeter, openDatabase } from '../platform/database.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import { readSettings, type Settings } from '../settings.ts'
import { mailFailure, mailLinks } from './delivery.ts'
import { objectKey } from './files.ts'
import { beginBuild, type Delivery, type FrozenPlan, recordVolume } from './freeze-store.ts'
import { exportMessage } from './schemas.ts'
import {
  BUILD_FAILED,
  exportById,
  type Failure,
  failExport,
  type FailureMail,
  giveBackUntried,
  GIVE_UP_AFTER_MILLISECONDS,
  heldForSeconds,
  MAIL_UNDELIVERABLE,
  markSent,
  markWaiting,
  MOST_SILENT_TRIES,
  prolongLease,
  putDown,
  requesterOf,
  settleFailureMail,
  slotsOf,
  type StoredExport,
  type StoredFile,
  takeUp,
  waitingExports,
} from './store.ts'
import { storeVolume } from './volumes.ts'

interface Job {
  env: Env
  settings: Settings
  database: Database
  meter: Meter
  exportId: string
  /** What the export was taken up with; see `takeUp`. It is prolonged while a volume is built. */
  lease: number
  leasedAt: number
}

interface Deferral {
  /** How often the mail was not taken: its tries keep a rhythm of their own. */
  mailTries: number
  /** When the provider wants to be asked again, if it said so. */
  afterSeconds: number | null
}

/** `again`: this message is tried again. */
type Progress = { kind: 'done'; step: string } | { kind: 'again'; step: string; deferral: Deferral | null }

const done = (step: string): Progress => ({ kind: 'done', step })
const again = (step: string, deferral: Deferral | null = null): Progress => ({
  kind: 'again',
  step,
  deferral,
})
const deferred = (step: string, { mailTries }: StoredExport, afterSeconds: number | null): Progress =>
  again(step, { mailTries: mailTries + 1, afterSeconds })

export async function consumeExport(message: Message, env: Env): Promise<void> {
  const meter = newMeter()
  const parsed = exportMessage.safeParse(message.body)
  if (!parsed.success) {
    logStep('export.unreadable', { messageId: message.id }, meter)
    message.ack()
    return
  }
  const { exportId } = parsed.data
  const database = openDatabase(env.DB, meter)
  const [taken] = await database.batch([takeUp(database, exportId, Date.now())])
  const [held] = taken
  if (!held) {
    await leave(message, database, exportId, meter)
    return
  }
  const job: Job = {
    env,
    settings: readSettings(env),
    database,
    meter,
    exportId,
    lease: held.lease,
    leasedAt: Date.now(),
  }
  const progress = await advance(job, held.silent_tries).catch((error: unknown) => {
    if (error instanceof LeaseLost) return done('export.lost')
    logFailure(exportId, error)
    return again('export.error')
  })
  if (progress.kind === 'done') {
    message.ack()
  } else {
    const { deferral } = progress
    const delaySeconds = deferral
      ? retryDelay(deferral.mailTries, deferral.afterSeconds)
      : retryDelay(message.attempts, null)
    await putBack(job, Date.now() + delaySeconds * 1000, deferral?.mailTries ?? null)
    message.retry({ delaySeconds })
  }
  logStep(progress.step, { exportId, attempt: message.attempts, settled: progress.kind }, meter)
}

/**
 * The export is not to be had: it has ended, its next try is another message's, its company has no slot for it, or
 * somebody is at it. Only in the last case does this message wait, for it may be the very one that a crashed holder
 * left; who frees a slot sends a new one.
 */
async function leave(message: Message, database: Database, exportId: string, meter: Meter): Promise<void> {
  const [[row]] = await database.batch([exportById(database, exportId, null)[0]])
  const now = Date.now()
  const delaySeconds = heldForSeconds(row, now)
  const isWaiting = delaySeconds === 0 && row?.status === 'QUEUED' && row.nextAttemptAt <= now
  if (isWaiting) await database.batch([markWaiting(database, exportId, now)])
  if (delaySeconds > 0) message.retry({ delaySeconds })
  else message.ack()
  const step = delaySeconds > 0 ? 'export.held' : isWaiting ? 'export.waiting' : 'export.surplus'
  logStep(step, { exportId, attempt: message.attempts }, meter)
}

/** What can't be noted now shows as overdue when the lease has run out. */
async function putBack(
  { database, exportId, lease }: Job,
  nextAttemptAt: number,
  mailTries: number | null,
): Promise<void> {
  await database
    .batch([putDown(database, exportId, lease, nextAttemptAt, mailTries)])
    .catch((error: unknown) => {
      logFailure(exportId, error)
    })
}

interface Standing {
  row: StoredExport
  files: StoredFile[]
  requester: Awaited<ReturnType<typeof requesterOf>>[number] | undefined
}

async function look({ database, exportId }: Job): Promise<Standing | null> {
  const [rows, files, requesters] = await database.batch([
    ...exportById(database, exportId, null),
    requesterOf(database, exportId),
  ])
  const [row] = rows
  return row ? { row, files, requester: requesters[0] } : null
}

/** One step from where the export stands; the requester's right to it is looked at before each. */
async function advance(job: Job, silentTries: number): Promise<Progress> {
  const standing = await look(job)
  if (!standing) return done('export.unknown')
  const { row } = standing
  if (silentTries >= MOST_SILENT_TRIES && (row.status === 'QUEUED' || row.status === 'BUILDING')) {
    return fail(job, row, BUILD_FAILED, 'if-entitled')
  }
  return advanceFrom(job, standing)
}

async function advanceFrom(job: Job, standing: Standing): Promise<Progress> {
  const { row, requester } = standing
  if (row.status === 'FAILED') return tellFailure(job, standing)
  if (Date.now() - row.requestedAt > GIVE_UP_AFTER_MILLISECONDS) return giveUp(job, row)
  if (requester?.may_export !== 1) {
    return fail(
      job,
      row,
      { code: 'REQUESTER_INACTIVE', detail: 'Its requester may not export any more.' },
      'none',
    )
  }
  // What is stored is its requester's, whatever becomes of the plan.
  if (row.status === 'STORED') return deliver(job, standing, requester.email)
  if (requester.plan_exists !== 1) {
    return fail(
      job,
      row,
      { code: 'PLAN_DELETED', detail: 'The plan was deleted before the export was made.' },
      'none',
    )
  }
  if (requester.may_read !== 1) {
    return fail(
      job,
      row,
      { code: 'ACCESS_LOST', detail: 'Its requester may not read the plan any more.' },
      'none',
    )
  }
  return build(job, row)
}

/** By `env`, of which an isolate has one, as it has one memory. */
const turns = new WeakMap<Env, Budget>()

/** One workbook at a time in an isolate, whose memory answers need too; who waits too long is tried again. */
function turnsOf(env: Env): Budget {
  const known = turns.get(env) ?? new Budget(1)
  turns.set(env, known)
  return known
}

async function build(job: Job, row: StoredExport): Promise<Progress> {
  const builds = turnsOf(job.env)
  const turn = await builds.take(1)
  try {
    return await buildVolume(job, row)
  } finally {
    builds.giveBack(turn)
  }
}

async function buildVolume(job: Job, { companyId, frozen: copy }: StoredExport): Promise<Progress> {
  const { database, env, exportId } = job
  try {
    await database.batch(beginBuild(database, exportId, job.lease, Date.now()))
  } catch (error) {
    if (conflictIn(error) !== 'guard') throw error
    // It ended or the right to it was lost in this moment: the next look tells which.
    if (copy !== null || (await hasSlot(job, companyId))) return again('export.contended')
    // Others of the company were frozen in this moment; if they have ended since, it is called at once.
    await database.batch([giveBackUntried(database, exportId, job.lease, Date.now())])
    await wakeWaiting(job, companyId)
    return done('export.waiting')
  }
  const standing = await look(job)
  const frozen = standing?.row.frozen ?? null
  if (!standing || frozen === null) return again('export.contended')
  const { row, files } = standing
  // Written as JSON by freeze-store.ts in the shape of FrozenPlan.
  const plan = JSON.parse(frozen) as FrozenPlan
  const number = files.length + 1
  const onPortion = () => keepLease(job)
  const volume = await storeVolume(database, env.FILES, {
    exportId,
    locale: row.locale,
    plan,
    number,
    onPortion,
  })
  const now = Date.now()
  const delivery = number < volume.of ? null : deliveryFrom(job.settings, now)
  await database.batch(recordVolume(database, exportId, job.lease, volume.file, volume.done, delivery, now))
  if (delivery === null) {
    await env.EXPORTS.send({ exportId })
    return done('export.volume')
  }
  await wakeWaiting(job, companyId)
  const after = await look(job)
  if (after?.row.status === 'STORED') return advanceFrom(job, after)
  // It ended while it was built, for example because the plan was deleted: nothing may be left of it.
  if (after?.row.status === 'FAILED' && after.row.expiresAt === null) await discard(job)
  return done('export.discarded')
}

/** Another holder has the export by now, and does what is left. */
class LeaseLost extends Error {}

const PROLONG_AFTER_MILLISECONDS = 5000

/** Keeps others away while a long build goes on. */
async function keepLease(job: Job): Promise<void> {
  const now = Date.now()
  if (now - job.leasedAt < PROLONG_AFTER_MILLISECONDS) return
  const [held] = await job.database.batch([prolongLease(job.database, job.exportId, job.lease, now)])
  const [prolonged] = held
  if (!prolonged) throw new LeaseLost()
  Object.assign(job, { lease: prolonged.lease, leasedAt: now })
}

async function hasSlot({ database }: Job, companyId: string): Promise<boolean> {
  const [rows] = await database.batch([slotsOf(database, companyId)])
  return rows[0]?.free === 1
}

/** A slot of the company may be free: those that have waited longest get messages. The sweep makes up for lost ones. */
async function wakeWaiting({ database, env, exportId }: Job, companyId: string): Promise<void> {
  try {
    const [waiting] = await database.batch([waitingExports(database, companyId)])
    for (const { id } of waiting) await env.EXPORTS.send({ exportId: id })
  } catch (error) {
    logFailure(exportId, error)
  }
}

function deliveryFrom(settings: Settings, now: number): Delivery {
  const expiresAt = now + settings.EXPORT_RETENTION_DAYS * 24 * 3600 * 1000
  const linkExpiresAt = Math.min(now + settings.EXPORT_LINK_TTL_SECONDS * 1000, expiresAt)
  return { expiresAt, linkExpiresAt, linkKeyId: settings.LINK_SIGNING_KEY.id }
}

async function discard({ env, exportId }: Job): Promise<void> {
  const { objects } = await env.FILES.list({ prefix: objectKey(exportId, '') })
  if (objects.length > 0) await env.FILES.delete(objects.map(({ key }) => key))
}

async function deliver(job: Job, { row, files }: Standing, to: string): Promise<Progress> {
  const { database, exportId, settings } = job
  const outcome = await mailLinks(settings, row, files, to)
  switch (outcome.kind) {
    case 'accepted':
      await database.batch([markSent(database, exportId, Date.now())])
      return done('export.sent')
    case 'refused':
      return fail(job, row, { code: 'MAIL_REFUSED', detail: outcome.reason }, 'none')
    case 'retry':
      return deferred('export.mail-deferred', row, outcome.afterSeconds)
  }
}

async function giveUp(job: Job, row: StoredExport): Promise<Progress> {
  return row.status === 'STORED'
    ? fail(job, row, MAIL_UNDELIVERABLE, 'none')
    : fail(job, row, { code: 'GAVE_UP', detail: 'The export could not be made in time.' }, 'if-entitled')
}

async function fail(
  job: Job,
  { companyId }: StoredExport,
  failure: Failure,
  mail: FailureMail,
): Promise<Progress> {
  const { database, exportId, lease } = job
  await database.batch(failExport(database, exportId, failure, mail, Date.now(), lease))
  await wakeWaiting(job, companyId)
  const standing = mail === 'none' ? null : await look(job)
  return standing ? tellFailure(job, standing) : done('export.failed')
}

/** The one mail about a failure, unless the plan is gone or the requester lost the right to it. */
async function tellFailure({ settings, database, exportId }: Job, standing: Standing): Promise<Progress> {
  const { row, requester } = standing
  if (row.failureMail !== 'OWED') return done('export.failed')
  const inTime = Date.now() - (row.finishedAt ?? 0) < GIVE_UP_AFTER_MILLISECONDS
  if (!inTime || requester?.may_export !== 1 || requester.may_read !== 1) {
    await database.batch([settleFailureMail(database, exportId, null)])
    return done('export.failed')
  }
  const outcome = await mailFailure(settings, row, requester.email)
  if (outcome.kind === 'retry') return deferred('export.failure-mail-deferred', row, outcome.afterSeconds)
  await database.batch([settleFailureMail(database, exportId, 'SENT')])
  return done('export.failed')
}
