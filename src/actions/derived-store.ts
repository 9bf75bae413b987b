/**
 * The columns of an action that follow from its assignees' states, as SQL: the same rules as `derive` in lifecycle.ts.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Status } from '../db/enums.ts'
import { actionAssignees, actions } from '../db/schema.ts'
import { TERMINAL_STATUSES } from './lifecycle.ts'

const { status, startedAt, finishedAt } = actionAssignees

/** Condition on a row of `action_assignees`: its status is terminal. */
export const isTerminalStatus = sql`${status} IN (${sql.join(
  TERMINAL_STATUSES.map((value) => sql`${value}`),
  sql`, `,
)})`

function amongAssignees<T>(expression: SQL): SQL<T> {
  return sql`(SELECT ${expression} FROM ${actionAssignees} WHERE ${eq(actionAssignees.actionId, actions.id)})`
}

/** Values for an update of `actions`, for actions that have assignees. */
export const DERIVED_COLUMNS = {
  status: amongAssignees<Status>(sql`CASE
    WHEN sum(NOT (${isTerminalStatus})) > 0
      THEN CASE WHEN count(${startedAt}) > 0 THEN 'IN_PROGRESS' ELSE 'NOT_STARTED' END
    WHEN sum(${status} <> 'CANCELLED') = 0 THEN 'CANCELLED'
    WHEN sum(${status} = 'EXPIRED') > 0 THEN 'EXPIRED'
    ELSE 'COMPLETED' END`),
  startedAt: amongAssignees<number | null>(sql`min(${startedAt})`),
  finishedAt: amongAssignees<number | null>(
    sql`CASE WHEN sum(NOT (${isTerminalStatus})) = 0 THEN max(${finishedAt}) END`,
  ),
}
