/** Somebody who has left Acme, for the reference's example of an erasure. */
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { users } from '../../src/db/schema.ts'
import { DEMO } from '../../src/platform/demo.ts'
import { fold } from '../../src/platform/text.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const CAME_DAY = -120
const LEFT_DAY = -14

/** @param now Unix milliseconds */
export async function seedFormerUser(database: DrizzleD1Database, now: number): Promise<void> {
  const [email, name] = ['lou@acme.test', 'Lou Martin']
  const row = {
    ...{ id: DEMO.former, companyId: DEMO.company, email, emailKey: email, name, nameFolded: fold(name) },
    ...{ role: 'MANAGER' as const, active: false },
    ...{ createdAt: now + CAME_DAY * DAY_MS, updatedAt: now + LEFT_DAY * DAY_MS },
  }
  await database.batch([database.insert(users).values(row)])
}
