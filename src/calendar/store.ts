/** Secret calendar addresses in D1, and the open work that a calendar shows. */
import { and, eq, sql } from 'drizzle-orm'
import { isActiveManager, planIsReadableBy } from '../access/store.ts'
import { isExpiredByClock } from '../actions/filter.ts'
import type { Locale } from '../db/enums.ts'
import { allOf, type RowOf, select, selectRaw } from '../db/rows.ts'
import { actionAssignees, actions, calendars, companies, plans, users } from '../db/schema.ts'
import { placeStateOf } from '../directory/staying-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

/** The most events of a calendar. */
export const MOST_EVENTS = 2000

/** The user's calendar; its token is not stored. */
export function calendarOfUser(database: Database, userId: string) {
  return database
    .select({ createdAt: calendars.createdAt })
    .from(calendars)
    .where(eq(calendars.userId, userId))
}

/** Stores the user's calendar in place of an earlier one, whose address ends with that. */
export function putCalendar(database: Database, calendar: typeof calendars.$inferInsert): Statement {
  const { tokenHash, createdAt } = calendar
  return database
    .insert(calendars)
    .values(calendar)
    .onConflictDoUpdate({ target: calendars.userId, set: { tokenHash, createdAt } })
}

/**
 * Own assignments that are open and have a due date, as FROM and WHERE. The condition on due date and status is that of the
 * index that orders them by due date.
 */
function openWork(userId: string | typeof calendars.userId, now: number) {
  return sql`FROM ${actionAssignees} CROSS JOIN ${actions} ON ${eq(actions.id, actionAssignees.actionId)}
    CROSS JOIN ${plans} ON ${eq(plans.id, actions.planId)}
    WHERE ${actionAssignees.userId} = ${userId} AND ${actionAssignees.dueDate} IS NOT NULL
      AND ${actionAssignees.status} IN ('NOT_STARTED', 'IN_PROGRESS') AND (${isExpiredByClock(now)}) IS NOT 1`
}

function ownerAt(now: number) {
  return {
    tokenHash: calendars.tokenHash,
    userId: users.id,
    companyId: users.companyId,
    state: placeStateOf(users.companyId),
    companyName: companies.name,
    timeZone: companies.timeZone,
    language: sql<Locale>`coalesce(${users.language}, ${companies.language})`,
    userUpdatedAt: users.updatedAt,
    companyUpdatedAt: companies.updatedAt,
    userRevision: users.revision,
    companyRevision: companies.revision,
    /** Number of events: none for somebody who is no manager any more, and so may read no action. */
    events: sql<number>`CASE WHEN ${isActiveManager()} THEN
      (SELECT count(*) FROM (SELECT 1 ${openWork(calendars.userId, now)} LIMIT ${MOST_EVENTS})) ELSE 0 END`,
  }
}

export type CalendarOwner = RowOf<ReturnType<typeof ownerAt>>

/** Whose calendar it is; no row if nobody's who is active. */
export function ownerOf(database: Database, tokenHash: string, now: number) {
  return select(database, ownerAt(now))
    .from(calendars)
    .innerJoin(users, and(eq(users.id, calendars.userId), eq(users.active, true)))
    .innerJoin(companies, eq(companies.id, users.companyId))
    .where(eq(calendars.tokenHash, tokenHash))
}

/** An assignee may read the action, and not therefore its plan: what a plan says is null to whom it is not for. */
function openActionOf(userId: string) {
  const ofPlan = <T>(column: typeof plans.title | typeof plans.updatedAt) =>
    sql<T | null>`CASE WHEN ${planIsReadableBy(userId)} THEN ${column} END`
  return {
    id: actions.id,
    title: actions.title,
    status: actionAssignees.status,
    dueDate: sql<number>`${actionAssignees.dueDate}`,
    treeRevision: actions.treeRevision,
    updatedAt: actions.updatedAt,
    planTitle: ofPlan<string>(plans.title),
    planUpdatedAt: ofPlan<number>(plans.updatedAt),
    /** Also if the plan is not for the user: that it is no more is a change of what the event shows. */
    planVersion: plans.rowVersion,
  }
}

export type OpenAction = RowOf<ReturnType<typeof openActionOf>>

/** The open actions of a manager that have a due date, those that are due first, up to 2,000. Assignees may read theirs. */
export function openActionsOf(
  database: Database,
  { userId, companyId }: Pick<CalendarOwner, 'userId' | 'companyId'>,
  now: number,
) {
  return selectRaw(
    database,
    openActionOf(userId),
    (
      columns,
    ) => sql`SELECT ${columns} ${openWork(userId, now)} AND ${allOf([eq(actions.companyId, companyId)])}
      ORDER BY ${actionAssignees.dueDate}, ${actionAssignees.actionId} LIMIT ${MOST_EVENTS}`,
  )
}
