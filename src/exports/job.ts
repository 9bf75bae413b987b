/** One claimed export while a consumer works on it: what it works with, where the export stands, what came of it. */
import type { Database } from '../platform/database.ts'
import { logFailure } from '../platform/request-log.ts'
import type { Settings } from '../settings.ts'
import { prolongLease, waitingExports } from './lease-store.ts'
import type { ExportMessage } from './schemas.ts'
import { exportById, type Requester, requesterOf, type StoredExport, type StoredFile } from './store.ts'

export interface ExportJob extends ExportMessage {
  env: Env
  settings: Settings
  /** Of the export's company. */
  database: Database
  /** What the export is held with; see `acquireLease`. It is prolonged while a volume is built. */
  lease: number
  /** When it was acquired or last prolonged. */
  leasedAt: number
}

interface Deferral {
  /** How often the mail was not taken: its tries keep a rhythm of their own. */
  mailTries: number
  /** When the provider wants to be asked again, if it said so. */
  afterSeconds: number | null
}

/** What came of a message: `done` with, or to be tried `again`. `step` is what the log says. */
export type Progress =
  { kind: 'done'; step: string } | { kind: 'again'; step: string; deferral: Deferral | null }

export const done = (step: string): Progress => ({ kind: 'done', step })
export const again = (step: string): Progress => ({ kind: 'again', step, deferral: null })

/** The mail provider did not take the mail this time. */
export function deferred(step: string, { mailTries }: StoredExport, afterSeconds: number | null): Progress {
  return { kind: 'again', step, deferral: { mailTries: mailTries + 1, afterSeconds } }
}

/** Where an export stands. */
export interface Standing {
  row: StoredExport
  files: StoredFile[]
  /** Undefined when the user is gone. */
  requester: Requester | undefined
}

export async function loadStanding({ database, companyId, exportId }: ExportJob): Promise<Standing | null> {
  const [[row], files, [requester]] = await database.batch([
    ...exportById(database, companyId, exportId),
    requesterOf(database, exportId),
  ])
  return row ? { row, files, requester } : null
}

/** Another holder has the export by now, and does what is left. */
export class LeaseLost extends Error {}

const PROLONG_AFTER_MILLISECONDS = 5000

/** Keeps others away while a long build goes on. Throws LeaseLost. */
export async function keepLease(job: ExportJob): Promise<void> {
  const now = Date.now()
  if (now - job.leasedAt < PROLONG_AFTER_MILLISECONDS) return
  const [[prolonged]] = await job.database.batch([prolongLease(job.database, job.exportId, job.lease, now)])
  if (!prolonged) throw new LeaseLost()
  Object.assign(job, { lease: prolonged.lease, leasedAt: now })
}

/**
 * A slot of the company may be free: the exports that have waited longest get messages. The sweep makes up for lost
 * ones.
 */
export async function wakeWaiting({ database, env, companyId, exportId }: ExportJob): Promise<void> {
  try {
    const [waiting] = await database.batch([waitingExports(database, companyId)])
    for (const { id } of waiting) await sendExport(env, { companyId, exportId: id })
  } catch (error) {
    logFailure(exportId, error)
  }
}

/** Has an export worked on soon. */
export async function sendExport(env: Env, message: ExportMessage): Promise<void> {
  await env.EXPORTS.send(message)
}
