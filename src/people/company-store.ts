/** Reads and writes the company in D1. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { changedMembers, isAtRevision, type RowOf } from '../db/rows.ts'
import { companies } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

const COMPANY = {
  id: companies.id,
  name: companies.name,
  timeZone: companies.timeZone,
  language: companies.language,
  accentColor: companies.accentColor,
  revision: companies.revision,
}

export type StoredCompany = RowOf<typeof COMPANY>

export function companyById(database: Database, companyId: string) {
  return database.select(COMPANY).from(companies).where(eq(companies.id, companyId))
}

/** Holds while the company has not been written since it was loaded. */
export function companyIsUnchanged(company: StoredCompany): SQL {
  return isAtRevision(companies, company)
}

/**
 * Updates a stored company from `before` to `after`; writes only columns that changed. With another time zone its morning is
 * another one, so that the sweep is to look at it anew.
 */
export function updateCompany(
  database: Database,
  before: StoredCompany,
  after: StoredCompany,
  now: number,
): Statement {
  return database
    .update(companies)
    .set({
      ...changedMembers(before, after),
      ...(after.timeZone === before.timeZone ? {} : { remindersDueAt: 0 }),
      updatedAt: now,
      revision: sql`${companies.revision} + 1`,
    })
    .where(eq(companies.id, after.id))
}
