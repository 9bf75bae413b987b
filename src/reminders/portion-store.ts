/**
 * Reminds a portion of a company's people: one statement decides who gets a mail and freezes what it shows, and one moves the
 * position, in the same batch. Whatever runs twice or dies in between neither skips nor doubles anybody.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { planIsReadableBy } from '../access/store.ts'
import { isExpiredByClock } from '../actions/filter.ts'
import { insertSelectReturning, selectRaw } from '../db/rows.ts'
import { actionAssignees, actions, companies, plans, reminders, users } from '../db/schema.ts'
import { RESEND_AFTER_MILLISECONDS } from '../jobs/owed-mail.ts'
import type { Database } from '../platform/database.ts'
import { newRowId } from '../platform/new-id-store.ts'
import type { CompanyAtWork } from './store.ts'

const DAY = 24 * 3600 * 1000
/** Open work that is due within this time is told of. */
const HORIZON = 7 * DAY
/** What expired before the first reminder of somebody is told of if it is no older. */
const FIRST_LOOK_BACK = 7 * DAY
/** What expired within this time, or since the last reminder, is kept as known: a due date may be moved into the past. */
const KNOWN_AS_EXPIRED = 30 * DAY
/** People whom one portion looks at. */
const PEOPLE = 100
/** The most actions that are counted and remembered, and that a mail shows, for one person. */
const MOST_ACTIONS = 1000
const MOST_SHOWN = 50

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

/** Tables and condition of a person's open assignments that are due up to a moment; the conditions are an index's. */
function openUntil(moment: number, join = sql``): SQL {
  return sql`${actionAssignees} ${join} WHERE ${actionAssignees.userId} = person.id
    AND ${actionAssignees.dueDate} IS NOT NULL AND ${actionAssignees.status} IN ('NOT_STARTED', 'IN_PROGRESS')
    AND ${actionAssignees.dueDate} <= ${moment}`
}

const WITH_ACTION = sql`CROSS JOIN ${actions} ON ${eq(actions.id, actionAssignees.actionId)}`

/** The most urgent open work as JSON, `[[id, due date], …]`. What the clock has ended is not open. */
function openWork(now: number): SQL {
  return sql`(SELECT json_group_array(json_array(id, due) ORDER BY due, id) FROM (
    SELECT ${actionAssignees.actionId} AS id, ${actionAssignees.dueDate} AS due
    FROM ${openUntil(now + HORIZON, WITH_ACTION)} AND NOT coalesce(${isExpiredByClock(now)}, 0)
    ORDER BY ${actionAssignees.dueDate}, ${actionAssignees.actionId} LIMIT ${MOST_ACTIONS}))`
}

/** What expired lately as JSON, `["id end", …]`, the latest first; also what the clock has ended and nobody has stored. */
function expiredWork(now: number): SQL {
  const since = sql`min(coalesce(person.told_at, ${now}), ${now - KNOWN_AS_EXPIRED})`
  return sql`(SELECT json_group_array(id || ' ' || ended ORDER BY ended DESC, id) FROM (
    SELECT ${actionAssignees.actionId} AS id, ${actionAssignees.finishedAt} AS ended FROM ${actionAssignees}
    WHERE ${actionAssignees.userId} = person.id AND ${actionAssignees.status} = 'EXPIRED'
      AND ${actionAssignees.finishedAt} > ${since}
    UNION ALL
    SELECT ${actionAssignees.actionId}, ${actionAssignees.dueDate} FROM ${openUntil(now, WITH_ACTION)}
      AND ${actionAssignees.dueDate} > ${since} AND ${isExpiredByClock(now)}
    ORDER BY ended DESC, id LIMIT ${MOST_ACTIONS}))`
}

/** The end in an item of `expiredWork`; an id has 24 characters. */
const END = sql`CAST(substr(value, 26) AS INTEGER)`

/** Those of a person's expired work that no reminder has told of, the latest first. */
function untoldExpired(now: number): SQL {
  return sql`(SELECT json_group_array(value ORDER BY ${END} DESC, value) FROM (
    SELECT value FROM json_each(person.expired)
      WHERE person.told IS NOT NULL OR ${END} > ${now - FIRST_LOOK_BACK}
    EXCEPT SELECT value FROM json_each(person.told, '$.expired')))`
}

