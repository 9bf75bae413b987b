/**
 * Reminds a portion of a company's people: one statement decides who gets a mail and freezes what it shows, and one moves the
 * position, in the same batch. Whatever runs twice or dies in between neither skips nor doubles anybody.
 */
import { type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { insertSelectReturning, selectRaw } from '../db/rows.ts'
import { companies, reminders, users } from '../db/schema.ts'
import { RESEND_AFTER_MILLISECONDS } from '../jobs/owed-mail.ts'
import type { Database } from '../platform/database.ts'
import { newRowId } from '../platform/new-id-store.ts'
import type { CompanyAtWork } from './store.ts'
import { listed, mayHaveWork, newWork, openWork, SECTIONS, shownWork, untoldExpired } from './work-store.ts'

/** People whom one portion looks at. */
const PEOPLE = 100
const newest = alias(reminders, 'newest')
const told = alias(reminders, 'told')

/** The next people of the company by id; a position of an earlier morning is void. The condition is that of a partial index. */
function people({ companyId, date, position, morning }: CompanyAtWork): SQL {
  const last = date === morning.date ? position : null
  return sql`SELECT ${users.id} AS id, ${users.name} AS name, ${users.language} AS language FROM ${users}
    WHERE ${users.companyId} = ${companyId} AND ${users.id} > ${last ?? ''}
      AND active = 1 AND reminders = 1 AND role <> 'EMPLOYEE'
    ORDER BY ${users.id} LIMIT ${PEOPLE}`
}

/** Holds while the company stands where it was found: a sweep that was overtaken does nothing. */
function isWhereFound({ companyId, dueAt, date, position }: CompanyAtWork): SQL {
  return sql`${companies.id} = ${companyId} AND ${companies.remindersDueAt} = ${dueAt}
    AND ${companies.remindersDate} IS ${date} AND ${companies.remindersPosition} IS ${position}`
}

/**
 * Those of the portion who have open work to be told of and no reminder of this date or a later one: a date comes again when
 * a company moves to another time zone. Each step is materialised, so that no list is made twice.
 */
function peopleWithWork(company: CompanyAtWork, now: number): SQL {
  const { date } = company.morning
  const [overdue, due] = SECTIONS
  return sql`(WITH looked_at AS MATERIALIZED (
      SELECT * FROM (${people(company)}) WHERE EXISTS (SELECT 1 FROM ${companies} WHERE ${isWhereFound(company)})),
    with_open AS MATERIALIZED (
      SELECT person.*, ${told.listed} AS told, ${told.createdAt} AS told_at,
        ${openWork(overdue, now)} AS overdue, ${openWork(due, now)} AS due
      FROM looked_at AS person LEFT JOIN ${reminders} AS told ON ${told.id} = (
        SELECT ${newest.id} FROM ${reminders} AS newest
        WHERE ${newest.userId} = person.id AND ${newest.sentAt} IS NOT NULL
        ORDER BY ${newest.localDate} DESC LIMIT 1)
      WHERE ${mayHaveWork(now)}
        AND NOT EXISTS (SELECT 1 FROM ${reminders} AS newest
          WHERE ${newest.userId} = person.id AND ${newest.localDate} >= ${date})),
    with_news AS MATERIALIZED (
      SELECT person.*, ${newWork(overdue, now)} AS new_overdue, ${newWork(due, now)} AS new_due,
        ${untoldExpired(now)} AS untold
      FROM with_open AS person WHERE (overdue ->> '$.count') + (due ->> '$.count') > 0)
    SELECT * FROM with_news)`
}

/** What the mail shows (`ReminderContent`). */
function content(now: number): SQL<string> {
  return sql`json_object('name', person.name, 'companyName', ${companies.name},
    'locale', coalesce(person.language, ${companies.language}), 'accentColor', ${companies.accentColor},
    'timeZone', ${companies.timeZone}, 'at', ${now}, ${shownWork()})`
}

/** Whether the person has something that no reminder has told of. */
const HAS_NEWS = sql`(person.told IS NULL OR person.new_overdue <> '[]' OR person.new_due <> '[]'
  OR person.untold ->> '$.count' > 0)`

const RECORDED = { companyId: reminders.companyId, reminderId: reminders.id }
const MOVED = {
  dueAt: companies.remindersDueAt,
  date: companies.remindersDate,
  position: companies.remindersPosition,
}

/**
 * Records the reminders of the next portion, with their ids as rows, and moves the company on: the second has no row if the
 * company does not stand where it was found, and then the first has none either. After the last portion the company waits
 * for its next morning. Must run in one batch.
 */
export function remindNext(database: Database, company: CompanyAtWork, now: number) {
  const { companyId, morning } = company
  const { date, isMonday, closesAt, nextAt } = morning
  const isDone = sql`looked_at.people < ${PEOPLE}`
  return [
    insertSelectReturning(
      database,
      reminders,
      {
        ...{ id: newRowId(now), companyId: companies.id, userId: sql`person.id`, localDate: date },
        ...{ listed: listed(now), content: content(now), sendUntil: closesAt },
        ...{ mailDueAt: now + RESEND_AFTER_MILLISECONDS, createdAt: now },
      },
      sql`FROM ${peopleWithWork(company, now)} AS person CROSS JOIN ${companies} ON ${companies.id} = ${companyId}
        WHERE ${isMonday ? sql`1` : HAS_NEWS}
        ON CONFLICT DO NOTHING`,
      RECORDED,
    ),
    selectRaw(
      database,
      MOVED,
      (columns) => sql`UPDATE ${companies} SET
          reminders_due_at = iif(${isDone}, ${nextAt}, ${now}),
          reminders_date = iif(${isDone}, NULL, ${date}),
          reminders_position = iif(${isDone}, NULL, looked_at.last)
        FROM (SELECT count(*) AS people, max(id) AS last FROM (${people(company)})) AS looked_at
        WHERE ${isWhereFound(company)} RETURNING ${columns}`,
    ),
  ] as const
}
