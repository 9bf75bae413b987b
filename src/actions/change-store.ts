/** Writes actions, and reads the rows that a change is checked against. */
import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { audienceOf, isActiveManager } from '../access/store.ts'
import {
  allOf,
  changedMembers,
  eachOf,
  excluded,
  insertSelect,
  isOneOf,
  onConflictUpdate,
  type RowOf,
  select,
} from '../db/rows.ts'
import {
  actionAssignees,
  actionFocusItems,
  actionHierarchies,
  actions,
  hierarchies,
  plans,
  users,
} from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS } from '../platform/limits.ts'
import { fold } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'
import { focusBitsOf } from './facets.ts'
import { type AssigneeState, derive } from './lifecycle.ts'
import type { StoredAction } from './store.ts'

const PLAN_FOR_ACTION = {
  id: plans.id,
  visibility: plans.visibility,
  createdBy: plans.createdBy,
  actionCount: plans.actionCount,
  contentBytes: plans.contentBytes,
  noteBytes: plans.noteBytes,
}

export type PlanForAction = RowOf<typeof PLAN_FOR_ACTION>

/** The plan that an action is to be created in or moved to; no row if the company has no such plan. */
export function planForAction(database: Database, companyId: string, planId: string | null) {
  return database
    .select(PLAN_FOR_ACTION)
    .from(plans)
    .where(and(eq(plans.id, planId ?? ''), eq(plans.companyId, companyId)))
}

const NAMED_USER = {
  id: users.id,
  name: users.name,
  /** Whether the user is an active company manager. */
  isAssignable: sql<boolean>`${isActiveManager()}`.mapWith(Boolean),
}

export type NamedUser = RowOf<typeof NAMED_USER>

/** Those of `ids` that are users of the company. */
export function usersNamed(database: Database, companyId: string, ids: readonly string[]) {
  // The unary plus keeps SQLite from using the index on the company, which would walk all its users.
  return select(database, NAMED_USER)
    .from(users)
    .where(allOf([isOneOf(users.id, ids), sql`+${users.companyId} = ${companyId}`]))
}

/** Those of `ids` that are hierarchies of the company. */
export function hierarchiesNamed(database: Database, companyId: string, ids: readonly string[]) {
  return database
    .select({ id: hierarchies.id })
    .from(hierarchies)
    .where(allOf([isOneOf(hierarchies.id, ids), sql`+${hierarchies.companyId} = ${companyId}`]))
}

/**
 * Holds while the change from `before` to `after` is still allowed; with `exactly`, only while nothing that the
 * action's representation shows has changed.
 */
export function isStillPossible(before: StoredAction, after: StoredAction, exactly: boolean): SQL {
  const assigned = new Set(before.assignees.map(({ userId }) => userId))
  const added = after.assignees.map(({ userId }) => userId).filter((userId) => !assigned.has(userId))
  return allOf([
    exactly ? isUnchangedInTree(before) : isUnchangedInRow(before),
    areAssignable(before.companyId, added),
    after.planId === before.planId
      ? planHasBytes(before.planId, after.contentBytes - before.contentBytes)
      : planTakesAction(after),
  ])
}

/** Holds while the new action may still be stored as it was decided. */
export function isStillAddable(action: StoredAction): SQL {
  const assigned = action.assignees.map(({ userId }) => userId)
  return allOf([planTakesAction(action), areAssignable(action.companyId, assigned)])
}

/** Holds while the plan gives the same rights as when it was loaded and has room for the action. */
function planTakesAction({ id, planId, plan, contentBytes }: StoredAction): SQL {
  // The bytes are read again here, because a new note does not raise the action's row version.
  const noteBytes = sql`coalesce((SELECT ${actions.noteBytes} FROM ${actions} WHERE ${eq(actions.id, id)}), 0)`
  return sql`EXISTS (SELECT 1 FROM ${plans} WHERE ${eq(plans.id, planId)} AND ${hasRights(plan)}
    AND ${plans.actionCount} < ${LIMITS.actionsPerPlan.most}
    AND ${plans.contentBytes} + ${contentBytes} <= ${LIMITS.bytesPerPlan.most}
    AND (${noteBytes} = 0 OR ${plans.noteBytes} + ${noteBytes} <= ${LIMITS.noteBytesPerPlan.most}))`
}

/** Condition on a row of `plans`: visibility and creator, which decide on rights, are as they were when loaded. */
function hasRights({ visibility, createdBy }: StoredAction['plan']): SQL {
  return allOf([eq(plans.visibility, visibility), sql`${plans.createdBy} IS ${createdBy}`])
}

/** Holds while the plan has room for its action to grow by so many bytes. An action may always shrink. */
function planHasBytes(planId: string, grownBy: number): SQL {
  if (grownBy <= 0) return sql`1`
  return sql`EXISTS (SELECT 1 FROM ${plans} WHERE ${eq(plans.id, planId)}
    AND ${plans.contentBytes} + ${grownBy} <= ${LIMITS.bytesPerPlan.most})`
}

/** Holds while all these users are active managers of the company. */
export function areAssignable(companyId: string, userIds: readonly string[]): SQL {
  if (userIds.length === 0) return sql`1`
  return sql`(SELECT count(*) FROM ${users} WHERE ${isOneOf(users.id, userIds)}
    AND +${users.companyId} = ${companyId} AND ${isActiveManager()}) = ${userIds.length}`
}

/** Holds while the action and its assignees are unchanged, and its plan is the same with the same readers. */
export function isUnchangedInRow(action: StoredAction): SQL {
  return isUnchanged(action, eq(actions.rowVersion, action.rowVersion))
}

/**
 * Holds as `isUnchangedInRow` does, and while nothing else that the action's representation shows has changed. The row
 * version counts too: a sweep that stores an expiry raises it alone.
 */
