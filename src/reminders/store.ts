/** Where companies stand with their reminders, and the mails that are owed, in D1. */
import { and, asc, eq, isNotNull, isNull, lt, lte, type SQL, sql } from 'drizzle-orm'
import { isActiveManager } from '../access/store.ts'
import { allOf, eachOf, type RowOf, select } from '../db/rows.ts'
import { companies, reminders, users } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import { takeOverdueMails } from '../jobs/owed-mail-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { readContent } from './content.ts'
import type { Morning } from './morning.ts'

const MOST_COMPANIES = 200
const MAILS_PER_SWEEP = 1000

const COMPANY = {
  companyId: companies.id,
  timeZone: companies.timeZone,
  dueAt: companies.remindersDueAt,
  date: companies.remindersDate,
  position: companies.remindersPosition,
}

/** A company as it was found, on the morning that it has. */
export type CompanyAtWork = Omit<RowOf<typeof COMPANY>, 'timeZone'> & { morning: Morning }

/** Companies that are to be looked at, the one that waits longest first. */
export function companiesToLookAt(database: Database, now: number) {
  return select(database, COMPANY)
    .from(companies)
    .where(and(lte(companies.remindersDueAt, now), staysHere(companies.id)))
    .orderBy(asc(companies.remindersDueAt))
    .limit(MOST_COMPANIES)
}

/** Has companies wait for their next morning; one that another sweep or a new time zone has moved meanwhile stays there. */
export function lookLater(database: Database, found: readonly CompanyAtWork[]): Statement {
  const { rows, member } = eachOf(
    found.map(({ companyId, dueAt, morning }) => ({ companyId, dueAt, nextAt: morning.nextAt })),
  )
  return database.run(sql`UPDATE ${companies} SET reminders_due_at = ${member('nextAt')}, reminders_date = NULL,
      reminders_position = NULL
    FROM ${rows} WHERE ${companies.id} = ${member('companyId')} AND ${companies.remindersDueAt} = ${member('dueAt')}
      AND ${staysHere(companies.id)}`)
}

const OWED = {
  id: reminders.id,
  companyId: reminders.companyId,
  userId: reminders.userId,
  localDate: reminders.localDate,
  content: sql`${reminders.content}`.mapWith((text: string) => readContent(text)),
  sendUntil: reminders.sendUntil,
  to: users.email,
  /** Whether the user is still one who is to be reminded. */
  isWanted: sql`${allOf([isActiveManager(), eq(users.reminders, true)])}`.mapWith(Boolean),
}

export type OwedReminder = RowOf<typeof OWED>

/** A reminder whose mail is owed; no row if it is settled. */
export function owedReminder(database: Database, companyId: string, reminderId: string) {
  return select(database, OWED)
    .from(reminders)
    .innerJoin(users, eq(users.id, reminders.userId))
    .where(
      and(eq(reminders.id, reminderId), eq(reminders.companyId, companyId), isNotNull(reminders.mailDueAt)),
    )
}

/** Sets the time at which the mail is sent again unless it is settled before. */
export function setReminderDue(database: Database, id: string, mailDueAt: number): Statement {
  return database
    .update(reminders)
    .set({ mailDueAt })
    .where(and(eq(reminders.id, id), isNotNull(reminders.mailDueAt)))
}

/** Records that the provider took the mail; the user's earlier reminders go, since this one says what the user knows. */
export function settleSent(database: Database, reminder: OwedReminder, now: number): [Statement, Statement] {
  const { id } = reminder
  return [
    database
      .update(reminders)
      .set({ mailDueAt: null, sentAt: now, content: '' })
      .where(and(eq(reminders.id, id), isNull(reminders.sentAt))),
    deleteEarlier(database, reminder, sql`1`),
  ]
}

/** Records that the mail will not be sent; of the user's earlier reminders, the one that was sent stays. */
export function settleUnsent(database: Database, reminder: OwedReminder): [Statement, Statement] {
  return [
    database
      .update(reminders)
      .set({ mailDueAt: null, content: '' })
      .where(and(eq(reminders.id, reminder.id), isNotNull(reminders.mailDueAt))),
    deleteEarlier(database, reminder, isNull(reminders.sentAt)),
  ]
}

function deleteEarlier(
  database: Database,
  { companyId, userId, localDate }: OwedReminder,
  condition: SQL,
): Statement {
  return database
    .delete(reminders)
    .where(
      and(
        eq(reminders.userId, userId),
        eq(reminders.companyId, companyId),
        lt(reminders.localDate, localDate),
        condition,
      ),
    )
}

/** Takes mails that are overdue, those too that it is too late for: their messages have them settled. */
export function takeOverdueReminders(database: Database, now: number) {
  const { companyId, id: reminderId } = reminders
  return takeOverdueMails(database, reminders, { companyId, reminderId }, now, {
    ...{ isSendable: staysHere(companyId), most: MAILS_PER_SWEEP },
  })
}
