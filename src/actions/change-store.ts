/** Writes actions, and reads what a change needs to be checked against. */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Visibility } from '../db/enums.ts'
import { actions } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS } from '../platform/limits.ts'
import { fold } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'
import { derive } from './lifecycle.ts'
import type { StoredAction } from './store.ts'

/** All of them at once. */
export function allHold(conditions: readonly SQL[]): SQL {
  return sql.join([...conditions], sql` AND `)
}

/** The plan that an action is to lie in. */
export function planForAction(database: Database, companyId: string, planId: string | null) {
  return database.all<{
    id: string
    visibility: Visibility
    created_by: string | null
    action_count: number
    content_bytes: number
    note_bytes: number
  }>(
    sql`SELECT id, visibility, created_by, action_count, content_bytes, note_bytes FROM plans
        WHERE id = ${planId} AND company_id = ${companyId}`,
  )
}

/** Those of `ids` that are users of the company; assignable when active company managers. */
export function usersNamed(database: Database, companyId: string, ids: readonly string[]) {
  return database.all<{ id: string; name: string; active: number; assignable: number }>(
    sql`SELECT id, name, active, active = 1 AND role <> 'EMPLOYEE' AS assignable FROM users
        WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND company_id = ${companyId}`,
  )
}

/** Those of `ids` that are areas of the company. */
export function hierarchiesNamed(database: Database, companyId: string, ids: readonly string[]) {
  return database.all<{ id: string }>(
    sql`SELECT id FROM hierarchies
        WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND company_id = ${companyId}`,
  )
}

/** Holds while the plan is as it was when loaded and has room for one more action that weighs as much as this one. */
export function planHasRoom(
  plan: { id: string; visibility: Visibility; created_by: string | null },
  { id, contentBytes }: { id: string; contentBytes: number },
): SQL {
  // As they are at that moment: a note raises no version.
  const notes = sql`coalesce((SELECT note_bytes FROM actions WHERE id = ${id}), 0)`
  return sql`EXISTS (SELECT 1 FROM plans WHERE id = ${plan.id} AND visibility = ${plan.visibility}
    AND created_by IS ${plan.created_by} AND action_count < ${LIMITS.actionsPerPlan.most}
    AND content_bytes + ${contentBytes} <= ${LIMITS.bytesPerPlan.most}
    AND (${notes} = 0 OR note_bytes + ${notes} <= ${LIMITS.noteBytesPerPlan.most}))`
}

/** Holds while an action may grow in its plan by so many bytes; it may always shrink. */
export function planHasBytes(planId: string, grownBy: number): SQL {
  if (grownBy <= 0) return sql`1`
  return sql`EXISTS (SELECT 1 FROM plans WHERE id = ${planId}
    AND content_bytes + ${grownBy} <= ${LIMITS.bytesPerPlan.most})`
}

/** Holds while all of them may be assigned. */
export function areAssignable(companyId: string, userIds: readonly string[]): SQL {
  return sql`(SELECT count(*) FROM users WHERE id IN (SELECT value FROM json_each(${JSON.stringify(userIds)}))
    AND company_id = ${companyId} AND active = 1 AND role <> 'EMPLOYEE') = ${userIds.length}`
}

/** Holds while nobody has written the action, or moved or changed its plan; with `exactly`, nor its children. */
export function isUnchanged(action: StoredAction, exactly: boolean): SQL {
  const own = exactly ? sql`a.revision = ${action.revision}` : sql`a.version = ${action.version}`
  return sql`EXISTS (SELECT 1 FROM actions a JOIN plans p ON p.id = a.plan_id WHERE a.id = ${action.id} AND ${own}
    AND p.visibility = ${action.plan.visibility} AND p.created_by IS ${action.plan.createdBy})`
}