export function isUnchangedInTree(action: StoredAction): SQL {
  const { rowVersion, treeRevision } = action
  return isUnchanged(
    action,
    allOf([eq(actions.rowVersion, rowVersion), eq(actions.treeRevision, treeRevision)]),
  )
}

function isUnchanged({ id, plan }: StoredAction, numbers: SQL): SQL {
  return sql`EXISTS (SELECT 1 FROM ${actions} JOIN ${plans} ON ${eq(plans.id, actions.planId)}
    WHERE ${eq(actions.id, id)} AND ${numbers} AND ${hasRights(plan)})`
}

/** The columns that are computed from an action's members. */
export function computedColumns({
  assignees,
  focusItems,
  title,
  description,
}: Pick<StoredAction, 'focusItems' | 'title' | 'description'> & { assignees: readonly AssigneeState[] }) {
  const { status, startedAt, finishedAt } = derive(assignees)
  return {
    ...{ status, startedAt, finishedAt },
    focusBits: focusBitsOf(focusItems),
    titleFolded: fold(title),
    descriptionFolded: fold(description),
  }
}

/** Statements that store a new action with its assignees, focus items and hierarchies. */
export function insertAction(database: Database, action: StoredAction): Statement[] {
  return [
    database.insert(actions).values({ ...action, ...computedColumns(action), audience: audienceOf(action) }),
    ...(action.assignees.length > 0 ? [insertAssignees(database, action, placed(action))] : []),
    ...(action.focusItems.length > 0 ? [insertFocusItems(database, action)] : []),
    ...(action.hierarchyIds.length > 0 ? [insertHierarchies(database, action)] : []),
  ]
}

/** Statements that update a stored action from `before` to `after`; what did not change is not written. */
export function updateAction(database: Database, before: StoredAction, after: StoredAction): Statement[] {
  const differs = (member: 'assignees' | 'focusItems' | 'hierarchyIds') =>
    JSON.stringify(before[member]) !== JSON.stringify(after[member])
  const { id, companyId } = after
  const hasMoved = before.planId !== after.planId || before.visibility !== after.visibility
  return [
    database
      .update(actions)
      .set({
        ...changedMembers({ ...before, ...computedColumns(before) }, { ...after, ...computedColumns(after) }),
        ...(hasMoved ? { audience: audienceOf(after) } : {}),
        rowVersion: sql`${actions.rowVersion} + 1`,
        treeRevision: sql`${actions.treeRevision} + 1`,
      })
      .where(and(eq(actions.id, id), eq(actions.companyId, companyId))),
    ...(differs('assignees') ? changeAssignees(database, before, after) : []),
    ...(differs('focusItems')
      ? [
          database.delete(actionFocusItems).where(eq(actionFocusItems.actionId, id)),
          insertFocusItems(database, after),
        ]
      : []),
    ...(differs('hierarchyIds')
      ? [
          database.delete(actionHierarchies).where(eq(actionHierarchies.actionId, id)),
          insertHierarchies(database, after),
        ]
      : []),
  ]
}

export function deleteAction(database: Database, { id, companyId }: StoredAction): Statement {
  return database.delete(actions).where(and(eq(actions.id, id), eq(actions.companyId, companyId)))
}

function changeAssignees(database: Database, before: StoredAction, after: StoredAction): Statement[] {
  const staying = after.assignees.map(({ userId }) => userId)
  const known = new Set(placed(before).map((assignee) => JSON.stringify(assignee)))
  return [
    database
      .delete(actionAssignees)
      .where(
        and(eq(actionAssignees.actionId, after.id), sql`NOT ${isOneOf(actionAssignees.userId, staying)}`),
      ),
    insertAssignees(
      database,
      after,
      placed(after).filter((assignee) => !known.has(JSON.stringify(assignee))),
    ),
  ]
}

/** The assignees with their positions. */
function placed({ assignees }: StoredAction) {
  return assignees.map((assignee, position) => ({ ...assignee, position }))
}

/** Inserts assignees; those who are stored already get their new state and position. */
function insertAssignees(
  database: Database,
  { id, createdBy, createdAt, dueDate }: StoredAction,
  list: ReturnType<typeof placed>,
): Statement {
  const each = eachOf(list)
  const { actionId, userId, position, status, startedAt, finishedAt } = getTableColumns(actionAssignees)
  const updated = [position, status, startedAt, finishedAt].map(
    (column) => [column, excluded(column)] as const,
  )
  return insertSelect(
    database,
    actionAssignees,
    {
      actionId: id,
      userId: each.member('userId'),
      position: each.member('position'),
      status: each.member('status'),
      startedAt: each.member('startedAt'),
      finishedAt: each.member('finishedAt'),
      isCreator: sql`${each.member('userId')} IS ${createdBy}`,
      createdAt,
      dueDate,
    },
    // Without WHERE, SQLite would parse ON as the condition of a join.
    sql`FROM ${each.rows} WHERE true ${onConflictUpdate([actionId, userId], updated)}`,
  )
}

function insertFocusItems(database: Database, { id, focusItems }: StoredAction): Statement {
  const each = eachOf(focusItems)
  return insertSelect(
    database,
    actionFocusItems,
    {
      actionId: id,
      position: each.index,
      focusType: each.member('focusType'),
      focusId: each.member('focusId'),
    },
    sql`FROM ${each.rows}`,
  )
}

function insertHierarchies(database: Database, { id, hierarchyIds }: StoredAction): Statement {
  const each = eachOf(hierarchyIds)
  return insertSelect(
    database,
    actionHierarchies,
    { actionId: id, hierarchyId: each.value, position: each.index },
    sql`FROM ${each.rows}`,
  )
}
