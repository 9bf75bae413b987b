/** Filters on actions as SQL. Every filter but `q` uses an index, which test/db/indexes.test.ts checks. */
import { eq, gt, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { actionIsReadableBy } from '../access/store.ts'
import type { ActionType, FocusType, Status } from '../db/enums.ts'
import { allOf } from '../db/rows.ts'
import { actionAssignees, actionFocusItems, actionHierarchies, actions } from '../db/schema.ts'
import type { ReadScope } from '../platform/request.ts'
import { fold } from '../platform/text.ts'

export interface ActionFilter {
  status?: Status | undefined
  focusType?: FocusType | undefined
  hierarchyId?: string | undefined
  assigneeId?: string | undefined
  actionType?: ActionType | undefined
  q?: string | undefined
}

export function isFiltering(filter: ActionFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== '')
}

/** Condition on a row of `actions`: the user of the scope may read it. It does not check the company. */
export function isReadable({ userId }: ReadScope): SQL {
  return actionIsReadableBy(userId, actions.id)
}

/**
 * Condition on a row of `actions`: it belongs to the company, may be read and meets every filter.
 * @param narrowed whether the query restricts the plans of the actions as well
 */
export function isMatching(filter: ActionFilter, scope: ReadScope, narrowed = false): SQL {
  // SQLite prefers the index on the company to one that leaves fewer rows; the unary plus rules that index out.
  const company = narrowed || isNarrow(filter) ? sql`+${actions.companyId}` : sql`${actions.companyId}`
  return allOf([sql`${company} = ${scope.companyId}`, isReadable(scope), ...conditionsOf(filter, scope)])
}

/** Whether a filter leaves few actions, found by id. */
function isNarrow({ status, focusType, hierarchyId, assigneeId }: ActionFilter): boolean {
  return status === 'EXPIRED' || [focusType, hierarchyId, assigneeId].some((value) => value !== undefined)
}

function conditionsOf(filter: ActionFilter, scope: ReadScope): SQL[] {
  const { status, focusType, hierarchyId, assigneeId, actionType } = filter
  const q = fold(filter.q ?? '')
  const given: (SQL | null)[] = [
    status === undefined ? null : hasStatus(status, scope),
    focusType === undefined
      ? null
      : sql`${actions.id} IN (SELECT ${actionFocusItems.actionId} FROM ${actionFocusItems}
          WHERE ${actionFocusItems.companyId} = ${scope.companyId} AND ${actionFocusItems.focusType} = ${focusType})`,
    hierarchyId === undefined
      ? null
      : sql`${actions.id} IN (SELECT ${actionHierarchies.actionId} FROM ${actionHierarchies}
          WHERE ${actionHierarchies.hierarchyId} = ${hierarchyId})`,
    assigneeId === undefined
      ? null
      : sql`${actions.id} IN (SELECT ${actionAssignees.actionId} FROM ${actionAssignees}
          WHERE ${actionAssignees.userId} = ${assigneeId})`,
    actionType === undefined ? null : eq(actions.actionType, actionType),
    q === ''
      ? null
      : sql`(instr(${actions.titleFolded}, ${q}) > 0 OR instr(${actions.descriptionFolded}, ${q}) > 0)`,
  ]
  return given.filter((condition) => condition !== null)
}

const expiring = alias(actions, 'expiring')

/** Condition: the action has this status as of now. A stored IN_PROGRESS whose `expires_at` has passed is EXPIRED. */
function hasStatus(status: Status, { companyId, now }: ReadScope): SQL {
  const stored = (value: Status) => eq(actions.status, value)
  switch (status) {
    case 'IN_PROGRESS':
      return allOf([
        stored('IN_PROGRESS'),
        sql`(${or(isNull(actions.expiresAt), gt(actions.expiresAt, now))})`,
      ])
    case 'EXPIRED': {
      const withStatus = (value: Status) => sql`SELECT ${expiring.id} FROM ${actions} AS expiring
        WHERE ${eq(expiring.companyId, companyId)} AND ${eq(expiring.status, value)}`
      return sql`${actions.id} IN (${withStatus('EXPIRED')}
        UNION ALL ${withStatus('IN_PROGRESS')} AND ${lte(expiring.expiresAt, now)})`
    }
    default:
      return stored(status)
  }
}
