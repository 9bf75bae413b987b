/** An export that a consumer has claimed: what the work needs, where the export stands, and the result of a step. */
import type { Database, Meter } from '../platform/database.ts'
import { logFailure } from '../platform/request-log.ts'
import type { Settings } from '../settings.ts'
import { prolongLease, waitingExports } from './lease-store.ts'
import type { ExportMessage } from './schemas.ts'
import { exportById, type Requester, requesterOf, type StoredExport, type StoredFile } from './store.ts'

export interface ExportJob extends Omit<ExportMessage, 'database'> {
  env: Env
  settings: Settings
  meter: Meter
  /** The database of the export's company. */
  database: Database
  /** The lease that the consumer holds (see `acquireLease`); prolonged while a volume is built. */
  lease: number
  /** When the lease was acquired or last prolonged (Unix milliseconds). */
  leasedAt: number
}

interface Deferral {
  /** Number of tries in which the provider did not accept the mail; the delay before the next try depends on it. */
  mailTries: number
  /** Seconds after which the provider wants to be asked again; null if it did not say. */
  afterSeconds: number | null
}

/** The result for a message: `done`, or to be tried `again`. `step` is the text for the log. */
export type Progress =
  { kind: 'done'; step: string } | { kind: 'again'; step: string; deferral: Deferral | null }

export const done = (step: string): Progress => ({ kind: 'done', step })
export const again = (step: string): Progress => ({ kind: 'again', step, deferral: null })

/** The result if the mail provider did not accept the mail this time. */
export function deferred(step: string, { mailTries }: StoredExport, afterSeconds: number | null): Progress {
  return { kind: 'again', step, deferral: { mailTries: mailTries + 1, afterSeconds } }
}

/** The state of an export with its files and requester. */
export interface Standing {
  row: StoredExport
  files: StoredFile[]
  /** Undefined if the user no longer exists. */
  requester: Requester | undefined
}

export async function loadStanding({ database, companyId, exportId }: ExportJob): Promise<Standing | null> {
  const [[row], files, [requester]] = await database.batch([
    ...exportById(database, companyId, exportId),
    requesterOf(database, exportId),
  ])
  return row ? { row, files, requester } : null
}

/** Thrown if another consumer has taken the export over; that consumer does the rest. */
export class LeaseLost extends Error {}

const PROLONG_AFTER_MILLISECONDS = 5000

/** Prolongs the lease during a long build, so that no other consumer takes the export. Throws LeaseLost. */
export async function keepLease(job: ExportJob): Promise<void> {
  const now = Date.now()
  if (now - job.leasedAt < PROLONG_AFTER_MILLISECONDS) return
  const [[prolonged]] = await job.database.batch([prolongLease(job.database, job.exportId, job.lease, now)])
  if (!prolonged) throw new LeaseLost()
  Object.assign(job, { lease: prolonged.lease, leasedAt: now })
}

/**
 * Sends messages to the exports of the company that have waited longest, after a slot may have become free. The sweep
 * makes up for messages that are lost.
 */
export async function wakeWaiting({ database, env, companyId, exportId }: ExportJob): Promise<void> {
  try {
    const [waiting] = await database.batch([waitingExports(database, companyId)])
    for (const { id } of waiting) await sendExport(env, database, { companyId, exportId: id })
  } catch (error) {
    logFailure(exportId, error)
  }
}

/** Sends the message by which a consumer works on the export. */
export async function sendExport(
  env: Env,
  { at }: Database,
  ids: Omit<ExportMessage, 'database'>,
): Promise<void> {
  await env.EXPORTS.send({ ...ids, database: at })
}
