/**
 * Demo data for a local database that holds no company yet: Acme with people, areas, plans and actions in
 * every state, and Globex, to see that tenants are apart. Content is fixed, times are relative to the seeding.
 */
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { companies } from '../src/db/schema.ts'
import { ACME } from './demo-data/acme.ts'
import { GLOBEX } from './demo-data/content.ts'
import { CompanyRows } from './demo-data/rows.ts'

export const DEMO_USERS = [ACME, GLOBEX].flatMap((company) =>
  company.people.map((person) => ({ ...person, company: company.name })),
)

/**
 * Inserts the demo data in one batch unless there is any company.
 * @param now Unix milliseconds
 * @returns whether it did
 */
export async function seedDemoData(database: DrizzleD1Database, now: number): Promise<boolean> {
  const existing = await database.select({ id: companies.id }).from(companies).limit(1)
  if (existing.length > 0) return false
  const [first, ...rest] = [ACME, GLOBEX].flatMap((company) =>
    new CompanyRows(database, company, now).inserts(),
  )
  if (first) await database.batch([first, ...rest])
  return true
}
