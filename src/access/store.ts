/** Who is a company manager and who may read what, as SQL: each rule once. policy.ts has the same rules on objects. */
import { eq, inArray, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { MANAGER_ROLES } from '../db/enums.ts'
import { allOf } from '../db/rows.ts'
import { actionReaders, plans, users } from '../db/schema.ts'

/** What stands for all company managers of a company among the readers of an action or plan. */
export const EVERY_MANAGER = '*'

/** Whether a row of `users` is an active company manager. */
export function isActiveManager(): SQL {
  return allOf([eq(users.active, true), inArray(users.role, MANAGER_ROLES)])
}

/** Whether the company manager may read a row of `plans`. */
export function planIsReadableBy(userId: string | SQLWrapper): SQL {
  return sql`${plans.audience} IN (${EVERY_MANAGER}, ${userId})`
}

/** Whether the company manager may read the action of that id. */
export function actionIsReadableBy(userId: string | SQLWrapper, actionId: string | SQLWrapper): SQL {
  return sql`EXISTS (SELECT 1 FROM ${actionReaders}
    WHERE ${actionReaders.actionId} = ${actionId} AND ${actionReaders.reader} IN (${EVERY_MANAGER}, ${userId}))`
}