/** Whether open work that meets the condition has something that the last reminder did not list under that name. */
function isNews(name: 'overdue' | 'due', condition: SQL): SQL {
  return sql`EXISTS (SELECT value ->> 0 FROM json_each(person.open) WHERE ${condition}
    EXCEPT SELECT value FROM json_each(person.told, ${`$.${name}`}))`
}

/**
 * Those of the portion who have open work to be told of and no reminder of this date or a later one: a date comes again when
 * a company moves to another time zone. Each step is materialised, so that no list is made twice.
 */
function peopleWithWork(company: CompanyAtWork, now: number): SQL {
  const { date } = company.morning
  return sql`(WITH looked_at AS MATERIALIZED (
      SELECT * FROM (${people(company)}) WHERE EXISTS (SELECT 1 FROM ${companies} WHERE ${isWhereFound(company)})),
    with_open AS MATERIALIZED (
      SELECT person.*, ${told.listed} AS told, ${told.createdAt} AS told_at, ${openWork(now)} AS open
      FROM looked_at AS person LEFT JOIN ${reminders} AS told ON ${told.id} = (
        SELECT ${newest.id} FROM ${reminders} AS newest
        WHERE ${newest.userId} = person.id AND ${newest.sentAt} IS NOT NULL
        ORDER BY ${newest.localDate} DESC LIMIT 1)
      WHERE EXISTS (SELECT 1 FROM ${openUntil(now + HORIZON)})
        AND NOT EXISTS (SELECT 1 FROM ${reminders} AS newest
          WHERE ${newest.userId} = person.id AND ${newest.localDate} >= ${date})),
    with_expired AS MATERIALIZED (
      SELECT person.*, ${expiredWork(now)} AS expired FROM with_open AS person WHERE open <> '[]'),
    with_news AS MATERIALIZED (
      SELECT person.*, ${untoldExpired(now)} AS untold FROM with_expired AS person)
    SELECT * FROM with_news)`
}

/** The actions of the first items of a list, as the mail shows them. */
function shown(list: SQL, id: SQL, dueDate: SQL): SQL {
  return sql`(SELECT json_group_array(json_object('title', ${actions.title},
      'planTitle', CASE WHEN ${planIsReadableBy(sql`person.id`)} THEN ${plans.title} END, 'dueDate', ${dueDate})
      ORDER BY place)
    FROM (SELECT key AS place, value FROM json_each(${list}) ORDER BY key LIMIT ${MOST_SHOWN})
    CROSS JOIN ${actions} ON ${actions.id} = ${id} CROSS JOIN ${plans} ON ${eq(plans.id, actions.planId)})`
}

const isOverdueItem = (now: number) => sql`value ->> 1 <= ${now}`
const isDueItem = (now: number) => sql`value ->> 1 > ${now}`

/** What the mail shows (`ReminderContent`). */
function content(now: number): SQL<string> {
  const count = (condition: SQL) => sql`(SELECT count(*) FROM json_each(person.open) WHERE ${condition})`
  return sql`json_object('name', person.name, 'companyName', ${companies.name},
    'locale', coalesce(person.language, ${companies.language}), 'accentColor', ${companies.accentColor},
    'timeZone', ${companies.timeZone}, 'at', ${now},
    'overdue', ${count(isOverdueItem(now))}, 'due', ${count(isDueItem(now))},
    'isCut', json(iif(json_array_length(person.open) = ${MOST_ACTIONS}, 'true', 'false')),
    'open', json(${shown(sql`person.open`, sql`value ->> 0`, sql`value ->> 1`)}),
    'expired', json_array_length(person.untold),
    'ended', json(${shown(sql`person.untold`, sql`substr(value, 1, 24)`, END)}))`
}

/** What the reminder tells of (`ToldActions`). */
function listed(now: number): SQL<string> {
  const ids = (condition: SQL) =>
    sql`(SELECT json_group_array(value ->> 0 ORDER BY key) FROM json_each(person.open) WHERE ${condition})`
  return sql`json_object('overdue', json(${ids(isOverdueItem(now))}), 'due', json(${ids(isDueItem(now))}),
    'expired', json(person.expired))`
}

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
        WHERE ${isMonday ? sql`1` : sql`0`} OR ${isNews('overdue', isOverdueItem(now))}
          OR ${isNews('due', isDueItem(now))} OR person.untold <> '[]'
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
