/** What becomes of access keys: their use is noted, and they end. platform/session.ts checks them. */
import { and, eq, isNull, lte, or, sql } from 'drizzle-orm'
import { accessKeys } from '../db/schema.ts'
import { CompanyMoving, staying } from '../directory/staying-store.ts'
import { type Database, databaseOf, newMeter } from './database.ts'
import { logFailure, logStep } from './request-log.ts'
import type { Caller, Viewer } from './session.ts'

/** Ends one access key of the user, or all of them if `keyId` is null. The sweep finds by its expiry what has ended. */
export function revokeKeys(database: Database, userId: string, keyId: string | null, now: number) {
  return database
    .update(accessKeys)
    .set({ revokedAt: now, expiresAt: sql`min(${accessKeys.expiresAt}, ${now})` })
    .where(
      and(
        eq(accessKeys.userId, userId),
        isNull(accessKeys.revokedAt),
        keyId === null ? undefined : eq(accessKeys.id, keyId),
      ),
    )
}

const KEY_USE_MILLISECONDS = 3600 * 1000

/** Whether the stored time of the key's last use is an hour old; false without a key. */
export function isUseDue({ scope, keyUsedAt }: Viewer, now: number): boolean {
  return scope !== null && (keyUsedAt === null || keyUsedAt <= now - KEY_USE_MILLISECONDS)
}

/** Stores that the key was used, unless a request at the same time has done so. */
export function markKeyUsed(database: Database, tokenHash: string, now: number) {
  const { keyHash, lastUsedAt } = accessKeys
  const isDue = or(isNull(lastUsedAt), lte(lastUsedAt, now - KEY_USE_MILLISECONDS))
  return database
    .update(accessKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(keyHash, tokenHash), isDue))
}

/** Stores that the caller's key was used. Counted apart, so that the request itself costs no more; a failure is logged. */
export async function noteKeyUse(env: Env, caller: Caller, now: number, requestId: string): Promise<void> {
  const { companyId, userId, tokenHash } = caller
  const meter = newMeter()
  const database = staying(databaseOf(env, caller, meter), companyId)
  try {
    await database.batch([markKeyUsed(database, tokenHash, now)])
    logStep('access-key.used', { companyId, userId }, meter)
  } catch (error) {
    if (!(error instanceof CompanyMoving)) logFailure(requestId, error)
  }
}
