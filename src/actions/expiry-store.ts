/** Writes down the expiries that reads compute anyway (lifecycle.ts). */
import { eq, inArray, lte, sql } from 'drizzle-orm'
import { allOf } from '../db/rows.ts'
import { actionAssignees, actions } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

const PORTION = 200

/**
 * Expires a bounded portion of the actions whose time has come, oldest first. Neither `updatedAt` nor `treeRevision`
 * moves, since nobody sees a difference; `rowVersion` does, so that a write decided before it is decided again.
 */
export function expireActions(database: Database, now: number): [Statement, Statement] {
  const portion = database
    .select({ id: actions.id })
    .from(actions)
    .where(lte(actions.expiresAt, now))
    .orderBy(actions.expiresAt, actions.id)
    .limit(PORTION)
  return [
    database
      .update(actionAssignees)
      .set({
        status: 'EXPIRED',
        finishedAt: sql`(SELECT ${actions.expiresAt} FROM ${actions} WHERE ${eq(actions.id, actionAssignees.actionId)})`,
      })
      .where(
        allOf([
          inArray(actionAssignees.actionId, portion),
          inArray(actionAssignees.status, ['NOT_STARTED', 'IN_PROGRESS']),
        ]),
      ),
    database
      .update(actions)
      .set({
        status: 'EXPIRED',
        rowVersion: sql`${actions.rowVersion} + 1`,
        finishedAt: sql`(SELECT max(${actionAssignees.finishedAt}) FROM ${actionAssignees}
          WHERE ${eq(actionAssignees.actionId, actions.id)})`,
      })
      .where(inArray(actions.id, portion)),
  ]
}
