/** Mails with fresh links in D1: who gets one, within the limits, and whether it is still owed. */
import { and, eq, gt, inArray, isNotNull, lt, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { isActiveManager } from '../access/store.ts'
import type { Locale } from '../db/enums.ts'
import { insertSelect } from '../db/rows.ts'
import { placeStateOf, staysHere } from '../directory/staying-store.ts'
import { companies, exports, linkMails, users } from '../db/schema.ts'
import { RESEND_AFTER_MILLISECONDS } from '../jobs/owed-mail.ts'
import { takeOverdueMails } from '../jobs/owed-mail-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { planIsThere, planMayBeRead } from './store.ts'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR
/** The most mails a day for one user; an export has one an hour. */
const MOST_A_DAY = 10

interface NewLinkMail {
  id: string
  exportId: string
  /** The language that the request asks for; null if it asks for none of ours. */
  locale: Locale | null
  /** When the links end, unless the files do before. */
  linksEndAt: number
  linkKeyId: string
  now: number
}

/** Condition on a row of `exports`: its files are kept. */
function hasFiles(now: number): SQL | undefined {
  return and(inArray(exports.status, ['STORED', 'SENT', 'FAILED']), gt(exports.expiresAt, now))
}

/** A row with the export's company, where that is, and whether its files are kept. */
export function exportOfLink(database: Database, exportId: string, now: number) {
  return database
    .select({
      companyId: exports.companyId,
      state: placeStateOf(exports.companyId),
      hasFiles: sql<boolean>`${hasFiles(now)}`.mapWith(Boolean),
    })
    .from(exports)
    .where(eq(exports.id, exportId))
}

const earlier = alias(linkMails, 'earlier')

/**
 * Records a mail, if the files of the export are kept, its requester may have them, and the limits allow it. One statement,
 * so that of two at once only one does. A mail counts from when it was settled, since it may go out long after it was
 * asked for.
 */
export function insertLinkMail(database: Database, mail: NewLinkMail): Statement {
  const { id, exportId, locale, linksEndAt, linkKeyId, now } = mail
  const countSince = (since: number, condition: SQL) => sql`(SELECT count(*) FROM ${linkMails} AS earlier
    WHERE ${condition} AND (${earlier.settledAt} IS NULL OR ${earlier.settledAt} > ${since}))`
  return insertSelect(
    database,
    linkMails,
    {
      ...{ id, companyId: exports.companyId, exportId, userId: users.id, linkKeyId },
      locale: sql`coalesce(${users.language}, ${locale}, ${companies.language})`,
      // Links end with whole seconds.
      linkExpiresAt: sql`CAST(min(${linksEndAt}, ${exports.expiresAt}) / 1000 AS INTEGER) * 1000`,
      createdAt: now,
      mailDueAt: now + RESEND_AFTER_MILLISECONDS,
    },
    sql`FROM ${exports} JOIN ${users} ON ${users.id} = ${exports.requestedBy}
      JOIN ${companies} ON ${companies.id} = ${exports.companyId}
      WHERE ${and(eq(exports.id, exportId), hasFiles(now), isActiveManager(), staysHere(exports.companyId))}
        AND (${planMayBeRead} OR NOT ${planIsThere})
        AND ${countSince(now - HOUR, eq(earlier.exportId, exportId))} = 0
        AND ${countSince(now - DAY, sql`${earlier.userId} = ${users.id}`)} < ${MOST_A_DAY}`,
  )
}

/** A mail that is owed; no row if it is settled, or was never recorded. */
export function owedLinkMail(database: Database, companyId: string, id: string) {
  return database
    .select()
    .from(linkMails)
    .where(and(eq(linkMails.id, id), eq(linkMails.companyId, companyId), isNotNull(linkMails.mailDueAt)))
}

/** Sets the time at which the mail is sent again unless it is settled before. */
export function setLinkMailDue(database: Database, id: string, mailDueAt: number): Statement {
  return database
    .update(linkMails)
    .set({ mailDueAt })
    .where(and(eq(linkMails.id, id), isNotNull(linkMails.mailDueAt)))
}

/** Records that the provider took or refused the mail, or that it is given up. */
export function settleLinkMail(database: Database, id: string, now: number): Statement {
  return database
    .update(linkMails)
    .set({ mailDueAt: null, settledAt: now })
    .where(and(eq(linkMails.id, id), isNotNull(linkMails.mailDueAt)))
}

/** Takes mails that are overdue. */
export function takeOverdueLinkMails(database: Database, now: number) {
  const { companyId, exportId, id: linkMailId } = linkMails
  return takeOverdueMails(database, linkMails, { companyId, exportId, linkMailId }, now, {
    isSendable: staysHere(companyId),
  })
}

/** Deletes mails that count for no limit any more: the last try is within a day, and a mail counts for another. */
export function sweepLinkMails(database: Database, now: number): Statement {
  return database
    .delete(linkMails)
    .where(and(lt(linkMails.createdAt, now - 2 * DAY), staysHere(linkMails.companyId)))
}
