/** Reads what the template lists. */
import { and, eq, sql } from 'drizzle-orm'
import { isActiveManager } from '../access/store.ts'
import { select } from '../db/rows.ts'
import { companies, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'

/** Excel shows some thousand entries of a list. */
const MOST_PEOPLE = 5000
/** Bytes of an address, with what its row has besides. */
const PERSON_BYTES = 400

/** The languages of user and company, the company's colour, and about how many bytes its people and areas have. */
export function templateSetting(database: Database, userId: string) {
  return select(database, {
    own: users.language,
    company: companies.language,
    accentColor: companies.accentColor,
    bytes: sql<number>`${companies.hierarchyBytes} + ${PERSON_BYTES} * min(${MOST_PEOPLE},
      (SELECT count(*) FROM ${users} AS everybody WHERE everybody.company_id = ${companies.id}))`,
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
