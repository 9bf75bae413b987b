/** The calendar that the reference's example names: marc's, since trying out the reference replaces ana's. */
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { calendars } from '../../src/db/schema.ts'
import { DEMO, DEMO_CALENDAR } from '../../src/platform/demo.ts'
import { sha256Hex } from '../../src/platform/hash.ts'

/** @param now Unix milliseconds */
export async function seedDemoCalendar(database: DrizzleD1Database, now: number): Promise<void> {
  const tokenHash = await sha256Hex(DEMO_CALENDAR.token)
  const row = { userId: DEMO.marc, companyId: DEMO.company, tokenHash, createdAt: now }
  await database.batch([database.insert(calendars).values(row)])
}
