/** Who is a company manager and who may read what, as SQL. policy.ts has the same rules as functions. */
import { eq, inArray, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { MANAGER_ROLES, type Visibility } from '../db/enums.ts'
import { allOf } from '../db/rows.ts'
import { actionAssignees, actions, plans, users } from '../db/schema.ts'

/** The audience that stands for all managers of a company. */
export const EVERY_MANAGER = '*'

/** Condition on a row of `users`: an active company manager. */
export function isActiveManager(): SQL {
  return allOf([eq(users.active, true), inArray(users.role, MANAGER_ROLES)])
}

/** Condition on a row of `plans`: this company manager may read the plan. */
export function planIsReadableBy(userId: string | SQLWrapper): SQL {
  return sql`${plans.audience} IN (${EVERY_MANAGER}, ${userId})`
}

/** Condition on a row of `actions`: this company manager is of its audience, or its creator or an assignee. */
export function actionIsReadableBy(userId: string | SQLWrapper): SQL {
  return sql`(${actions.audience} IN (${EVERY_MANAGER}, ${userId}) OR ${actions.createdBy} = ${userId}
    OR EXISTS (SELECT 1 FROM ${actionAssignees}
      WHERE ${actionAssignees.actionId} = ${actions.id} AND ${actionAssignees.userId} = ${userId}))`
}

const home = alias(plans, 'home')

/**
 * `actions.audience` as an expression for an insert or update of `actions`. The view `audiences` states the same rule, and
 * a trigger refuses an action with another audience.
 */
export function audienceOf(action: {
  planId: string | SQLWrapper
  visibility: Visibility | null | SQLWrapper
  createdBy: string | null | SQLWrapper
}): SQL<string> {
  return sql`(SELECT iif(coalesce(${action.visibility}, ${home.visibility}) = 'PUBLIC'
      OR ${home.audience} = ${action.createdBy}, ${home.audience}, '')
    FROM ${plans} AS home WHERE ${eq(home.id, action.planId)})`
}
