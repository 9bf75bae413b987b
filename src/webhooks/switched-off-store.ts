/** The mails about webhooks that were switched off, in D1: who gets one, and whether it is still owed. */
import { and, eq, isNotNull } from 'drizzle-orm'
import { type RowOf, select } from '../db/rows.ts'
import { users, webhooks } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import { takeOverdueMails } from '../jobs/owed-mail-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

const OWED = {
  webhookId: webhooks.id,
  host: webhooks.host,
  to: users.email,
  switchedOffAt: webhooks.switchedOffAt,
  locale: webhooks.mailLocale,
  name: webhooks.mailUserName,
  companyName: webhooks.mailCompanyName,
  accentColor: webhooks.mailAccentColor,
}

export type OwedMail = RowOf<typeof OWED>

/** What the owed mail of a webhook shows; no row if none is owed, or its user is not active any more. */
export function owedMail(database: Database, companyId: string, webhookId: string) {
  return select(database, OWED)
    .from(webhooks)
    .innerJoin(users, eq(users.id, webhooks.userId))
    .where(
      and(
        eq(webhooks.id, webhookId),
        eq(webhooks.companyId, companyId),
        eq(users.active, true),
        isNotNull(webhooks.mailDueAt),
      ),
    )
}

/** Sets the time at which the mail is sent again unless it is settled before; null if it is settled. */
export function setMailDue(database: Database, webhookId: string, mailDueAt: number | null): Statement {
  return database
    .update(webhooks)
    .set({ mailDueAt })
    .where(and(eq(webhooks.id, webhookId), isNotNull(webhooks.mailDueAt)))
}

/** Takes mails that are overdue. */
export function takeOverdueSwitchedOff(database: Database, now: number) {
  const { companyId, id: webhookId } = webhooks
  return takeOverdueMails(database, webhooks, { companyId, webhookId }, now, {
    isSendable: staysHere(companyId),
  })
}
