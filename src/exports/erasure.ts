/** Deletes the files of exports that an erasure has ended. */
import type { Database } from '../platform/database.ts'
import { markExpired } from './clean-up-store.ts'
import { deleteExports, type ErasedFile } from './erasure-store.ts'
import { objectKey } from './files.ts'

/** The most keys that one call to R2 deletes. */
const KEYS_AT_ONCE = 1000

/**
 * Deletes the files, and then the exports of the user, while those of others have expired. All of it can be repeated; if it is
 * not, the sweep does the same.
 */
export async function deleteErasedFiles(
  { database, bucket }: { database: Database; bucket: R2Bucket },
  userId: string,
  files: readonly ErasedFile[],
  now: number,
): Promise<void> {
  if (files.length === 0) return
  const keys = files.flatMap(({ id, name }) => (name === null ? [] : [objectKey(id, name)]))
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE)
    await bucket.delete(keys.slice(at, at + KEYS_AT_ONCE))
  const idsOf = (some: readonly ErasedFile[]) => [...new Set(some.map(({ id }) => id))]
  const own = idsOf(files.filter(({ isOwn }) => isOwn))
  const others = idsOf(files.filter(({ isOwn, expiresAt }) => !isOwn && expiresAt !== null))
  await database.batch([deleteExports(database, userId, own), markExpired(database, others, now)])
}
