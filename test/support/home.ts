/** The database in which the tests keep their companies: `DB`, or another one where several are bound. */
import { env } from 'cloudflare:workers'
import { drizzle } from 'drizzle-orm/d1'
import { companyPlaces } from '../../src/db/schema.ts'
import { type DatabaseName, DIRECTORY } from '../../src/platform/place.ts'

/** The bound databases by name. */
export const DATABASES = Object.fromEntries(
  Object.entries(env).filter(([name]) => /^DB(_\d+)?$/.test(name)),
) as Record<string, D1Database>

export const HOME = env.TEST_HOME as DatabaseName

const found = DATABASES[HOME]
if (!found) throw new Error(`No database is bound as ${HOME}`)
export const home: D1Database = found

/** Tells the directory of companies whose rows were put straight into another database, as `npm run company` does. */
export async function placeCompanies(rows: readonly { id: string }[]): Promise<void> {
  if (HOME === DIRECTORY || rows.length === 0) return
  const values = rows.map(({ id: companyId }) => ({
    ...{ companyId, state: 'ELSEWHERE' as const, database: HOME, changedAt: Date.now() },
  }))
  for (const value of values) await drizzle(env.DB).insert(companyPlaces).values(value)
}

/** The same for users. */
export async function placeUsers(
  rows: readonly { id: string; companyId: string; emailKey: string }[],
): Promise<void> {
  if (HOME === DIRECTORY || rows.length === 0) return
  const known = rows.map(({ id: userId, companyId, emailKey }) => ({ emailKey, companyId, userId }))
  await env.DB.prepare(
    `INSERT INTO addresses (email_key, company_id, user_id)
      SELECT value ->> 'emailKey', value ->> 'companyId', value ->> 'userId' FROM json_each(?)`,
  )
    .bind(JSON.stringify(known))
    .run()
}
