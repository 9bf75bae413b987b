/**
 * `npm run company -- create …`: makes a company with its first ADMIN, unless that address belongs to somebody. In another
 * database than `DB`, directory rows come first; a creation that was cut off there goes on with their ids.
 */
import { newId } from '../../src/platform/new-id.ts'
import { type DatabaseName, DIRECTORY } from '../../src/platform/place.ts'
import { emailKeyOf, fold } from '../../src/platform/text.ts'
import { executeAt } from './homes.ts'
import type { NewCompany } from './options.ts'
import { withMostRoom } from './room.ts'
import type { Query, Row, Stores } from './stores.ts'

/** Who has the wanted address. */
const HOLDER = `SELECT c.id AS companyId, c.name AS companyName, u.role AS role, u.active AS active
  FROM users u JOIN companies c ON c.id = u.company_id WHERE u.email_key = ?1
    AND NOT EXISTS (SELECT 1 FROM company_places p WHERE p.company_id = c.id AND p.state = 'ELSEWHERE')`

/** What the directory says of the address, if the user is or is to be elsewhere. */
const RESERVED = `SELECT a.company_id AS companyId, a.user_id AS userId, p.database AS at
  FROM addresses a JOIN company_places p ON p.company_id = a.company_id WHERE a.email_key = ?1`

/** As long as a reservation of the API: then the sweep asks whether the user is there. */
const SETTLE_AFTER_MILLISECONDS = 5 * 60 * 1000

interface Ids {
  companyId: string
  userId: string
  at: DatabaseName
}

/**
 * @returns what happened, for the operator
 * @throws Error when the address belongs to somebody else, or no such database is bound
 */
export async function createCompany(company: NewCompany, stores: Stores): Promise<string> {
  const now = Date.now()
  const emailKey = emailKeyOf(company.adminEmail)
  const ids = {
    companyId: newId(now),
    userId: newId(now),
    at: await chosenDatabase(company.database, stores),
  }
  const directory = executeAt(stores, DIRECTORY)
  const reserving = ids.at === DIRECTORY ? insertsOf(company, ids, now) : reservationOf(emailKey, ids, now)
  const results = await directory([
    ...reserving,
    { sql: HOLDER, params: [emailKey] },
    { sql: RESERVED, params: [emailKey] },
  ])
  const [[here], [reserved]] = [results.at(-2) ?? [], results.at(-1) ?? []]
  // The answer to the first try may be lost, and then its ids tell.
  const isNew = (holder: Row, made: readonly Row[][]) => isMade(made) || holder.companyId === ids.companyId
  if (here) return outcome(company, here, DIRECTORY, isNew(here, results))
  if (!reserved) throw new Error('The database answered without a row')
  // Those of this creation, of one that was cut off, or of somebody who has the address.
  const kept = reserved as unknown as Ids
  const queries = [...insertsOf(company, kept, now), { sql: HOLDER, params: [emailKey] }]
  const written = await stores.execute(queries, kept.at)
  const [holder] = written.at(-1) ?? []
  if (!holder)
    throw new Error(`Nothing was done: ${company.adminEmail} is reserved; try again in some minutes.`)
  if (holder.companyId === kept.companyId) await directory([confirmationOf(emailKey, kept)])
  return outcome(company, holder, kept.at, isNew(holder, written))
}

/** Whether the first statement, that of the company's own row, has inserted. */
function isMade([inserted = []]: readonly Row[][]): boolean {
  return inserted.length > 0
}

function outcome(company: NewCompany, holder: Row, at: DatabaseName, made: boolean): string {
  if (made) {
    const place = at === DIRECTORY ? '' : ` in ${at}`
    return `Made the company "${company.name}" (${holder.companyId})${place} with ${company.adminEmail} as its ADMIN.`
  }
  if (holder.companyName === company.name && holder.role === 'ADMIN' && holder.active === 1) {
    return `The company "${company.name}" (${holder.companyId}) exists, with ${company.adminEmail} as an ADMIN. Nothing to do.`
  }
  const active = holder.active === 1 ? '' : ' who is not active,'
  throw new Error(
    `Nothing was done: ${company.adminEmail} belongs to somebody${active} with the role ${holder.role} in the company "${holder.companyName}".`,
  )
}

