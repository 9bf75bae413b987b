/** Switches reminders off in D1. */
import { and, eq, sql } from 'drizzle-orm'
import { placeStateOf, staysHere } from '../directory/staying-store.ts'
import { users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { SwitchOffTarget } from './links.ts'

/**
 * Changes nothing, and no ETag either, if they are off, there is no such user, or the company is being moved. Returns a row with
 * where the company is, if the user is there.
 */
export function switchRemindersOff(database: Database, { companyId, userId }: SwitchOffTarget, now: number) {
  const isTarget = and(eq(users.id, userId), eq(users.companyId, companyId))
  return [
    database
      .update(users)
      .set({ reminders: false, updatedAt: now, revision: sql`${users.revision} + 1` })
      .where(and(isTarget, eq(users.reminders, true), staysHere(companyId))),
    database
      .select({ state: placeStateOf(companyId) })
      .from(users)
      .where(isTarget),
  ] as const
}
