/**
 * Demo data for a local database that holds no company yet: Acme with people, areas, plans and actions in
 * every state, and Globex, to see that tenants are apart. Content is fixed, times are relative to the seeding.
 */
import { companies } from '../src/db/schema.ts'
import { ACME } from './demo-data/acme.ts'
import { GLOBEX } from './demo-data/content.ts'
import { seedDemoCalendar } from './demo-data/calendar.ts'
import { seedDemoKeys } from './demo-data/access-keys.ts'
import { seedDemoExport } from './demo-data/export.ts'
import { seedFormerUser } from './demo-data/former-user.ts'
import { CompanyRows } from './demo-data/rows.ts'
import { renewDemoCode } from './demo-data/sign-in.ts'
import { webhookInserts } from './demo-data/webhooks.ts'
import type { LocalBindings } from './local/bindings.ts'

export const DEMO_USERS = [ACME, GLOBEX].flatMap((company) =>
  company.people.map((person) => ({ ...person, company: company.name })),
)

/**
 * Inserts the demo data unless there is any company, and makes the demo user's sign-in code usable once more.
 * @param now Unix milliseconds
 * @returns whether it inserted
 */
export async function seedDemoData(bindings: LocalBindings, now: number): Promise<boolean> {
  const seeded = await insertDemoData(bindings, now)
  await renewDemoCode(bindings.database, now)
  return seeded
}

/** The companies go in as one batch. */
async function insertDemoData({ database, env }: LocalBindings, now: number): Promise<boolean> {
  const existing = await database.select({ id: companies.id }).from(companies).limit(1)
  if (existing.length > 0) return false
  const [first, ...rest] = [
    ...[ACME, GLOBEX].flatMap((company) => new CompanyRows(database, company, now).inserts()),
    ...webhookInserts(database, now),
  ]
  if (first) await database.batch([first, ...rest])
  await seedFormerUser(database, now)
  await seedDemoKeys(database, now)
  await seedDemoCalendar(database, now)
  await seedDemoExport(env, now)
  return true
}
