/**
 * What a reminder tells one person of, as SQL that makes JSON: two sections of open work, and what has expired. Each step takes
 * a row `person`, which has what the last reminder that was sent told of (`told`, and `told_at`, as of when; NULL before the first).
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import { planIsReadableBy } from '../access/store.ts'
import { isExpiredByClock } from '../actions/filter.ts'
import { actionAssignees, actions, plans } from '../db/schema.ts'

const DAY = 24 * 3600 * 1000
/** Open work that is due within this time is told of. */
const HORIZON = 7 * DAY
/** What expired before the first reminder of somebody is told of if it is no older. */
const FIRST_LOOK_BACK = 7 * DAY
/** What expired so long ago is still looked at: a due date may be moved into the past. */
const LOOK_BACK = 30 * DAY
/** The most actions of a section that are remembered as told of. */
const MOST_REMEMBERED = 500
/** The most that a mail shows, of each section and of what has expired. */
const MOST_SHOWN = 30

/** Open work that is due after `after` and up to `until`, both relative to now (milliseconds). */
export interface Section {
  name: 'overdue' | 'due'
  after: number | null
  until: number
}

export const SECTIONS: readonly [Section, Section] = [
  { name: 'overdue', after: null, until: 0 },
  { name: 'due', after: 0, until: HORIZON },
]

/** Tables and condition of a person's open assignments that are due up to a moment; the conditions are an index's. */
function openUntil(moment: number, join = sql``): SQL {
  return sql`${actionAssignees} ${join} WHERE ${actionAssignees.userId} = person.id
    AND ${actionAssignees.dueDate} IS NOT NULL AND ${actionAssignees.status} IN ('NOT_STARTED', 'IN_PROGRESS')
    AND ${actionAssignees.dueDate} <= ${moment}`
}

const WITH_ACTION = sql`CROSS JOIN ${actions} ON ${eq(actions.id, actionAssignees.actionId)}`

/** Whether the person has an assignment that is open as stored and belongs to a section; one search in the index. */
export function mayHaveWork(now: number): SQL {
  return sql`EXISTS (SELECT 1 FROM ${openUntil(now + HORIZON)})`
}

/** What the clock has ended is not open. */
function openIn({ after, until }: Section, now: number): SQL {
  return sql`${openUntil(now + until, WITH_ACTION)} AND NOT coalesce(${isExpiredByClock(now)}, 0)
    ${after === null ? sql`` : sql`AND ${actionAssignees.dueDate} > ${now + after}`}`
}

/** A section's work: `{count, first}`, how much there is, and the most urgent as `[[id, due date], …]`. */
export function openWork(section: Section, now: number): SQL {
  return sql`(SELECT json_object('count', count(*), 'first', json_group_array(json_array(id, due) ORDER BY place)
      FILTER (WHERE place <= ${MOST_REMEMBERED}))
    FROM (SELECT ${actionAssignees.actionId} AS id, ${actionAssignees.dueDate} AS due, row_number()
      OVER (ORDER BY ${actionAssignees.dueDate}, ${actionAssignees.actionId}) AS place FROM ${openIn(section, now)}))`
}

/**
 * A section's work that the last reminder did not list there, as `[[id, due date], …]`, the most urgent first, as much as can be
 * shown; none before the first reminder. Where that could not remember all, what it told of is what was in the section already,
 * and has not been changed since.
 */
export function newWork(section: Section, now: number): SQL {
  const told = sql`person.told, ${`$.${section.name}`}`
  return sql`(SELECT json_group_array(json_array(id, due) ORDER BY due, id) FROM (
    SELECT id, ${actionAssignees.dueDate} AS due FROM (
      SELECT ${actionAssignees.actionId} AS id FROM ${openIn(section, now)} AND person.told IS NOT NULL
        AND (json_array_length(${told}) < ${MOST_REMEMBERED}
          OR ${actionAssignees.dueDate} > person.told_at + ${section.until} OR ${actions.updatedAt} >= person.told_at)
      EXCEPT SELECT value FROM json_each(${told}))
    CROSS JOIN ${actionAssignees} ON ${actionAssignees.actionId} = id AND ${actionAssignees.userId} = person.id
    ORDER BY due, id LIMIT ${MOST_SHOWN}))`
}

/** The end in an item of expired work, `id end`; an id has 24 characters. */
const END = sql`CAST(substr(value, 26) AS INTEGER)`

/** What ended later than this is looked at; reminders of an earlier version did not keep it. */
const since = (now: number) => sql`coalesce(person.told ->> '$.expiredSince',
  min(person.told_at, ${now - LOOK_BACK}), ${now - FIRST_LOOK_BACK})`

