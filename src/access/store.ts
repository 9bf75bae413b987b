/** Who is a company manager and who may read what, as SQL. policy.ts has the same rules as functions. */
import { eq, inArray, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { MANAGER_ROLES } from '../db/enums.ts'
import { allOf } from '../db/rows.ts'
import { actionReaders, plans, users } from '../db/schema.ts'

/** The reader or audience that stands for all managers of a company. */
export const EVERY_MANAGER = '*'

/** Condition on a row of `users`: an active company manager. */
export function isActiveManager(): SQL {
  return allOf([eq(users.active, true), inArray(users.role, MANAGER_ROLES)])
}

/** Condition on a row of `plans`: this company manager may read the plan. */
export function planIsReadableBy(userId: string | SQLWrapper): SQL {
  return sql`${plans.audience} IN (${EVERY_MANAGER}, ${userId})`
}

/** Condition: this company manager may read the action with that id. */
export function actionIsReadableBy(userId: string | SQLWrapper, actionId: string | SQLWrapper): SQL {
  return sql`EXISTS (SELECT 1 FROM ${actionReaders}
    WHERE ${actionReaders.actionId} = ${actionId} AND ${actionReaders.reader} IN (${EVERY_MANAGER}, ${userId}))`
}
