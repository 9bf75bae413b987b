/** The database in which the tests keep their companies: `DB`, or another one where several are bound. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { companyPlaces } from '../../src/db/schema.ts'
import { type DatabaseName, DIRECTORY } from '../../src/platform/place.ts'

/** The bound databases by name. */
export const DATABASES = Object.fromEntries(
  Object.entries(env).filter(([name]) => /^DB(_\d+)?$/.test(name)),
) as Record<string, D1Database>

export let HOME = env.TEST_HOME as DatabaseName
export let home = bindingOf(HOME)

/** The database of other companies: the last one that is bound. */
export const NEIGHBOUR = Object.keys(DATABASES).sort().at(-1) as DatabaseName

function bindingOf(name: DatabaseName): D1Database {
  const found = DATABASES[name]
  if (!found) throw new Error(`No database is bound as ${name}`)
  return found
}

/** Where companies are that tests have put elsewhere. */
const elsewhere = new Map<string, DatabaseName>()

/** The database of a company that a test has made; within `livingIn`, the one named there. */
export function nameOfHome(companyId: string): DatabaseName {
  return HOME === env.TEST_HOME ? (elsewhere.get(companyId) ?? HOME) : HOME
}

export function homeOf(companyId: string): D1Database {
  return bindingOf(nameOfHome(companyId))
}

/** Does something while companies are put into another database. */
export async function livingIn<Result>(name: DatabaseName, work: () => Promise<Result>): Promise<Result> {
  const before = HOME
  ;[HOME, home] = [name, bindingOf(name)]
  try {
    return await work()
  } finally {
    ;[HOME, home] = [before, bindingOf(before)]
  }
}

/** Makes the company one that leaves its database, arrives in it, or has gone to another one. */
export async function place(
  at: DatabaseName,
  companyId: string,
  state: 'LEAVING' | 'ARRIVING' | 'ELSEWHERE',
  database: DatabaseName,
): Promise<void> {
  const row = { companyId, state, database, changedAt: Date.now() }
  await drizzle(bindingOf(at))
    .insert(companyPlaces)
    .values(row)
    .onConflictDoUpdate({ target: companyPlaces.companyId, set: row })
}

/** Makes the company one that is to stay in its database. */
export async function unplace(at: DatabaseName, companyId: string): Promise<void> {
  await drizzle(bindingOf(at)).delete(companyPlaces).where(eq(companyPlaces.companyId, companyId))
}

/** Tells the directory of companies whose rows were put straight into another database, as `npm run company` does. */
export async function placeCompanies(rows: readonly { id: string }[]): Promise<void> {
  if (HOME !== env.TEST_HOME) for (const { id } of rows) elsewhere.set(id, HOME)
  if (HOME === DIRECTORY || rows.length === 0) return
  const values = rows.map(({ id: companyId }) => ({
    ...{ companyId, state: 'ELSEWHERE' as const, database: HOME, changedAt: Date.now() },
  }))
  for (const value of values) await drizzle(env.DB).insert(companyPlaces).values(value)
}

/** The same for users, all of one company. */
export async function placeUsers(
  rows: readonly { id: string; companyId: string; emailKey: string }[],
): Promise<void> {
  if (nameOfHome(rows[0]?.companyId ?? '') === DIRECTORY) return
  const known = rows.map(({ id: userId, companyId, emailKey }) => ({ emailKey, companyId, userId }))
  await env.DB.prepare(
    `INSERT INTO addresses (email_key, company_id, user_id)
      SELECT value ->> 'emailKey', value ->> 'companyId', value ->> 'userId' FROM json_each(?)`,
  )
    .bind(JSON.stringify(known))
    .run()
}
