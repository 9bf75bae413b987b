/** Stores the expiries that reads compute from the clock anyway (lifecycle.ts). */
import { eq, inArray, lte, sql } from 'drizzle-orm'
import { allOf } from '../db/rows.ts'
import { actionAssignees, actions } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

const PORTION = 200

/**
 * Stores the expiry of at most 200 actions, oldest first. `updatedAt` and `treeRevision` stay, since readers see no
 * difference. `rowVersion` rises, so that a write that was decided on the earlier row is decided again.
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
