/** What else D1 keeps of a user who is erased. */
import { eq, or, type SQL, sql } from 'drizzle-orm'
import type { Locale } from '../db/enums.ts'
import { accessKeys, companies, linkMails, reminders, sessions, signInCodes } from '../db/schema.ts'
import { type StoredUser, userIsUnchanged } from '../people/user-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { hasNoWork } from '../reassignments/store.ts'

/** More of them than this are left in KV until they expire there, after the lifetime of a session. */
const MOST_TOKENS = 400

/** The hashes of a user's keys and sessions, ended ones too. */
export function tokensOf(database: Database, userId: string) {
  return [
    database
      .select({ hash: accessKeys.keyHash })
      .from(accessKeys)
      .where(eq(accessKeys.userId, userId))
      .limit(MOST_TOKENS),
    database
      .select({ hash: sessions.id })
      .from(sessions)
      .where(eq(sessions.userId, userId))
      .limit(MOST_TOKENS),
  ] as const
}

/** Holds while user and language of the company are as loaded, and nothing is to be handed over. */
export function mayBeErased(user: StoredUser, language: Locale, now: number): SQL {
  return sql`${userIsUnchanged(user)} AND ${hasNoWork(user.id, now)}
    AND EXISTS (SELECT 1 FROM ${companies} WHERE ${eq(companies.id, user.companyId)} AND ${eq(companies.language, language)})`
}

/** The language in which the API names the erased person. */
export function languageOfCompany(database: Database, companyId: string) {
  return database
    .select({ language: sql<Locale>`${companies.language}` })
    .from(companies)
    .where(eq(companies.id, companyId))
}

/**
 * Deletes what signs the user in, and mails that wait.
 * @param emailHash that of sign-in codes, which are also kept for an address whose user is not active
 */
export function deleteTraces(database: Database, userId: string, emailHash: string): Statement[] {
  return [
    database.delete(sessions).where(eq(sessions.userId, userId)),
    database.delete(accessKeys).where(eq(accessKeys.userId, userId)),
    database
      .delete(signInCodes)
      .where(or(eq(signInCodes.userId, userId), eq(signInCodes.emailHash, emailHash))),
    database.delete(reminders).where(eq(reminders.userId, userId)),
    database.delete(linkMails).where(eq(linkMails.userId, userId)),
  ]
}
