/** Counts the work of a user, and hands it over to another user in one atomic set of statements. */
import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm'
import { audienceOf, isActiveManager } from '../access/store.ts'
import { DERIVED_COLUMNS, isTerminalStatus } from '../actions/derived-store.ts'
import { ASSIGNEE_BYTES } from '../actions/weight.ts'
import { allOf, excluded, insertSelect, onConflictUpdate, select } from '../db/rows.ts'
import { actionAssignees, actions, plans, users } from '../db/schema.ts'
import type { StoredUser } from '../people/user-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import type { Reassigned } from './schemas.ts'

/** FROM and WHERE of the user's assignments that are open at `now`: neither terminal nor expired by the clock. */
function openAssignments(userId: string, now: number): SQL {
  return sql`FROM ${actionAssignees} JOIN ${actions} ON ${eq(actions.id, actionAssignees.actionId)}
    WHERE ${eq(actionAssignees.userId, userId)} AND NOT (${isTerminalStatus})
      AND (${actions.expiresAt} IS NULL OR ${actions.expiresAt} > ${now})`
}

/** Ids of the actions with an open assignment of the user. */
export function openActions(userId: string, now: number): SQL {
  return sql`(SELECT ${actionAssignees.actionId} ${openAssignments(userId, now)})`
}

function counts(userId: string, now: number) {
  return {
    assignments: sql<number>`(SELECT count(*) ${openAssignments(userId, now)})`,
    plans: sql<number>`(SELECT count(*) FROM ${plans} WHERE ${eq(plans.createdBy, userId)})`,
    actions: sql<number>`(SELECT count(*) FROM ${actions} WHERE ${eq(actions.createdBy, userId)})`,
  }
}

/** The number of assignments, plans and actions to hand over. */
export function countWork(database: Database, companyId: string, userId: string, now: number) {
  return select(database, counts(userId, now))
    .from(users)
    .where(and(eq(users.id, userId), eq(users.companyId, companyId)))
}

/** Holds while the user has nothing to hand over. */
export function hasNoWork(userId: string, now: number): SQL {
  const { assignments, plans: plansOwned, actions: actionsOwned } = counts(userId, now)
  return sql`${assignments} + ${plansOwned} + ${actionsOwned} = 0`
}

/** Holds while the numbers in `work` are still right and the heir is an active manager of the company. */
export function isStillPossible(user: StoredUser, heir: StoredUser, work: Reassigned, now: number): SQL {
  const { assignments, plans: plansOwned, actions: actionsOwned } = counts(user.id, now)
  const isHeir = allOf([eq(users.id, heir.id), eq(users.companyId, user.companyId), isActiveManager()])
  return sql`${assignments} = ${work.assignments} AND ${plansOwned} = ${work.plans}
    AND ${actionsOwned} = ${work.actions} AND EXISTS (SELECT 1 FROM ${users} WHERE ${isHeir})`
}

/** Statements that hand over the work. Their order matters: later ones find the rows that earlier ones changed. */
export function handOver(
  database: Database,
  user: StoredUser,
  heir: StoredUser,
  now: number,
): readonly Statement[] {
  const open = openActions(user.id, now)
  const ofHeir = sql`EXISTS (SELECT 1 FROM ${actionAssignees}
    WHERE ${eq(actionAssignees.actionId, actions.id)} AND ${eq(actionAssignees.userId, heir.id)})`
  return [
    database
      .update(actions)
      .set({
        updatedAt: now,
        rowVersion: sql`${actions.rowVersion} + 1`,
        treeRevision: sql`${actions.treeRevision} + 1`,
        // If the heir is an assignee already, the action loses one assignee.
        contentBytes: sql`${actions.contentBytes} - ${ASSIGNEE_BYTES} * (${actions.id} IN ${open} AND ${ofHeir})`,
      })
      .where(or(eq(actions.createdBy, user.id), sql`${actions.id} IN ${open}`)),
    giveAssignments(database, user.id, heir.id, now),
    database
      .delete(actionAssignees)
      .where(and(eq(actionAssignees.userId, user.id), sql`${actionAssignees.actionId} IN ${open}`)),
    closeGaps(database, heir.id, now),
    // Only the actions that were handed over just now, which the first statement gave this `updatedAt`.
    database
      .update(actions)
      .set(DERIVED_COLUMNS)
      .where(
        and(
          eq(actions.updatedAt, now),
          inArray(
            actions.id,
            database
              .select({ id: actionAssignees.actionId })
              .from(actionAssignees)
              .where(eq(actionAssignees.userId, heir.id)),
          ),
        ),
      ),
    database
      .update(actions)
      .set({
        createdBy: heir.id,
        audience: audienceOf({ planId: actions.planId, visibility: actions.visibility, createdBy: heir.id }),
      })
      .where(eq(actions.createdBy, user.id)),
    database
      .update(plans)
      .set({ createdBy: heir.id, updatedAt: now, rowVersion: sql`${plans.rowVersion} + 1` })
      .where(eq(plans.createdBy, user.id)),
  ]
}

/**
 * Gives the user's open assignments to the heir. If the heir is an assignee already, a terminal state is replaced by
 * the open one, and an open state keeps the further status and the earlier start.
 */
function giveAssignments(database: Database, userId: string, heirId: string, now: number): Statement {
  const { actionId, position, status, startedAt, finishedAt, createdAt, dueDate } = actionAssignees
  return insertSelect(
    database,
    actionAssignees,
    {
      ...{ actionId, userId: heirId, position, status, startedAt, createdAt, dueDate },
      finishedAt: sql`NULL`,
      isCreator: sql`${actions.createdBy} IS ${heirId}`,
    },
    sql`${openAssignments(userId, now)} ${onConflictUpdate(
      [actionId, actionAssignees.userId],
      [
        [status, sql`CASE WHEN ${status} = 'IN_PROGRESS' THEN 'IN_PROGRESS' ELSE ${excluded(status)} END`],
        [
          startedAt,
          sql`CASE WHEN ${isTerminalStatus} THEN ${excluded(startedAt)}
            ELSE min(coalesce(${startedAt}, ${excluded(startedAt)}),
                     coalesce(${excluded(startedAt)}, ${startedAt})) END`,
        ],
        [finishedAt, sql`NULL`],
      ],
    )}`,
  )
}

/** Counts the places of the assignees anew where the heir was an assignee already, and the user has left a gap. */
function closeGaps(database: Database, heirId: string, now: number): Statement {
  return database.run(sql`UPDATE ${actionAssignees} SET position = placed.place FROM (
      SELECT ${actionAssignees.actionId} AS action_id, ${actionAssignees.userId} AS user_id, row_number() OVER (
        PARTITION BY ${actionAssignees.actionId} ORDER BY ${actionAssignees.position}, ${actionAssignees.userId}) - 1 AS place
      FROM ${actionAssignees} AS of_heir CROSS JOIN ${actions} ON ${actions.id} = of_heir.action_id
        CROSS JOIN ${actionAssignees} ON ${eq(actionAssignees.actionId, actions.id)}
      WHERE of_heir.user_id = ${heirId} AND ${eq(actions.updatedAt, now)}) AS placed
    WHERE ${actionAssignees.actionId} = placed.action_id AND ${actionAssignees.userId} = placed.user_id
      AND ${actionAssignees.position} <> placed.place`)
}
