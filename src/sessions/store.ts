/** Sign-in codes and sessions in D1. Addresses are compared as hashes of their lower-cased form. */
import { and, eq, gt, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Locale } from '../db/enums.ts'
import { sessions, signInCodes } from '../db/schema.ts'
import { userColumns, type UserRow } from '../people/store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { CODE_LIFETIME_MILLISECONDS, HOURLY_LIMITS, MOST_TRIES } from './codes.ts'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR
/** Longer than the provider may take to answer. A mail that is sent twice carries one key. */
export const RESEND_AFTER_MILLISECONDS = 15 * 1000
const MAILS_PER_SWEEP = 100

interface NewCode {
  id: string
  emailKey: string
  emailHash: string
  addressHash: string
  locale: Locale
  now: number
  limited: boolean
}

/** Records a code, for strangers too (same work), unless the hour's limits are reached. */
export function insertCode(database: Database, code: NewCode): Statement {
  const { perEmailAndAddress, perEmail } = HOURLY_LIMITS
  const since = code.now - HOUR
  const withinLimits = sql`
    (SELECT count(*) FROM sign_in_codes WHERE email_hash = ${code.emailHash} AND created_at > ${since}) < ${perEmail}
    AND (SELECT count(*) FROM sign_in_codes WHERE email_hash = ${code.emailHash} AND created_at > ${since}
      AND address_hash = ${code.addressHash}) < ${perEmailAndAddress}`
  return database.run(sql`
    INSERT INTO sign_in_codes
      (id, email_hash, address_hash, locale, user_id, tries, created_at, expires_at, mail_due_at)
    SELECT ${code.id}, ${code.emailHash}, ${code.addressHash}, ${code.locale}, u.id,
      0, ${code.now}, ${code.now + CODE_LIFETIME_MILLISECONDS},
      CASE WHEN u.id IS NOT NULL THEN ${code.now + RESEND_AFTER_MILLISECONDS} END
    FROM (SELECT 1) LEFT JOIN users u ON u.email_key = ${code.emailKey} AND u.active = 1
    WHERE ${code.limited ? withinLimits : sql`1`}`)
}

/** Where to mail a live code, if it belongs to somebody active. */
export function codeRecipient(database: Database, codeId: string, now: number) {
  return database.all<{ email: string; locale: Locale }>(sql`
    SELECT u.email, c.locale FROM sign_in_codes c JOIN users u ON u.id = c.user_id
    WHERE c.id = ${codeId} AND u.active = 1 AND c.consumed_at IS NULL AND c.expires_at > ${now}`)
}

/** Notes when the mail is sent again if nothing more is heard of it; null: it is settled. */
export function setMailDue(database: Database, codeId: string, mailDueAt: number | null): Statement {
  return database.update(signInCodes).set({ mailDueAt }).where(eq(signInCodes.id, codeId))
}

/** Takes live codes whose mail is overdue, since a crash may have taken the message with it; each for one sweep. */
export function takeOverdueMails(database: Database, now: number) {
  return database.all<{ id: string }>(sql`
    UPDATE sign_in_codes SET mail_due_at = ${now + RESEND_AFTER_MILLISECONDS} WHERE id IN (
      SELECT id FROM sign_in_codes WHERE mail_due_at <= ${now} AND expires_at > ${now} AND consumed_at IS NULL
        AND tries < ${MOST_TRIES}
      ORDER BY mail_due_at LIMIT ${MAILS_PER_SWEEP})
    RETURNING id`)
}

/** Spends a try on every live code of the address, before any is compared: parallel guesses count one by one. */
export function spendTry(database: Database, emailHash: string, now: number) {
  return database.all<{ id: string; user_id: string | null; company_id: string | null }>(sql`
    UPDATE sign_in_codes SET tries = tries + 1
    WHERE email_hash = ${emailHash} AND created_at > ${now - CODE_LIFETIME_MILLISECONDS} AND expires_at > ${now}
      AND consumed_at IS NULL AND tries < ${MOST_TRIES}
    RETURNING id, user_id, (SELECT company_id FROM users WHERE id = user_id) AS company_id`)
}

/** Gives codes the try back that was spent on them but was no wrong one. */
export function giveTriesBack(
  database: Database,
  codeIds: readonly string[],
  condition: SQL = sql`1`,
): Statement {
  return database.run(sql`UPDATE sign_in_codes SET tries = tries - 1
    WHERE id IN (SELECT value FROM json_each(${JSON.stringify(codeIds)})) AND tries > 0 AND ${condition}`)
}

/**
 * Opens a session for an unused code, uses it up, and reads the user: nobody if it was used. The try was the right one,
 * so `siblings`, other live codes of the address, get theirs back.
 */
export function openSession(
  database: Database,
  session: { id: string; codeId: string; siblings: readonly string[]; now: number; expiresAt: number },
) {
  const { id, codeId, siblings, now, expiresAt } = session
  return [
    database.run(sql`
      INSERT INTO sessions (id, user_id, company_id, created_at, expires_at)
      SELECT ${id}, u.id, u.company_id, ${now}, ${expiresAt}
      FROM sign_in_codes c JOIN users u ON u.id = c.user_id
      WHERE c.id = ${codeId} AND c.consumed_at IS NULL AND c.expires_at > ${now} AND u.active = 1`),
    database
      .update(signInCodes)
      .set({ consumedAt: now })
      .where(and(eq(signInCodes.id, codeId), isNull(signInCodes.consumedAt))),
    giveTriesBack(database, siblings, sql`EXISTS (SELECT 1 FROM sessions WHERE id = ${id})`),
    database.all<UserRow>(sql`
      SELECT ${userColumns} FROM users u WHERE u.id = (SELECT user_id FROM sessions WHERE id = ${id})`),
  ] as const
}

/** The live sessions of a user. */
export function liveSessions(database: Database, userId: string, now: number) {
  return database
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now)))
    .limit(1000)
}

/** Ends one session, or with `sessionId` null all of the user's. */
export function revokeSessions(
  database: Database,
  userId: string,
  sessionId: string | null,
  now: number,
): Statement {
  const all = and(eq(sessions.userId, userId), isNull(sessions.revokedAt))
  return database
    .update(sessions)
    .set({ revokedAt: now })
    .where(sessionId === null ? all : and(all, eq(sessions.id, sessionId)))
}

/** Deletes codes and sessions that nobody can use any more. */
export function sweepSignIns(database: Database, now: number): Statement[] {
  return [
    database.delete(signInCodes).where(lt(signInCodes.createdAt, now - DAY)),
    database.delete(sessions).where(lt(sessions.expiresAt, now - DAY)),
  ]
}
