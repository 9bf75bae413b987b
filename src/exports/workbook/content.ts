/**
 * What a workbook is made of: plain data, read once from a frozen state of the plan.
 * Times are Unix milliseconds, percentages integers 0-100.
 */

import type { ActionType, FocusType, Locale, Origin, Status, Visibility } from '../../db/enums.ts'

export interface WorkbookAssignee {
  name: string
  active: boolean
  status: Status
  startedAt: number | null
  finishedAt: number | null
}

/** One row of the Summary table. */
export interface WorkbookAction {
  title: string
  actionType: ActionType
  status: Status
  completionPercent: number
  overdue: boolean
  assignees: readonly WorkbookAssignee[]
  /** Names of the targeted areas; none means the whole company. */
  hierarchies: readonly string[]
  focusItems: readonly { focusType: FocusType; focusId: string | null }[]
  dueDate: number | null
  startedAt: number | null
  finishedAt: number | null
  noteCount: number
}

/** What only the action's own sheet shows. */
export interface WorkbookActionDetail {
  description: string
  origin: Origin
  visibility: Visibility
  creatorName: string | null
  createdAt: number
  updatedAt: number
  /** Oldest first; they may be many, and are read as they are written. */
  notes: Iterable<WorkbookNote> | AsyncIterable<WorkbookNote>
}

export interface WorkbookNote {
  authorName: string
  createdAt: number
  text: string
}

/**
 * Actions in order, read anew each time, so that they never lie in memory together; an array is one too.
 * `slice` gives those from `start` to `end`, exclusive.
 */
export interface WorkbookActions {
  readonly length: number
  slice(start: number, end: number): Iterable<WorkbookAction> | AsyncIterable<WorkbookAction>
}

export interface WorkbookContent {
  locale: Locale
  /** IANA name; every date is shown in it. */
  timeZone: string
  plan: {
    title: string
    description: string
    visibility: Visibility
    /** null for a legacy plan. */
    creatorName: string | null
    createdAt: number
    /** Over all actions of the plan, hidden ones too. */
    completionPercent: number
  }
  companyName: string
  exportedAt: number
  exportedBy: string
  /** Whether completionPercent counts actions that the requester may not read. How many is not for him or her to know. */
  hasHiddenActions: boolean
  /** All actions the requester may read, oldest first: the whole Summary, whatever the volume. */
  actions: WorkbookActions
  /** This file's share of the action sheets: `actions.slice(first, first + count)`; `starts` has each file's first. */
  volume: { number: number; of: number; first: number; count: number; starts: readonly number[] }
  /** Details of the actions of this volume, in order, read in portions so that they never lie in memory together. */
  details: AsyncIterable<WorkbookActionDetail>
}