/** Statements that store a new action with all that hangs on it. */
export function insertAction(database: Database, action: StoredAction): Statement[] {
  const { status, startedAt, finishedAt } = derive(action.assignees)
  return [
    database.insert(actions).values({
      id: action.id,
      companyId: action.companyId,
      planId: action.planId,
      title: action.title,
      description: action.description,
      actionType: action.actionType,
      origin: action.origin,
      visibility: action.visibility,
      status,
      dueDate: action.dueDate,
      startedAt,
      finishedAt,
      contentBytes: action.contentBytes,
      createdBy: action.createdBy,
      createdAt: action.createdAt,
      updatedAt: action.updatedAt,
      titleFolded: fold(action.title),
      descriptionFolded: fold(action.description),
    }),
    ...writeAssignees(database, action),
    ...writeFocusItems(database, action),
    ...writeHierarchies(database, action),
  ]
}

/** Statements that bring a stored action from `before` to `after`. */
export function updateAction(database: Database, before: StoredAction, after: StoredAction): Statement[] {
  const { status, startedAt, finishedAt } = derive(after.assignees)
  const differ = (member: 'assignees' | 'focusItems' | 'hierarchyIds') =>
    JSON.stringify(before[member]) !== JSON.stringify(after[member])
  return [
    database
      .update(actions)
      .set({
        planId: after.planId,
        title: after.title,
        description: after.description,
        visibility: after.visibility,
        status,
        dueDate: after.dueDate,
        startedAt,
        finishedAt,
        contentBytes: after.contentBytes,
        updatedAt: after.updatedAt,
        titleFolded: fold(after.title),
        descriptionFolded: fold(after.description),
        version: sql`${actions.version} + 1`,
        revision: sql`${actions.revision} + 1`,
      })
      .where(and(eq(actions.id, after.id), eq(actions.companyId, after.companyId))),
    ...(differ('assignees') ? writeAssignees(database, after) : []),
    ...(differ('focusItems') ? writeFocusItems(database, after) : []),
    ...(differ('hierarchyIds') ? writeHierarchies(database, after) : []),
  ]
}

export function deleteAction(database: Database, action: StoredAction): Statement[] {
  return [
    database.delete(actions).where(and(eq(actions.id, action.id), eq(actions.companyId, action.companyId))),
  ]
}

/** Whole lists travel as one JSON parameter: D1 takes at most 100 of them. */
function writeAssignees(database: Database, { id, assignees }: StoredAction): Statement[] {
  const rows = JSON.stringify(assignees)
  return [
    database.run(sql`DELETE FROM action_assignees WHERE action_id = ${id}
      AND user_id NOT IN (SELECT value ->> 'userId' FROM json_each(${rows}))`),
    database.run(sql`INSERT INTO action_assignees (action_id, user_id, position, status, started_at, finished_at)
      SELECT ${id}, value ->> 'userId', key, value ->> 'status', value ->> 'startedAt', value ->> 'finishedAt'
        FROM json_each(${rows}) WHERE true
      ON CONFLICT (action_id, user_id) DO UPDATE SET position = excluded.position, status = excluded.status,
        started_at = excluded.started_at, finished_at = excluded.finished_at`),
  ]
}

function writeFocusItems(database: Database, { id, companyId, focusItems }: StoredAction): Statement[] {
  return [
    database.run(sql`DELETE FROM action_focus_items WHERE action_id = ${id}`),
    database.run(sql`INSERT INTO action_focus_items (action_id, position, company_id, focus_type, focus_id)
      SELECT ${id}, key, ${companyId}, value ->> 'focusType', value ->> 'focusId'
        FROM json_each(${JSON.stringify(focusItems)})`),
  ]
}

function writeHierarchies(database: Database, { id, hierarchyIds }: StoredAction): Statement[] {
  return [
    database.run(sql`DELETE FROM action_hierarchies WHERE action_id = ${id}`),
    database.run(sql`INSERT INTO action_hierarchies (action_id, hierarchy_id, position)
      SELECT ${id}, value, key FROM json_each(${JSON.stringify(hierarchyIds)})`),
  ]
}
