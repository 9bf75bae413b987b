/** The SQL that makes a company, as text: wrangler passes no parameters to a remote database. */
import { newId } from '../../src/platform/new-id.ts'
import { emailKeyOf, fold } from '../../src/platform/text.ts'
import type { NewCompany } from './options.ts'

/** Who has the wanted address after the SQL ran. */
export interface Holder {
  companyId: string
  companyName: string
  role: string
  active: number
}

interface CompanySql {
  /** What the company's id will be if it is made. */
  companyId: string
  sql: string
}

/**
 * Three statements, which D1 runs as one batch: the company and its ADMIN unless somebody has that address,
 * then who has it now. The last one's row is a `Holder`.
 * @param now Unix milliseconds
 */
export function companySql(
  { name, timeZone, language, adminEmail, adminName }: NewCompany,
  now: number,
): CompanySql {
  const companyId = newId(now)
  const emailKey = literal(emailKeyOf(adminEmail))
  const company = [companyId, name, timeZone, language].map(literal).join(', ')
  const admin = [newId(now), companyId, adminEmail].map(literal).join(', ')
  const unlessTaken = `WHERE NOT EXISTS (SELECT 1 FROM users WHERE email_key = ${emailKey})`
  const sql = `
    INSERT INTO companies (id, name, time_zone, language, created_at, updated_at)
      SELECT ${company}, ${now}, ${now} ${unlessTaken};
    INSERT INTO users (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
      SELECT ${admin}, ${emailKey}, ${literal(adminName)}, ${literal(fold(adminName))}, 'ADMIN', ${now}, ${now}
      ${unlessTaken};
    SELECT c.id AS companyId, c.name AS companyName, u.role AS role, u.active AS active
      FROM users u JOIN companies c ON c.id = u.company_id WHERE u.email_key = ${emailKey};`
  return { companyId, sql }
}

/** A text as SQLite writes it: in single quotes, those inside doubled, nothing else is special. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
