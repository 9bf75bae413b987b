/** What an import finds stored, and the rows that it makes. Pure. */
import type { ActionType, FocusType, Origin, Status, Visibility } from '../db/enums.ts'
import type { Entry } from '../platform/history.ts'

/** A plan of the company that the file names: by the importer's own name for it, or by its id. */
export interface ExistingPlan {
  id: string
  visibility: Visibility
  createdBy: string | null
  actionCount: number
  contentBytes: number
  noteBytes: number
}

/** Times are Unix milliseconds. */
export interface PlanRow {
  id: string
  title: string
  description: string
  visibility: Visibility
  createdBy: string | null
  contentBytes: number
  createdAt: number
  externalId: string
}

export interface NoteRow {
  id: string
  authorId: string
  text: string
  createdAt: number
}

/** An action whose assignees have one state, which is its own. */
export interface ActionRow {
  id: string
  planId: string
  title: string
  description: string
  actionType: ActionType
  origin: Origin
  visibility: Visibility | null
  dueDate: number | null
  status: Status
  startedAt: number | null
  finishedAt: number | null
  assigneeIds: readonly string[]
  focusItems: readonly { focusType: FocusType; focusId: string | null }[]
  hierarchyIds: readonly string[]
  notes: readonly NoteRow[]
  contentBytes: number
  createdBy: string | null
  createdAt: number
  externalId: string
}

/** A plan that exists and gets new actions: what must still hold when they are stored. */
export interface GrownPlan {
  id: string
  visibility: Visibility
  createdBy: string | null
  actions: number
  bytes: number
  noteBytes: number
}

/** What an import stores. */
export interface ImportedRows {
  plans: readonly PlanRow[]
  actions: readonly ActionRow[]
  grown: readonly GrownPlan[]
  history: readonly Entry[]
}
