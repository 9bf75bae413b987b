/** Filters on actions, and each filter as a condition on a row of `actions`. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { actionIsReadableBy } from '../access/store.ts'
import type { ActionType, FocusType, Status } from '../db/enums.ts'
import { allOf } from '../db/rows.ts'
import { actionAssignees, actionHierarchies, actions } from '../db/schema.ts'
import type { ReadScope } from '../platform/request.ts'
import { fold } from '../platform/text.ts'
import { FOCUS_BITS } from './facets.ts'

export interface ActionFilter {
  status?: Status | undefined
  focusType?: FocusType | undefined
  hierarchyId?: string | undefined
  assigneeId?: string | undefined
  actionType?: ActionType | undefined
  q?: string | undefined
  overdue?: boolean | undefined
  /** Unix milliseconds; the due date is not before it. */
  dueFrom?: number | undefined
  /** Unix milliseconds; the due date is before it. */
  dueTo?: number | undefined
}

export function isFiltering(filter: ActionFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== '')
}

/** Condition on a row of `actions`: the user of the scope may read it. It does not check the company. */
export function isReadable({ userId }: Pick<ReadScope, 'userId'>): SQL {
  return actionIsReadableBy(userId)
}

/** Condition on a row of `actions`: it meets every filter. */
export function isMeeting(filter: ActionFilter, { now }: ReadScope): SQL {
  const { status, focusType, hierarchyId, assigneeId, actionType, q, overdue, dueFrom, dueTo } = filter
  return allOf([
    ...(status === undefined ? [] : [hasStatus(status, now)]),
    ...(actionType === undefined ? [] : [eq(actions.actionType, actionType)]),
    ...(focusType === undefined ? [] : [sql`${actions.focusBits} & ${FOCUS_BITS[focusType]}`]),
    ...(dueFrom === undefined ? [] : [sql`${actions.dueDate} >= ${dueFrom}`]),
    ...(dueTo === undefined ? [] : [sql`${actions.dueDate} < ${dueTo}`]),
    ...(overdue === undefined ? [] : [overdue ? isOverdue(now) : sql`(${isOverdue(now)}) IS NOT 1`]),
    ...(assigneeId === undefined ? [] : [isAssignedTo(assigneeId)]),
    ...(hierarchyId === undefined ? [] : [isAimedAt(hierarchyId)]),
    ...(q === undefined || q === '' ? [] : [hasText(q)]),
  ])
}

/** Condition: the action has this status as of now. A stored IN_PROGRESS whose `expires_at` has passed is EXPIRED. */
function hasStatus(status: Status, now: number): SQL {
  switch (status) {
    case 'IN_PROGRESS':
      return sql`${actions.status} = 'IN_PROGRESS' AND coalesce(${actions.expiresAt} > ${now}, 1)`
    case 'EXPIRED':
      return sql`(${actions.status} = 'EXPIRED' OR ${isExpiredByClock(now)})`
    default:
      return eq(actions.status, status)
  }
}

/** Condition: the stored status is IN_PROGRESS, but the action has expired. */
export function isExpiredByClock(now: number): SQL {
  return sql`${actions.status} = 'IN_PROGRESS' AND ${actions.expiresAt} <= ${now}`
}

/** The stored statuses of actions that are overdue once their due date has passed. */
export const UNDONE_STATUSES = ['NOT_STARTED', 'IN_PROGRESS', 'EXPIRED'] as const satisfies readonly Status[]

/** Condition: the action is past its due date, and neither completed nor cancelled. */
export function isOverdue(now: number): SQL {
  return sql`${actions.dueDate} <= ${now} AND ${actions.status} NOT IN ('COMPLETED', 'CANCELLED')`
}

export function hasText(q: string): SQL {
  const folded = fold(q)
  return sql`(instr(${actions.titleFolded}, ${folded}) OR instr(${actions.descriptionFolded}, ${folded}))`
}

function isAssignedTo(userId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM ${actionAssignees}
    WHERE ${eq(actionAssignees.actionId, actions.id)} AND ${eq(actionAssignees.userId, userId)})`
}

function isAimedAt(hierarchyId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM ${actionHierarchies}
    WHERE ${eq(actionHierarchies.actionId, actions.id)} AND ${eq(actionHierarchies.hierarchyId, hierarchyId)})`
}
