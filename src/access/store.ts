/** Who is a company manager and who may read what, as SQL. policy.ts has the same rules as functions. */
import { eq, inArray, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { MANAGER_ROLES, type Visibility } from '../db/enums.ts'
import { allOf } from '../db/rows.ts'
import { actionAssignees, actions, plans, users } from '../db/schema.ts'
import { EVERY_MANAGER } from './readers.ts'

export { EVERY_MANAGER }

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

/** Of a row of `plans`: its readers as `history.readers` keeps them. */
export const PLAN_READERS = sql`iif(${plans.audience} = ${EVERY_MANAGER}, ${EVERY_MANAGER}, ${plans.audience} || ' ')`

/** Of a row of `actions`: the same. */
export const ACTION_READERS = sql`iif(${actions.audience} = ${EVERY_MANAGER}, ${EVERY_MANAGER},
  (SELECT coalesce(group_concat(reader || ' ', ''), '') FROM (SELECT ${actions.createdBy} AS reader
    UNION SELECT nullif(${actions.audience}, '')
    UNION SELECT ${actionAssignees.userId} FROM ${actionAssignees} WHERE ${actionAssignees.actionId} = ${actions.id})))`