/** The database that was asked for, else the one whose companies store the fewest bytes. */
async function chosenDatabase(wished: DatabaseName | null, stores: Stores): Promise<DatabaseName> {
  const { databases } = stores
  if (wished !== null) {
    if (databases.includes(wished)) return wished
    throw new Error(`Nothing was done: no database is bound as ${wished}, only ${databases.join(', ')}.`)
  }
  if (databases.length === 1) return DIRECTORY
  const sql = 'SELECT coalesce(sum(stored_bytes), 0) AS bytes FROM companies'
  const kept = await Promise.all(
    databases.map(async (at) => {
      const [[row] = []] = await stores.execute([{ sql, params: [] }], at)
      return Number(row?.bytes)
    }),
  )
  return databases[withMostRoom(kept)] ?? DIRECTORY
}

/**
 * The company and its ADMIN, unless somebody has the address. Ids of a company that is there are those of a reservation which is
 * not for a new company: then nothing is inserted.
 * @param now Unix milliseconds
 */
function insertsOf(
  { name, timeZone, language, adminEmail, adminName }: NewCompany,
  { companyId, userId, at }: Ids,
  now: number,
): Query[] {
  const emailKey = emailKeyOf(adminEmail)
  const isUnused = (table: string) => `NOT EXISTS (SELECT 1 FROM ${table} WHERE email_key = ?1)`
  const isFree = at === DIRECTORY ? `${isUnused('users')} AND ${isUnused('addresses')}` : isUnused('users')
  return [
    {
      sql: `INSERT INTO companies (id, name, time_zone, language, created_at, updated_at)
        SELECT ?2, ?3, ?4, ?5, ${now}, ${now} WHERE ${isFree}
          AND NOT EXISTS (SELECT 1 FROM companies WHERE id = ?2) RETURNING id`,
      params: [emailKey, companyId, name, timeZone, language],
    },
    {
      sql: `INSERT INTO users (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
        SELECT ?2, ?3, ?4, ?1, ?5, ?6, 'ADMIN', ${now}, ${now} WHERE ${isFree}
          AND EXISTS (SELECT 1 FROM companies WHERE id = ?3)
          AND NOT EXISTS (SELECT 1 FROM users WHERE company_id = ?3)`,
      params: [emailKey, userId, companyId, adminEmail, adminName, fold(adminName)],
    },
  ]
}

/** Says in the directory where the company will be, and reserves the address, unless somebody has it. */
function reservationOf(emailKey: string, { companyId, userId, at }: Ids, now: number): Query[] {
  return [
    {
      sql: `INSERT INTO addresses (email_key, company_id, user_id, settle_at)
        SELECT ?1, ?2, ?3, ${now + SETTLE_AFTER_MILLISECONDS}
          WHERE NOT EXISTS (SELECT 1 FROM users WHERE email_key = ?1)
        ON CONFLICT (email_key) DO NOTHING`,
      params: [emailKey, companyId, userId],
    },
    {
      sql: `INSERT INTO company_places (company_id, state, database, changed_at)
        SELECT ?2, 'ELSEWHERE', '${at}', ${now}
          WHERE EXISTS (SELECT 1 FROM addresses WHERE email_key = ?1 AND company_id = ?2)
        ON CONFLICT (company_id) DO NOTHING`,
      params: [emailKey, companyId],
    },
  ]
}

/** The sweep may have freed the address meanwhile, since nobody had it. */
function confirmationOf(emailKey: string, { companyId, userId }: Ids): Query {
  const sql = `INSERT INTO addresses (email_key, company_id, user_id) SELECT ?1, ?2, ?3 WHERE 1
    ON CONFLICT (email_key) DO UPDATE SET settle_at = NULL WHERE company_id = excluded.company_id`
  return { sql, params: [emailKey, companyId, userId] }
}
