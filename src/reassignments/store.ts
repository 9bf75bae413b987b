/** One user's work in D1, counted and handed to another in one atomic set of statements. */
import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm'
import { isActiveManager } from '../access/store.ts'
import { DERIVED_COLUMNS, isTerminalStatus } from '../actions/derived-store.ts'
import { ASSIGNEE_BYTES } from '../actions/weight.ts'
import { allOf, excluded, insertSelect, onConflictUpdate, select } from '../db/rows.ts'
import { actionAssignees, actions, plans, users } from '../db/schema.ts'
import type { StoredUser } from '../people/user-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import type { Reassigned } from './schemas.ts'

/** The user's assignments that are open at `now`: not terminal, and not expired by the clock either. */
function openAssignments(userId: string, now: number): SQL {
  return sql`FROM ${actionAssignees} JOIN ${actions} ON ${eq(actions.id, actionAssignees.actionId)}
    WHERE ${eq(actionAssignees.userId, userId)} AND NOT (${isTerminalStatus})
      AND (${actions.expiresAt} IS NULL OR ${actions.expiresAt} > ${now})`
}

/** Ids of the actions with such an assignment. */
function openActions(userId: string, now: number): SQL {
  return sql`(SELECT ${actionAssignees.actionId} ${openAssignments(userId, now)})`
}

function counts(userId: string, now: number) {
  return {
    assignments: sql<number>`(SELECT count(*) ${openAssignments(userId, now)})`,
    plans: sql<number>`(SELECT count(*) FROM ${plans} WHERE ${eq(plans.createdBy, userId)})`,
    actions: sql<number>`(SELECT count(*) FROM ${actions} WHERE ${eq(actions.createdBy, userId)})`,
  }
}

/** How much there is to hand over. */
export function countWork(database: Database, companyId: string, userId: string, now: number) {
  return select(database, counts(userId, now))
    .from(users)
    .where(and(eq(users.id, userId), eq(users.companyId, companyId)))
}

/** Holds while there is as much to hand over as will be answered, and the heir may have it. */
export function isStillPossible(user: StoredUser, heir: StoredUser, work: Reassigned, now: number): SQL {
  const { assignments, plans: plansOwned, actions: actionsOwned } = counts(user.id, now)
  const isHeir = allOf([eq(users.id, heir.id), eq(users.companyId, user.companyId), isActiveManager()])
  return sql`${assignments} = ${work.assignments} AND ${plansOwned} = ${work.plans}
    AND ${actionsOwned} = ${work.actions} AND EXISTS (SELECT 1 FROM ${users} WHERE ${isHeir})`
}

/** Statements that hand the work over. */
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
        // Where the heir is an assignee already, there is one less afterwards.
        contentBytes: sql`${actions.contentBytes} - ${ASSIGNEE_BYTES} * (${actions.id} IN ${open} AND ${ofHeir})`,
      })
      .where(or(eq(actions.createdBy, user.id), sql`${actions.id} IN ${open}`)),
    giveAssignments(database, user.id, heir.id, now),
    database
      .delete(actionAssignees)
      .where(and(eq(actionAssignees.userId, user.id), sql`${actionAssignees.actionId} IN ${open}`)),
    // For what was handed over just now.
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
    database.update(actions).set({ createdBy: heir.id }).where(eq(actions.createdBy, user.id)),
    database
      .update(plans)
      .set({ createdBy: heir.id, updatedAt: now, rowVersion: sql`${plans.rowVersion} + 1` })
      .where(eq(plans.createdBy, user.id)),
  ]
}

/** Who has the action already takes the open work on: what was terminal opens with it, what was open goes on. */
function giveAssignments(database: Database, userId: string, heirId: string, now: number): Statement {
  const { actionId, position, status, startedAt, finishedAt } = actionAssignees
  return insertSelect(
    database,
    actionAssignees,
    { actionId, userId: heirId, position, status, startedAt, finishedAt: sql`NULL` },
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
