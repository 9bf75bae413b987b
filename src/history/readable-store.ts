/**
 * Who may see which entries of the history, as SQL. An entry is seen by who may read its action (or its plan, if it is
 * about the plan itself) now; once that is deleted, by who could read it then, which the entry of the deletion keeps.
 */
import { eq, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { actionIsReadableBy, EVERY_MANAGER, planIsReadableBy } from '../access/store.ts'
import { actions, history, plans } from '../db/schema.ts'

const last = alias(history, 'last')

/** Condition on a text of readers (`history.readers`): the user is among them. */
function names(readers: SQLWrapper, userId: string | SQLWrapper): SQL {
  return sql`(${readers} = ${EVERY_MANAGER} OR instr(${readers}, ${userId}) > 0)`
}

/**
 * Condition on a row of `history`: this company manager may see the entry. A deletion is the last entry of what it
 * deletes: of a plan, that of the plan follows those of its actions.
 */
export function entryIsReadableBy(userId: string | SQLWrapper): SQL {
  const lastOf = (column: SQLWrapper, id: SQLWrapper) =>
    sql`(SELECT ${names(last.readers, userId)} FROM ${history} AS last WHERE ${column} = ${id}
      ORDER BY ${last.number} DESC LIMIT 1)`
  return sql`CASE WHEN ${history.actionId} IS NULL
    THEN coalesce((SELECT ${planIsReadableBy(userId)} FROM ${plans} WHERE ${eq(plans.id, history.planId)}),
      ${lastOf(last.planId, history.planId)}, 0)
    ELSE coalesce((SELECT ${actionIsReadableBy(userId)} FROM ${actions} WHERE ${eq(actions.id, history.actionId)}),
      ${lastOf(last.actionId, history.actionId)}, 0) END`
}

/** Condition on a row of `history`: the change changed who may read, and this user could before or can since. */
export function isToldOfAccess(userId: string | SQLWrapper): SQL {
  return sql`(${history.type} NOT IN ('plan.deleted', 'action.deleted') AND coalesce(${names(history.readers, userId)}, 0))`
}

/** Id of the `access.changed` that a row of `history` tells of: that of the row with the last bit turned. */
export const ACCESS_CHANGED_ID: SQL<string> = sql`substr(${history.id}, 1, 23)
  || substr('1032547698badcfe', instr('0123456789abcdef', substr(${history.id}, 24)), 1)`
