/** What an action's row holds of its assignees' states, computed in SQL: the same as `derive` in lifecycle.ts. */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Status } from '../db/enums.ts'
import { actionAssignees, actions } from '../db/schema.ts'
import { TERMINAL_STATUSES } from './lifecycle.ts'

const { status, startedAt, finishedAt } = actionAssignees

/** Whether an assignee's state is terminal. */
export const isTerminalStatus = sql`${status} IN (${sql.join(
  TERMINAL_STATUSES.map((value) => sql`${value}`),
  sql`, `,
)})`

function amongAssignees<T>(expression: SQL): SQL<T> {
  return sql`(SELECT ${expression} FROM ${actionAssignees} WHERE ${eq(actionAssignees.actionId, actions.id)})`
}

/** For an update of `actions`; for an action that has assignees. */
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
