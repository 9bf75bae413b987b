/** The access keys that the reference's examples name. Nobody knows the keys themselves. */
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { accessKeys } from '../../src/db/schema.ts'
import { DEMO } from '../../src/platform/demo.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newAccessKey } from '../../src/platform/token.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const MADE_DAY = -13
// Longer than keys may live: the examples work for as long as the folder is used.
const KEPT_DAYS = 3650

/** @param now Unix milliseconds */
export async function seedDemoKeys(database: DrizzleD1Database, now: number): Promise<void> {
  const shared = {
    ...{ companyId: DEMO.company, userId: DEMO.ana, scope: 'READ' as const },
    createdAt: now + MADE_DAY * DAY_MS,
    expiresAt: now + KEPT_DAYS * DAY_MS,
  }
  const rows = [
    { ...shared, id: DEMO.accessKey, name: 'Nightly report', key: newAccessKey(), lastUsedAt: now - DAY_MS },
    { ...shared, id: DEMO.spareAccessKey, name: 'Last year’s report', key: newAccessKey(), lastUsedAt: null },
  ]
  const hashed = await Promise.all(
    rows.map(async ({ key, ...row }) => ({ ...row, hint: key.slice(-4), keyHash: await sha256Hex(key) })),
  )
  await database.batch([database.insert(accessKeys).values(hashed)])
}
