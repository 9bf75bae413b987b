/** `npm run company -- create …`: makes a company with its first ADMIN, unless that address belongs to somebody. */
import { newId } from '../../src/platform/new-id.ts'
import { emailKeyOf, fold } from '../../src/platform/text.ts'
import type { NewCompany } from './options.ts'
import type { Query, Stores } from './stores.ts'

/** Who has the wanted address afterwards. */
const HOLDER = `SELECT c.id AS companyId, c.name AS companyName, u.role AS role, u.active AS active
  FROM users u JOIN companies c ON c.id = u.company_id WHERE u.email_key = ?1`

/**
 * @returns what happened, for the operator
 * @throws Error when the address belongs to somebody else
 */
export async function createCompany(company: NewCompany, stores: Stores): Promise<string> {
  const now = Date.now()
  const companyId = newId(now)
  const inserts = insertsOf(company, companyId, now)
  const results = await stores.execute([
    ...inserts,
    { sql: HOLDER, params: [emailKeyOf(company.adminEmail)] },
  ])
  const holder = results.at(-1)?.[0]
  if (!holder) throw new Error('The database answered without a row')
  if (holder.companyId === companyId) {
    return `Made the company "${company.name}" (${companyId}) with ${company.adminEmail} as its ADMIN.`
  }
  if (holder.companyName === company.name && holder.role === 'ADMIN' && holder.active === 1) {
    return `The company "${company.name}" (${holder.companyId}) exists, with ${company.adminEmail} as an ADMIN. Nothing to do.`
  }
  const active = holder.active === 1 ? '' : ' who is not active,'
  throw new Error(
    `Nothing was done: ${company.adminEmail} belongs to somebody${active} with the role ${holder.role} in the company "${holder.companyName}".`,
  )
}

/** @param now Unix milliseconds */
function insertsOf(
  { name, timeZone, language, adminEmail, adminName }: NewCompany,
  companyId: string,
  now: number,
): Query[] {
  const emailKey = emailKeyOf(adminEmail)
  const unlessTaken = 'WHERE NOT EXISTS (SELECT 1 FROM users WHERE email_key = ?1)'
  return [
    {
      sql: `INSERT INTO companies (id, name, time_zone, language, created_at, updated_at)
        SELECT ?2, ?3, ?4, ?5, ${now}, ${now} ${unlessTaken}`,
      params: [emailKey, companyId, name, timeZone, language],
    },
    {
      sql: `INSERT INTO users (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
        SELECT ?2, ?3, ?4, ?1, ?5, ?6, 'ADMIN', ${now}, ${now} ${unlessTaken}`,
      params: [emailKey, newId(now), companyId, adminEmail, adminName, fold(adminName)],
    },
  ]
}
