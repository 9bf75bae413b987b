/** The sign-in code that the reference's examples name, so that signing in succeeds as it stands. */
import { eq } from 'drizzle-orm'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { signInCodes, users } from '../../src/db/schema.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { DEMO, DEMO_CODE } from '../../src/platform/demo.ts'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000

/**
 * Makes the code usable once more, for a year, if the demo data is there.
 * @param now Unix milliseconds
 */
export async function renewDemoCode(database: DrizzleD1Database, now: number): Promise<void> {
  const known = await database.select({ id: users.id }).from(users).where(eq(users.id, DEMO.ana))
  if (known.length === 0) return
  // A code counts ten minutes from its creation, so it is created in the future.
  const later = now + YEAR_MS
  await database.batch([
    database.delete(signInCodes).where(eq(signInCodes.id, DEMO_CODE.id)),
    database.insert(signInCodes).values({
      id: DEMO_CODE.id,
      emailHash: await sha256Hex(DEMO_CODE.email),
      addressHash: await sha256Hex('demo data'),
      userId: DEMO.ana,
      locale: 'en',
      createdAt: later,
      expiresAt: later,
    }),
  ])
}
