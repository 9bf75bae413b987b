/** Actions and notes as callers see them, pure. */
import { toIso } from '../platform/time.ts'
import { asOf, derive, isOverdue } from './lifecycle.ts'
import { effectiveVisibility } from './policy.ts'
import type { ActionView } from './schemas.ts'
import type { StoredAction } from './store.ts'

/** The representation at `now`, expiries by the clock included. */
export function viewAction(action: StoredAction, now: number): ActionView {
  const assignees = asOf(now, action)
  const { status, completionPercent, startedAt, finishedAt } = derive(assignees)
  return {
    id: action.id,
    companyId: action.companyId,
    planId: action.planId,
    title: action.title,
    description: action.description,
    actionType: action.actionType,
    origin: action.origin,
    visibility: effectiveVisibility(action.visibility, action.plan),
    status,
    completionPercent,
    overdue: isOverdue(now, action.dueDate, status),
    focusItems: action.focusItems,
    hierarchyIds: action.hierarchyIds,
    assignees: assignees.map((assignee) => ({
      userId: assignee.userId,
      name: assignee.name,
      active: assignee.active,
      status: assignee.status,
      startedAt: toIso(assignee.startedAt),
      finishedAt: toIso(assignee.finishedAt),
    })),
    dueDate: toIso(action.dueDate),
    startedAt: toIso(startedAt),
    finishedAt: toIso(finishedAt),
    noteCount: action.noteCount,
    createdBy: action.createdBy,
    createdAt: toIso(action.createdAt),
    updatedAt: toIso(action.updatedAt),
  }
}
