/**
 * The cron's tasks for exports: no export stays stuck, no file is kept too long. Repeated and parallel runs do no harm.
 */
import { eachDatabase } from '../platform/database.ts'
import { DIRECTORY } from '../platform/place.ts'
import { logStep } from '../platform/request-log.ts'
import type { Sweep } from '../platform/sweep.ts'
import { cursorOf, moveCursor } from '../platform/sweep-cursor.ts'
import {
  deleteOldRows,
  dropFileRows,
  expiredFiles,
  exportsWithFiles,
  giveUpOld,
  markExpired,
  takeOverdue,
} from './clean-up-store.ts'
import { exportIdOf, FILES_PREFIX, objectKey } from './files.ts'
import { sendExport } from './job.ts'

/** Sends a message for every export that is overdue, and for every export that was given up now and owes a mail. */
export async function resendOverdue({ env, settings, database, meter, now }: Sweep): Promise<void> {
  const [overdue, , givenUp] = await database.batch([
    takeOverdue(database, now, settings.EXPORT_STUCK_AFTER_SECONDS * 1000),
    ...giveUpOld(database, now),
  ])
  const resent = [...overdue, ...givenUp.filter(({ failureMail }) => failureMail === 'OWED')]
  for (const { id: exportId, companyId } of resent) await sendExport(env, database, { companyId, exportId })
  if (resent.length > 0) logStep('sweep.resent', { exports: resent.length }, meter)
}

/**
 * Deletes expired files first and updates their rows afterwards, so that a crash in between only repeats the deletion.
 */
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

/** Name of the walk through the bucket in `sweep_cursors`; its position is the key after which the walk continues. */
const ORPHANS = 'exports.orphans'

/** Deletes objects that belong to no export of any database, up to 500 objects of the bucket at a time. */
export async function removeOrphans({ env, database, meter }: Sweep): Promise<void> {
  // The bucket is that of all databases. Unless all answer, nobody knows what belongs to none.
  if (database.at !== DIRECTORY) return
  const all = eachDatabase(env, meter)
  const [[cursor]] = await database.batch([cursorOf(database, ORPHANS)])
  const listed = await env.FILES.list({
    prefix: FILES_PREFIX,
    limit: OBJECTS_PER_SWEEP,
    ...(cursor ? { startAfter: cursor.position } : {}),
  })
  const ids = [...new Set(listed.objects.flatMap(({ key }) => exportIdOf(key) ?? []))]
  const kept = await Promise.all(all.map((each) => each.batch([exportsWithFiles(each, ids)])))
  const keeping = new Set(kept.flat(2).map(({ id }) => id))
  const orphans = listed.objects.filter(({ key }) => !keeping.has(exportIdOf(key) ?? ''))
  if (orphans.length > 0) {
    await env.FILES.delete(orphans.map(({ key }) => key))
    const dropped = ids.filter((id) => !keeping.has(id))
    for (const each of all) await each.batch([dropFileRows(each, dropped)])
    logStep('sweep.orphans', { objects: orphans.length }, meter)
  }
  const last = listed.truncated ? (listed.objects.at(-1)?.key ?? null) : null
  if (last !== null || cursor) await database.batch([moveCursor(database, ORPHANS, last)])
}
