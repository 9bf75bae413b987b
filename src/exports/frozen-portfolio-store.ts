/** The parts of a frozen portfolio: for each, the columns that are stored as JSON, and the type that follows from them. */
import { eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { planIsReadableBy } from '../access/store.ts'
import { type ActionFilter, isOverdue } from '../actions/filter.ts'
import { LISTS } from '../actions/lists-store.ts'
import type { Visibility } from '../db/enums.ts'
import { nameIn } from '../db/former-colleague.ts'
import { jsonObject, jsonRows, onlyIf, readJsonObject, type RowOf } from '../db/rows.ts'
import {
  actionAssignees,
  actions,
  companies,
  exportActions,
  exportPlans,
  exports,
  hierarchies,
  plans,
  users,
} from '../db/schema.ts'

const ofExport = eq(exportActions.exportId, exports.id)
const copied = sql`FROM ${exportActions} CROSS JOIN ${actions} ON ${eq(actions.id, exportActions.actionId)}
  WHERE ${ofExport}`

/** Facts of the portfolio, for one row of `exports`, `users` (its requester) and `companies` joined. */
function portfolioFacts(now: number) {
  const named = alias(users, 'named')
  return {
    kind: sql<'PORTFOLIO'>`'PORTFOLIO'`,
    planCount: sql<number>`(SELECT count(*) FROM ${exportPlans} WHERE ${eq(exportPlans.exportId, exports.id)})`,
    actionCount: sql<number>`(SELECT count(*) FROM ${exportActions} WHERE ${ofExport})`,
    // An expiry never makes an action COMPLETED, so the stored status can be counted.
    completedCount: sql<number>`(SELECT count(*) ${copied} AND ${eq(actions.status, 'COMPLETED')})`,
    overdueCount: sql<number>`(SELECT count(*) ${copied} AND ${isOverdue(now)})`,
    filter: sql<ActionFilter>`json(coalesce(${exports.filter}, '{}'))`,
    /** Names of what it is filtered by; null if there is no such filter. */
    filterArea: sql<string | null>`(SELECT ${hierarchies.name} FROM ${hierarchies}
      WHERE ${hierarchies.id} = ${exports.filter} ->> 'hierarchyId')`,
    filterAssignee: sql<string | null>`(SELECT ${nameIn(named, exports.locale)} FROM ${users} AS named
      WHERE ${named.id} = ${exports.filter} ->> 'assigneeId')`,
    companyName: companies.name,
    timeZone: companies.timeZone,
    accentColor: companies.accentColor,
    exportedAt: sql<number>`${now}`,
    exportedBy: users.name,
  }
}

export type FrozenPortfolio = RowOf<ReturnType<typeof portfolioFacts>>

export function freezePortfolio(now: number) {
  return jsonObject(portfolioFacts(now))
}

export function readFrozenPortfolio(value: unknown): FrozenPortfolio {
  // `now` only matters when the JSON is written.
  return readJsonObject(portfolioFacts(0), value)
}

const creator = alias(users, 'creator')
const mayReadPlan = planIsReadableBy(exports.requestedBy)

/** Plans newest first, the actions of each oldest first. */
export const PORTFOLIO_ORDER = sql`ORDER BY ${plans.createdAt} DESC, ${plans.id} DESC,
  ${actions.createdAt}, ${actions.id}`

const described = alias(plans, 'described')

/**
 * The plan's description in the first row of each plan, else NULL: long texts in every row would be most of the file. It is
 * looked up once the rows are in order, so that no description is sorted along.
 */
export const PLAN_DESCRIPTION = sql<string | null>`${onlyIf(
  sql`lag(${plans.id}) OVER (${PORTFOLIO_ORDER}) IS NOT ${plans.id} AND ${mayReadPlan}`,
  sql`(SELECT ${described.description} FROM ${plans} AS described WHERE ${eq(described.id, actions.planId)})`,
  sql`NULL`,
)}`

const ASSIGNEE = {
  userId: actionAssignees.userId,
  name: nameIn(users, exports.locale),
  email: users.email,
  active: users.active,
  status: actionAssignees.status,
  startedAt: actionAssignees.startedAt,
  finishedAt: actionAssignees.finishedAt,
}

/**
 * An action as the workbook shows it, for one row of `exports`, `actions` and `plans` joined. Who reads an action as its
 * assignee may not read its plan: then nothing but the plan's id is shown of that, as everywhere.
 */
export const FROZEN_ROW = {
  planId: actions.planId,
  planTitle: sql<string | null>`${onlyIf(mayReadPlan, plans.title, sql`NULL`)}`,
  planVisibility: sql<Visibility | null>`${onlyIf(mayReadPlan, plans.visibility, sql`NULL`)}`,
  planDescription: PLAN_DESCRIPTION,
  actionId: actions.id,
  title: actions.title,
  description: actions.description,
  actionType: actions.actionType,
  origin: actions.origin,
  visibility: sql<Visibility>`coalesce(${actions.visibility}, ${plans.visibility})`,
  dueDate: actions.dueDate,
  noteCount: actions.noteCount,
  creatorName: sql<string | null>`(SELECT ${nameIn(creator, exports.locale)} FROM ${users} AS creator
    WHERE ${eq(creator.id, actions.createdBy)})`,
  creatorEmail: sql<string | null>`(SELECT ${creator.email} FROM ${users} AS creator
    WHERE ${eq(creator.id, actions.createdBy)})`,
  createdAt: actions.createdAt,
  updatedAt: actions.updatedAt,
  assignees: jsonRows(
    actionAssignees.position,
    ASSIGNEE,
    sql`FROM ${actionAssignees} JOIN ${users} ON ${eq(users.id, actionAssignees.userId)}
      WHERE ${eq(actionAssignees.actionId, actions.id)}`,
  ),
  focusItems: LISTS.focusItems,
  hierarchyIds: LISTS.hierarchyIds,
}

export type FrozenRow = RowOf<typeof FROZEN_ROW>

export const readFrozenRow = (text: string): FrozenRow => readJsonObject(FROZEN_ROW, text)

/** A plan as the workbook shows it: a row of `plans`, and of `sums` over its actions, which is NULL if it has none. */
export const FROZEN_PLAN_ROW = {
  title: plans.title,
  visibility: plans.visibility,
  creatorName: sql<string | null>`(SELECT ${nameIn(creator, exports.locale)} FROM ${users} AS creator
    WHERE ${eq(creator.id, plans.createdBy)})`,
  createdAt: plans.createdAt,
  notStarted: sql<number>`coalesce(sums.not_started, 0)`,
  inProgress: sql<number>`coalesce(sums.in_progress, 0)`,
  completed: sql<number>`coalesce(sums.completed, 0)`,
  cancelled: sql<number>`coalesce(sums.cancelled, 0)`,
  expired: sql<number>`coalesce(sums.expired, 0)`,
  overdue: sql<number>`coalesce(sums.overdue, 0)`,
  nextDue: sql<number | null>`sums.next_due`,
}

export type FrozenPlanRow = RowOf<typeof FROZEN_PLAN_ROW>

export const readFrozenPlanRow = (text: string): FrozenPlanRow => readJsonObject(FROZEN_PLAN_ROW, text)
