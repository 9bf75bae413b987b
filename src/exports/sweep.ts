/** The cron's work on exports: nothing stays stuck, nothing is kept too long. Idempotent, and safe twice at once. */
import { type Database, type Meter } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import type { Settings } from '../settings.ts'
import { exportIdOf, FILES_PREFIX, objectKey } from './files.ts'
import {
  deleteOldRows,
  dropFileRows,
  expiredFiles,
  exportsWithFiles,
  giveUpOld,
  markExpired,
  takeOverdue,
} from './sweep-store.ts'

export interface Sweep {
  env: Env
  settings: Settings
  database: Database
  meter: Meter
  now: number
}

/** Sends a message again for every export whose next try is overdue, and for what was given up just now. */
export async function resendOverdue({ env, settings, database, meter, now }: Sweep): Promise<void> {
  const [overdue, , givenUp] = await database.batch([
    takeOverdue(database, now, settings.EXPORT_STUCK_AFTER_SECONDS * 1000),
    ...giveUpOld(database, now),
  ])
  const ids = [...overdue, ...givenUp.filter(({ failureMail }) => failureMail === 'OWED')].map(({ id }) => id)
  for (const exportId of ids) await env.EXPORTS.send({ exportId })
  if (ids.length > 0) logStep('sweep.resent', { exports: ids.length }, meter)
}

/** Files first, then the rows that speak of them: a crash in between only repeats the deletion. */
export async function expireFiles({ env, database, meter, now }: Sweep): Promise<void> {
  const [rows] = await database.batch([expiredFiles(database, now), deleteOldRows(database, now)])
  const keys = rows.flatMap(({ id, name }) => (name === null ? [] : [objectKey(id, name)]))
  if (keys.length > 0) await env.FILES.delete(keys.slice(0, 1000))
  const ids = [...new Set(rows.map(({ id }) => id))]
  if (ids.length === 0) return
  await database.batch([markExpired(database, ids, now)])
  logStep('sweep.expired', { exports: ids.length }, meter)
}

const OBJECTS_PER_SWEEP = 500
const CURSOR_KEY = 'sweep:orphans'

/** Deletes objects that no export keeps, a stretch of the bucket at a time. */
export async function removeOrphans({ env, database, meter }: Sweep): Promise<void> {
  meter.kvReads += 1
  const startAfter = await env.SESSIONS.get(CURSOR_KEY)
  const listed = await env.FILES.list({
    prefix: FILES_PREFIX,
    limit: OBJECTS_PER_SWEEP,
    ...(startAfter === null ? {} : { startAfter }),
  })
  const ids = [...new Set(listed.objects.flatMap(({ key }) => exportIdOf(key) ?? []))]
  const [kept] = await database.batch([exportsWithFiles(database, ids)])
  const keeping = new Set(kept.map(({ id }) => id))
  const orphans = listed.objects.filter(({ key }) => !keeping.has(exportIdOf(key) ?? ''))
  if (orphans.length > 0) {
    await env.FILES.delete(orphans.map(({ key }) => key))
    await database.batch([
      dropFileRows(
        database,
        ids.filter((id) => !keeping.has(id)),
      ),
    ])
    logStep('sweep.orphans', { objects: orphans.length }, meter)
  }
  await moveOn(env.SESSIONS, startAfter, listed.truncated ? (listed.objects.at(-1)?.key ?? null) : null)
}

async function moveOn(kv: KVNamespace, from: string | null, to: string | null): Promise<void> {
  if (to !== null) await kv.put(CURSOR_KEY, to)
  else if (from !== null) await kv.delete(CURSOR_KEY)
}