/**
 * What has expired and no reminder has listed: `{count, first, rest}`, how much, what is shown as `["id end", …]`, the latest first,
 * and the earliest end of what is not. What ended since the last reminder is shown before the rest, and of the rest the
 * earliest: so nothing waits for ever, nor does much have to be remembered.
 */
export function untoldExpired(now: number): SQL {
  const isNew = sql`ended > coalesce(person.told_at, 0)`
  return sql`(SELECT json_object('count', count(*),
      'first', json_group_array(value ORDER BY ended DESC, value) FILTER (WHERE place <= ${MOST_SHOWN}),
      'rest', min(ended) FILTER (WHERE place > ${MOST_SHOWN}))
    FROM (SELECT value, ended, row_number() OVER (ORDER BY ${isNew} DESC, iif(${isNew}, -ended, ended), value) AS place
      FROM (SELECT value, ${END} AS ended FROM (
        SELECT ${actionAssignees.actionId} || ' ' || ${actionAssignees.finishedAt} AS value FROM ${actionAssignees}
          WHERE ${actionAssignees.userId} = person.id AND ${actionAssignees.status} = 'EXPIRED'
            AND ${actionAssignees.finishedAt} > ${since(now)}
        UNION ALL SELECT ${actionAssignees.actionId} || ' ' || ${actionAssignees.dueDate}
          FROM ${openUntil(now, WITH_ACTION)} AND ${actionAssignees.dueDate} > ${since(now)} AND ${isExpiredByClock(now)}
        EXCEPT SELECT value FROM json_each(person.told, '$.expired')))))`
}

/** What is to be known of expired work after this reminder: what ended later than `expiredSince`, and is in `expired` or new. */
function expiredSince(now: number): SQL {
  return sql`min(max(${since(now)}, ${now - LOOK_BACK}), coalesce((person.untold ->> '$.rest') - 1, ${now}))`
}

/** What the reminder tells of (`ToldActions`). */
export function listed(now: number): SQL<string> {
  const ids = ({ name }: Section) =>
    sql`${name}, (SELECT json_group_array(value ->> 0 ORDER BY key) FROM json_each(person.${sql.raw(name)}, '$.first'))`
  return sql`json_object(${sql.join(SECTIONS.map(ids), sql`, `)}, 'expiredSince', ${expiredSince(now)},
    'expired', (SELECT json_group_array(value) FROM (
      SELECT value FROM json_each(person.told, '$.expired') WHERE ${END} > ${expiredSince(now)}
      UNION SELECT value FROM json_each(person.untold, '$.first'))))`
}

/**
 * The items of a section that are shown: what is the most urgent of all, then what is new, then the most urgent; in the order of
 * their due dates.
 */
function shownOf({ name }: Section): SQL {
  return sql`SELECT id, due FROM (
    SELECT id, due FROM (
      SELECT value ->> 0 AS id, value ->> 1 AS due, iif(key = 0, 0, 2) AS rank
        FROM json_each(person.${sql.raw(name)}, '$.first')
      UNION ALL SELECT value ->> 0, value ->> 1, 1 FROM json_each(person.${sql.raw(`new_${name}`)}))
    GROUP BY id ORDER BY min(rank), due, id LIMIT ${MOST_SHOWN})`
}

/** The actions of a list of `id` and `due`, in the order of `order`, as the mail shows them. */
function shown(list: SQL, order: SQL): SQL {
  return sql`(SELECT json_group_array(json_object('title', ${actions.title},
      'planTitle', CASE WHEN ${planIsReadableBy(sql`person.id`)} THEN ${plans.title} END, 'dueDate', due) ORDER BY ${order})
    FROM (${list}) AS item CROSS JOIN ${actions} ON ${actions.id} = item.id
    CROSS JOIN ${plans} ON ${eq(plans.id, actions.planId)})`
}

/** The lists and numbers of what the mail shows (`ReminderContent`), as members of a JSON object. */
export function shownWork(): SQL {
  const [overdue, due] = SECTIONS
  const ended = sql`SELECT substr(value, 1, 24) AS id, ${END} AS due FROM json_each(person.untold, '$.first')`
  // The actions of the second section are due later than those of the first.
  return sql`'overdue', person.overdue ->> '$.count', 'due', person.due ->> '$.count',
    'open', json(${shown(sql`SELECT * FROM (${shownOf(overdue)}) UNION ALL SELECT * FROM (${shownOf(due)})`, sql`due, item.id`)}),
    'expired', person.untold ->> '$.count', 'ended', json(${shown(ended, sql`due DESC, item.id`)})`
}
