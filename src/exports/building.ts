/**
 * Builds the next volume of an export, after freezing the plan if that has not been done, and records the stored file.
 */
import { Budget } from '../platform/admission.ts'
import { conflictIn } from '../platform/database.ts'
import type { Settings } from '../settings.ts'
import { objectKey } from './files.ts'
import { beginBuild, type Delivery, recordVolume } from './freeze-store.ts'
import {
  again,
  done,
  type ExportJob,
  keepLease,
  loadStanding,
  type Progress,
  sendExport,
  type Standing,
  wakeWaiting,
} from './job.ts'
import { findFreeSlot, releaseUntried } from './lease-store.ts'
import type { StoredExport } from './store.ts'
import { storeVolume } from './volumes.ts'

/** All volumes of an export are stored. */
interface Stored {
  kind: 'stored'
  standing: Standing
}

/** The budget of each isolate. The key is `env`, because an isolate has exactly one. */
const turns = new WeakMap<Env, Budget>()

/**
 * The budget for builds: one workbook at a time in an isolate, since answers need its memory too. A build that waits
 * too long throws BUSY and is tried again.
 */
function turnsOf(env: Env): Budget {
  const known = turns.get(env) ?? new Budget(1)
  turns.set(env, known)
  return known
}

/** Builds a volume. Returns the progress, or the export's standing once all its volumes are stored. */
export async function build(job: ExportJob, row: StoredExport): Promise<Progress | Stored> {
  const builds = turnsOf(job.env)
  const turn = await builds.take(1)
  try {
    return await buildVolume(job, row)
  } finally {
    builds.giveBack(turn)
  }
}

async function buildVolume(job: ExportJob, before: StoredExport): Promise<Progress | Stored> {
  const { database, env, exportId, companyId } = job
  try {
    await database.batch(beginBuild(database, before, job.lease, Date.now()))
  } catch (error) {
    if (conflictIn(error) !== 'guard') throw error
    return contended(job, before)
  }
  const standing = await loadStanding(job)
  const frozen = standing?.row.frozen ?? null
  if (!standing || frozen === null) return again('export.contended')
  const number = standing.files.length + 1
  const volume = await storeVolume(database, env.FILES, {
    exportId,
    locale: standing.row.locale,
    frozen,
    number,
    onPortion: () => keepLease(job),
  })
  const now = Date.now()
  const delivery = number < volume.of ? null : deliveryFrom(job.settings, now)
  await database.batch(recordVolume(database, exportId, job.lease, volume.file, volume.done, delivery, now))
  if (delivery === null) {
    await sendExport(env, database, { companyId, exportId })
    return done('export.volume')
  }
  await wakeWaiting(job)
  const after = await loadStanding(job)
  if (after?.row.status === 'STORED') return { kind: 'stored', standing: after }
  // The export ended while its last volume was built, for example because the plan was deleted: delete its files.
  if (!after || isOver(after.row, now)) await discard(job)
  return done('export.discarded')
}

/**
 * Called when the guard of `beginBuild` failed: the export ended, or lost its lease, its slot or the right to the plan.
 */
async function contended(job: ExportJob, { frozen }: StoredExport): Promise<Progress> {
  const { database, exportId, lease } = job
  // The next try reads the export again and finds the cause.
  if (frozen !== null || (await hasFreeSlot(job))) return again('export.contended')
  // Other exports of the company took all slots. If one is free again by now, `wakeWaiting` sends a message at once.
  await database.batch([releaseUntried(database, exportId, lease, Date.now())])
  await wakeWaiting(job)
  return done('export.waiting')
}

async function hasFreeSlot({ database, exportId }: ExportJob): Promise<boolean> {
  const [rows] = await database.batch([findFreeSlot(database, exportId)])
  return rows.length > 0
}

function deliveryFrom(settings: Settings, now: number): Delivery {
  const expiresAt = now + settings.EXPORT_RETENTION_DAYS * 24 * 3600 * 1000
  const linkExpiresAt = Math.min(now + settings.EXPORT_LINK_TTL_SECONDS * 1000, expiresAt)
  return { expiresAt, linkExpiresAt, linkKeyId: settings.LINK_SIGNING_KEY.id }
}

/** Whether no files of the export are kept. */
function isOver({ status, expiresAt }: StoredExport, now: number): boolean {
  return status === 'EXPIRED' || (status === 'FAILED' && (expiresAt === null || expiresAt <= now))
}

async function discard({ env, exportId }: ExportJob): Promise<void> {
  const { objects } = await env.FILES.list({ prefix: objectKey(exportId, '') })
  if (objects.length > 0) await env.FILES.delete(objects.map(({ key }) => key))
}
