/** Access keys in D1. A key that was ended is kept a day and shown to nobody; one that has expired is shown meanwhile. */
import { and, count, desc, eq, gt, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { allOf, type RowOf, select } from '../db/rows.ts'
import { accessKeys } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS, ROW_BYTES } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import { byteLengthOf } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'

const DAY = 24 * 3600 * 1000
const KEYS_PER_SWEEP = 1000

const KEY = {
  id: accessKeys.id,
  companyId: accessKeys.companyId,
  name: accessKeys.name,
  scope: accessKeys.scope,
  hint: accessKeys.hint,
  userId: accessKeys.userId,
  createdAt: accessKeys.createdAt,
  expiresAt: accessKeys.expiresAt,
  lastUsedAt: accessKeys.lastUsedAt,
}

export type StoredKey = RowOf<typeof KEY>

/** A key that was not ended. */
export function keyById(database: Database, companyId: string, keyId: string) {
  return select(database, KEY)
    .from(accessKeys)
    .where(and(eq(accessKeys.id, keyId), eq(accessKeys.companyId, companyId), isNull(accessKeys.revokedAt)))
}

/** The total and a page of the keys of a user, or of all users if `userId` is null, newest first. */
export function keyPage(
  database: Database,
  companyId: string,
  userId: string | null,
  { from, limit }: Slice,
) {
  const found = and(
    // The plus keeps SQLite from reading all keys of the company for those of one user.
    userId === null
      ? eq(accessKeys.companyId, companyId)
      : sql`${accessKeys.userId} = ${userId} AND +${accessKeys.companyId} = ${companyId}`,
    isNull(accessKeys.revokedAt),
  )
  return [
    database.select({ total: count() }).from(accessKeys).where(found),
    select(database, KEY)
      .from(accessKeys)
      .where(found)
      .orderBy(desc(accessKeys.createdAt), desc(accessKeys.id))
      .limit(limit)
      .offset(from),
  ] as const
}

function areLive(userId: string, now: number): SQL {
  return allOf([eq(accessKeys.userId, userId), isNull(accessKeys.revokedAt), gt(accessKeys.expiresAt, now)])
}

/** How many keys of the user are live. */
export function countLiveKeys(database: Database, userId: string, now: number) {
  return database.select({ live: count() }).from(accessKeys).where(areLive(userId, now))
}

/** Holds while the user may have another key. */
export function hasRoomForKey(userId: string, now: number): SQL {
  return sql`(SELECT count(*) FROM ${accessKeys} WHERE ${areLive(userId, now)}) < ${LIMITS.keysPerUser.most}`
}

/** Bytes that a key adds to the company's `stored_bytes`. */
export function keyBytes({ name }: Pick<StoredKey, 'name'>): number {
  return ROW_BYTES + byteLengthOf(name)
}

/** @param keyHash SHA-256 of the key, hex */
export function insertKey(database: Database, key: StoredKey, keyHash: string): Statement {
  return database.insert(accessKeys).values({ ...key, keyHash })
}

/** The id in KV of a key. */
export function hashOfKey(database: Database, keyId: string) {
  return database.select({ keyHash: accessKeys.keyHash }).from(accessKeys).where(eq(accessKeys.id, keyId))
}

/** Holds while the key is as it was loaded: of its members only the last use changes. */
export function keyIsUnchanged({ id, lastUsedAt }: StoredKey): SQL {
  return sql`EXISTS (SELECT 1 FROM ${accessKeys} WHERE ${accessKeys.id} = ${id}
    AND ${accessKeys.revokedAt} IS NULL AND ${accessKeys.lastUsedAt} IS ${lastUsedAt})`
}

/** Deletes keys a day after they ended, the oldest first. */
export function sweepKeys(database: Database, now: number): Statement {
  const ended = database
    .select({ id: accessKeys.id })
    .from(accessKeys)
    .where(and(lt(accessKeys.expiresAt, now - DAY), staysHere(accessKeys.companyId)))
    .orderBy(accessKeys.expiresAt)
    .limit(KEYS_PER_SWEEP)
  return database.delete(accessKeys).where(inArray(accessKeys.id, ended))
}
