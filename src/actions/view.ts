/** Actions and notes as callers see them, pure. */
import { effectiveVisibility } from '../access/policy.ts'
import { toIso } from '../platform/time.ts'
import { stateAt } from './lifecycle.ts'
import type { StoredNote } from './notes-store.ts'
import type { ActionView, NoteView } from './schemas.ts'
import type { StoredAction } from './store.ts'

/** The members that a representation needs; of the plan, only the visibility. */
type Viewable = Omit<StoredAction, 'plan'> & { plan: Pick<StoredAction['plan'], 'visibility'> }

/** The representation as of `now`, with expiries by the clock applied. */
export function viewAction(action: Viewable, now: number): ActionView {
  const { status, completionPercent, overdue, assignees, startedAt, finishedAt } = stateAt(now, action)
  return {
    id: action.id,
    companyId: action.companyId,
    planId: action.planId,
    title: action.title,
    description: action.description,
    actionType: action.actionType,
    origin: action.origin,
    visibility: effectiveVisibility(action.visibility, action.plan),
    followsPlanVisibility: action.visibility === null,
    status,
    completionPercent,
    overdue,
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

export function viewNote(note: StoredNote): NoteView {
  return { ...note, createdAt: toIso(note.createdAt) }
}
