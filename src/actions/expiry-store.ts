/** Stores the expiries that reads compute from the clock anyway (lifecycle.ts). */
import { eq, inArray, lte, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { allOf } from '../db/rows.ts'
import { actionAssignees, actions } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import type { Database } from '../platform/database.ts'
import { entriesFrom, insertHistory } from '../platform/history-store.ts'
import type { Statement } from '../platform/write.ts'

const PORTION = 200

/** Condition on a row of `action_assignees`: an expiry ends the work. */
const IS_ENDED = inArray(actionAssignees.status, ['NOT_STARTED', 'IN_PROGRESS'])

/**
 * Stores the expiry of at most 200 actions, oldest first. `updatedAt` and `treeRevision` stay, since readers see no
 * difference. `rowVersion` rises, so that a write that was decided on the earlier row is decided again.
 */
export function expireActions(database: Database, now: number): [Statement, ...Statement[]] {
  const portion = database
    .select({ id: actions.id })
    .from(actions)
    .where(allOf([lte(actions.expiresAt, now), staysHere(actions.companyId)]))
    .orderBy(actions.expiresAt, actions.id)
    .limit(PORTION)
  return [
    expiryEntries(database, portion, now),
    database
      .update(actionAssignees)
      .set({
        status: 'EXPIRED',
        finishedAt: sql`(SELECT ${actions.expiresAt} FROM ${actions} WHERE ${eq(actions.id, actionAssignees.actionId)})`,
      })
      .where(allOf([inArray(actionAssignees.actionId, portion), IS_ENDED])),
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

/** The statement that stores an entry for each action of the portion, which may be of several companies. */
function expiryEntries(database: Database, portion: SQLWrapper, now: number): Statement {
  const states = (status: SQL) =>
    sql`(SELECT json_group_array(json_object('userId', ${actionAssignees.userId}, 'status', ${status})
        ORDER BY ${actionAssignees.position})
      FROM ${actionAssignees} WHERE ${allOf([eq(actionAssignees.actionId, actions.id), IS_ENDED])})`
  const entries = entriesFrom(
    {
      companyId: actions.companyId,
      type: 'action.expired',
      planId: actions.planId,
      actionId: actions.id,
      title: actions.title,
      changes: sql`json_object('status', json_object('before', ${actions.status}, 'after', 'EXPIRED'),
        'assignees', json_object('before', ${states(sql`${actionAssignees.status}`)}, 'after', ${states(sql`'EXPIRED'`)}))`,
      readers: sql`NULL`,
      at: actions.expiresAt,
      order: [actions.expiresAt, actions.id],
    },
    sql`FROM ${actions} WHERE ${actions.id} IN ${portion}`,
  )
  return insertHistory(database, [entries], { author: null, now })
}
