/**
 * The lists in which the actions of a user are found, each by its index and as FROM and WHERE of a query, and how many
 * they hold as far as triggers count it.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import { EVERY_MANAGER } from '../access/store.ts'
import { ACTION_TYPES, type Status, STATUSES } from '../db/enums.ts'
import { allOf } from '../db/rows.ts'
import { actions, audienceCounts, readableTotals } from '../db/schema.ts'
import type { ReadScope } from '../platform/request.ts'
import { FOCUS_BITS, focusSetsWith } from './facets.ts'
import { type ActionFilter, isExpiredByClock, isMeeting, UNDONE_STATUSES } from './filter.ts'

/** The values after IN. NULL, which equals nothing, stands for none: for an empty list, SQLite would use no index. */
export function list(values: readonly (string | number)[]): SQL {
  if (values.length === 0) return sql`NULL`
  return sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )
}

/** The condition of the indexes that hold only actions with an audience; SQLite wants it repeated in the query. */
export const IS_LISTED = sql`audience <> ''`

/** A user of a company. */
export interface Reader {
  companyId: string
  userId: string
}

export function audiencesOf({ userId }: Reader): readonly string[] {
  return [EVERY_MANAGER, userId]
}

/**
 * Condition on `actions`: of the company, and of one of the audiences of the user.
 * @param company the id of the company, or an expression that may be NULL, in which case nothing is read
 */
export function isOfAudience(scope: ReadScope, company: string | SQL = scope.companyId): SQL {
  return sql`${actions.companyId} = ${company} AND ${actions.audience} IN (${list(audiencesOf(scope))}) AND ${IS_LISTED}`
}

/** The number of personal actions, kept by triggers. */
export function personalTotal({ companyId, userId }: Reader): SQL {
  return sql`coalesce((SELECT ${readableTotals.personalActions} FROM ${readableTotals}
    WHERE ${eq(readableTotals.companyId, companyId)} AND ${eq(readableTotals.reader, userId)}), 0)`
}

const COUNTED: Record<Status, SQL> = {
  NOT_STARTED: sql`${audienceCounts.notStarted}`,
  IN_PROGRESS: sql`${audienceCounts.inProgress}`,
  COMPLETED: sql`${audienceCounts.completed}`,
  CANCELLED: sql`${audienceCounts.cancelled}`,
  EXPIRED: sql`${audienceCounts.expired}`,
}

/** A query of the number of actions of the user's audiences by stored status, type and focus types, from kept counts. */
export function keptTotal({ status, actionType, focusType }: ActionFilter, scope: Reader): SQL {
  const counted = (status === undefined ? STATUSES : [status]).map((each) => COUNTED[each])
  return sql`SELECT coalesce(sum(${sql.join(counted, sql` + `)}), 0) FROM ${audienceCounts}
    WHERE ${allOf([
      eq(audienceCounts.companyId, scope.companyId),
      sql`${audienceCounts.audience} IN (${list(audiencesOf(scope))})`,
      ...(actionType === undefined ? [] : [eq(audienceCounts.actionType, actionType)]),
      ...(focusType === undefined ? [] : [sql`${audienceCounts.focusBits} & ${FOCUS_BITS[focusType]}`]),
    ])}`
}

/** The stored statuses of the actions that can meet the filter. */
function storedStatuses({ status, overdue }: ActionFilter): readonly Status[] {
  const stored: readonly Status[] =
    status === undefined ? STATUSES : status === 'EXPIRED' ? ['IN_PROGRESS', 'EXPIRED'] : [status]
  return overdue === true
    ? stored.filter((each) => UNDONE_STATUSES.some((undone) => undone === each))
    : stored
}

/** FROM and WHERE of the actions that have a due date, or one that has passed if the filter says overdue. */
export function dueList({ status, overdue }: ActionFilter, scope: ReadScope, meets: SQL, company?: SQL): SQL {
  const range = overdue === true ? [sql`${actions.dueDate} <= ${scope.now}`] : []
  return sql`FROM ${actions} INDEXED BY actions_by_due_date
    WHERE ${allOf([
      isOfAudience(scope, company),
      sql`${actions.status} IN (${list(storedStatuses({ status, overdue }))})`,
      sql`due_date IS NOT NULL`,
      ...range,
      meets,
    ])}`
}

/** FROM and WHERE of the actions of all audiences that have the type and the focus type. */
export function kindsArm({ actionType, focusType }: ActionFilter, company: SQL): SQL {
  return sql`FROM ${actions} INDEXED BY actions_by_facets WHERE ${actions.companyId} = ${company}
    AND ${actions.actionType} IN (${list(actionType === undefined ? ACTION_TYPES : [actionType])})
    AND ${actions.focusBits} IN (${list(focusSetsWith(focusType))})`
}

/** The indexes that find a status: its own list, and for EXPIRED also the due dates of what the clock has expired. */
export function statusArms(status: Status, scope: ReadScope, company: SQL): { from: SQL; where: SQL }[] {
  const stored = {
    from: sql`FROM ${actions} INDEXED BY actions_by_status`,
    where: allOf([isOfAudience(scope, company), eq(actions.status, status)]),
  }
  return status === 'EXPIRED' ? [stored, clockArm(scope, company)] : [stored]
}

export function clockArm(scope: ReadScope, company?: SQL): { from: SQL; where: SQL } {
  const { now } = scope
  return {
    from: sql`FROM ${actions} INDEXED BY actions_by_due_date`,
    where: allOf([isOfAudience(scope, company), isExpiredByClock(now), sql`${actions.dueDate} <= ${now}`]),
  }
}

/** A query of the number of actions of the user's audiences that are stored as IN_PROGRESS and have expired. */
export function expiredByClock({ actionType, focusType }: ActionFilter, scope: ReadScope): SQL {
  const { from, where } = clockArm(scope)
  return sql`SELECT count(*) ${from} WHERE ${where} AND ${isMeeting({ actionType, focusType }, scope)}`
}
