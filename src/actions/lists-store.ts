/** The lists inside an action; a query reads each as one JSON column of the action's row. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { jsonRows, jsonValues, type RowOf } from '../db/rows.ts'
import { actionAssignees, actionFocusItems, actionHierarchies, actions, users } from '../db/schema.ts'

const ASSIGNEE = {
  userId: actionAssignees.userId,
  name: sql<string>`${users.name}`,
  active: users.active,
  status: actionAssignees.status,
  startedAt: actionAssignees.startedAt,
  finishedAt: actionAssignees.finishedAt,
}
const FOCUS_ITEM = { focusType: actionFocusItems.focusType, focusId: actionFocusItems.focusId }

export type Assignee = RowOf<typeof ASSIGNEE>
export type FocusItem = RowOf<typeof FOCUS_ITEM>

/** The assignees of a row of `actions`, each called by `name`, an expression for a row of `users` that binds no values. */
export function assigneesNamed(name: SQL<string>) {
  return jsonRows(
    actionAssignees.position,
    { ...ASSIGNEE, name },
    sql`FROM ${actionAssignees} JOIN ${users} ON ${eq(users.id, actionAssignees.userId)}
      WHERE ${eq(actionAssignees.actionId, actions.id)}`,
  )
}

/** Expressions for a row of `actions`. */
export const LISTS = {
  assignees: assigneesNamed(ASSIGNEE.name),
  focusItems: jsonRows(
    actionFocusItems.position,
    FOCUS_ITEM,
    sql`FROM ${actionFocusItems} WHERE ${eq(actionFocusItems.actionId, actions.id)}`,
  ),
  hierarchyIds: jsonValues(
    actionHierarchies.position,
    actionHierarchies.hierarchyId,
    sql`FROM ${actionHierarchies} WHERE ${eq(actionHierarchies.actionId, actions.id)}`,
  ),
}
