/** Switches reminders off in D1. */
import { and, eq, sql } from 'drizzle-orm'
import { users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import type { SwitchOffTarget } from './links.ts'

/** Changes nothing, and no ETag either, if they are off, or there is no such user. */
export function switchRemindersOff(
  database: Database,
  { companyId, userId }: SwitchOffTarget,
  now: number,
): Statement {
  return database
    .update(users)
    .set({ reminders: false, updatedAt: now, revision: sql`${users.revision} + 1` })
    .where(and(eq(users.id, userId), eq(users.companyId, companyId), eq(users.reminders, true)))
}
