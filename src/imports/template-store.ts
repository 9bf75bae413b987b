/** Reads what the template lists. */
import { and, eq } from 'drizzle-orm'
import { isActiveManager } from '../access/store.ts'
import { select } from '../db/rows.ts'
import { companies, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'

/** Excel shows some thousand entries of a list. */
const MOST_PEOPLE = 5000

/** The languages of user and company, the company's colour, and how many bytes its areas have. */
export function templateSetting(database: Database, userId: string) {
  return select(database, {
    own: users.language,
    company: companies.language,
    accentColor: companies.accentColor,
    bytes: companies.hierarchyBytes,
  })
    .from(users)
    .innerJoin(companies, eq(companies.id, users.companyId))
    .where(eq(users.id, userId))
}

/** The addresses of active managers in the order of letters. */
export function assignableEmails(database: Database, companyId: string) {
  return select(database, { email: users.email })
    .from(users)
    .where(and(eq(users.companyId, companyId), isActiveManager()))
    .orderBy(users.emailKey)
    .limit(MOST_PEOPLE)
}
