/** Sign-in codes and new sessions in D1. Addresses are compared as hashes of their lower-cased form. */
import { and, eq, gt, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Locale } from '../db/enums.ts'
import { allOf, insertSelect, isOneOf, select } from '../db/rows.ts'
import { companies, companyPlaces, sessions, signInCodes, users } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import { RESEND_AFTER_MILLISECONDS } from '../jobs/owed-mail.ts'
import { takeOverdueMails } from '../jobs/owed-mail-store.ts'
import { USER_COLUMNS } from '../people/user-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { CODE_LIFETIME_MILLISECONDS, HOURLY_LIMITS, MOST_TRIES } from './codes.ts'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR

interface NewCode {
  id: string
  emailKey: string
  emailHash: string
  addressHash: string
  /** The language that the request prefers; null if it names none of ours. */
  accepted: Locale | null
  now: number
  /** Whether the hourly limits apply. */
  limited: boolean
}

/** Records a code, unless the hourly limits are reached; for unknown addresses too, so that the work is the same. */
export function insertCode(database: Database, code: NewCode): Statement {
  const { id, emailKey, emailHash, addressHash, accepted, now } = code
  const ofLastHour = (condition?: SQL) => sql`(SELECT count(*) FROM ${signInCodes}
    WHERE ${and(eq(signInCodes.emailHash, emailHash), gt(signInCodes.createdAt, now - HOUR), condition)})`
  const withinLimits = sql`${ofLastHour()} < ${HOURLY_LIMITS.perEmail}
    AND ${ofLastHour(eq(signInCodes.addressHash, addressHash))} < ${HOURLY_LIMITS.perEmailAndAddress}`
  return insertSelect(
    database,
    signInCodes,
    {
      ...{ id, emailHash, addressHash, userId: users.id, tries: 0, createdAt: now },
      locale: sql`coalesce(${users.language}, ${accepted}, ${companies.language}, 'en')`,
      ...{ userName: users.name, companyName: companies.name, accentColor: companies.accentColor },
      expiresAt: now + CODE_LIFETIME_MILLISECONDS,
      mailDueAt: sql`CASE WHEN ${users.id} IS NOT NULL THEN ${now + RESEND_AFTER_MILLISECONDS} END`,
    },
    sql`FROM (SELECT 1) LEFT JOIN ${users} ON ${and(eq(users.emailKey, emailKey), eq(users.active, true))}
        LEFT JOIN ${companies} ON ${eq(companies.id, users.companyId)}
      WHERE ${code.limited ? withinLimits : sql`1`}`,
  )
}

/** Condition on `sign_in_codes`: the code can still be used. */
function isLive(now: number): SQL {
  return allOf([isNull(signInCodes.consumedAt), gt(signInCodes.expiresAt, now)])
}

const RECIPIENT = {
  companyId: users.companyId,
  isStaying: staysHere(users.companyId),
  to: users.email,
  locale: signInCodes.locale,
  name: signInCodes.userName,
  companyName: signInCodes.companyName,
  accentColor: signInCodes.accentColor,
}

/** What the mail with a live code shows; no row if the code belongs to no active user. */
export function codeRecipient(database: Database, codeId: string, now: number) {
  return select(database, RECIPIENT)
    .from(signInCodes)
    .innerJoin(users, eq(users.id, signInCodes.userId))
    .where(and(eq(signInCodes.id, codeId), eq(users.active, true), isLive(now)))
}

/** Sets the time at which the mail is sent again unless it is settled before; null if it is settled. */
export function setMailDue(database: Database, codeId: string, mailDueAt: number | null): Statement {
  return database.update(signInCodes).set({ mailDueAt }).where(eq(signInCodes.id, codeId))
}

/** Condition on a row of `sign_in_codes`: its user, if there is one, is of a company that is not being moved. */
function isOfStaying({ isAlone }: Database): SQL {
  // With one database no company moves, and looking each user up would cost a row.
  return isAlone
    ? sql`1`
    : sql`NOT EXISTS (SELECT 1 FROM ${users} JOIN ${companyPlaces}
        ON ${eq(companyPlaces.companyId, users.companyId)} WHERE ${eq(users.id, signInCodes.userId)})`
}

/** Takes live codes whose mail is overdue. */
export function takeOverdueCodes(database: Database, now: number) {
  const isSendable = allOf([isLive(now), lt(signInCodes.tries, MOST_TRIES), isOfStaying(database)])
  return takeOverdueMails(database, signInCodes, { codeId: signInCodes.id }, now, { isSendable })
}

/** Counts a try on every live code of the address before any code is compared, so that parallel guesses all count. */
export function spendTry(database: Database, emailHash: string, now: number) {
  return database
    .update(signInCodes)
    .set({ tries: sql`${signInCodes.tries} + 1` })
    .where(
      and(
        eq(signInCodes.emailHash, emailHash),
        gt(signInCodes.createdAt, now - CODE_LIFETIME_MILLISECONDS),
        isLive(now),
        lt(signInCodes.tries, MOST_TRIES),
      ),
    )
    .returning({
      id: signInCodes.id,
      userId: signInCodes.userId,
      companyId: sql<string | null>`(SELECT ${users.companyId} FROM ${users}
        WHERE ${eq(users.id, signInCodes.userId)})`,
    })
}

/** Takes back a counted try of these codes that was not a wrong guess. */
export function giveTriesBack(database: Database, codeIds: readonly string[], condition?: SQL): Statement {
  return database
    .update(signInCodes)
    .set({ tries: sql`${signInCodes.tries} - 1` })
    .where(and(isOneOf(signInCodes.id, codeIds), gt(signInCodes.tries, 0), condition))
}

/**
 * Opens a session for an unused code, marks the code as used, and reads the user; no row if the code was used before.
 * Also takes back the counted try of `siblings`, the other live codes of the address, since the guess was right.
 */
export function openSession(
  database: Database,
  session: { id: string; codeId: string; siblings: readonly string[]; now: number; expiresAt: number },
) {
  const { id, codeId, siblings, now, expiresAt } = session
  const opened = database.select({ userId: sessions.userId }).from(sessions).where(eq(sessions.id, id))
  return [
    insertSelect(
      database,
      sessions,
      { id, userId: users.id, companyId: users.companyId, createdAt: now, expiresAt },
      sql`FROM ${signInCodes} JOIN ${users} ON ${eq(users.id, signInCodes.userId)}
        WHERE ${and(eq(signInCodes.id, codeId), isLive(now), eq(users.active, true))}`,
    ),
    database
      .update(signInCodes)
      .set({ consumedAt: now })
      .where(and(eq(signInCodes.id, codeId), isNull(signInCodes.consumedAt))),
    giveTriesBack(database, siblings, sql`EXISTS ${opened}`),
    database.select(USER_COLUMNS).from(users).where(inArray(users.id, opened)),
  ] as const
}

/** The live sessions of a user, up to 1000. */
export function liveSessions(database: Database, userId: string, now: number) {
  return database
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now)))
    .limit(1000)
}

/** Deletes codes and sessions a day after nobody can use them any more. */
export function sweepSignIns(database: Database, now: number): Statement[] {
  return [
    database.delete(signInCodes).where(and(lt(signInCodes.createdAt, now - DAY), isOfStaying(database))),
    database.delete(sessions).where(and(lt(sessions.expiresAt, now - DAY), staysHere(sessions.companyId))),
  ]
}
