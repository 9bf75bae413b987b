/**
 * The data that a workbook is made from, as read from the frozen copy of the plan. Times are Unix milliseconds,
 * percentages integers 0-100.
 */

import type { ActionType, FocusType, Locale, Origin, Status, Visibility } from '../../db/enums.ts'

export interface WorkbookAssignee {
  userId: string
  name: string
  active: boolean
  status: Status
  startedAt: number | null
  finishedAt: number | null
}

/** One row of the Summary table. */
export interface WorkbookAction {
  id: string
  title: string
  actionType: ActionType
  status: Status
  completionPercent: number
  overdue: boolean
  assignees: readonly WorkbookAssignee[]
  /** The targeted areas; none means the whole company. */
  hierarchies: readonly { id: string; name: string }[]
  focusItems: readonly { focusType: FocusType; focusId: string | null }[]
  dueDate: number | null
  startedAt: number | null
  finishedAt: number | null
  noteCount: number
}

/** The part of an action that only its own sheet shows. */
export interface WorkbookActionDetail {
  description: string
  origin: Origin
  visibility: Visibility
  creatorName: string | null
  createdAt: number
  updatedAt: number
  /** Oldest first. There may be many notes, so they are read while they are written to the sheet. */
  notes: Iterable<WorkbookNote> | AsyncIterable<WorkbookNote>
}

export interface WorkbookNote {
  authorName: string
  createdAt: number
  text: string
}

/**
 * The actions in order, read again by each call, so that they are never in memory together; an array fits too. `slice`
 * returns those from `start` to `end`, exclusive.
 */
export interface WorkbookActions {
  readonly length: number
  slice(start: number, end: number): Iterable<WorkbookAction> | AsyncIterable<WorkbookAction>
}

export interface WorkbookContent {
  locale: Locale
  /** IANA name of the time zone in which all dates are shown. */
  timeZone: string
  plan: {
    id: string
    title: string
    description: string
    visibility: Visibility
    /** null for a legacy plan. */
    creatorName: string | null
    createdAt: number
    /** Percentage over all actions of the plan, including those that the requester may not read. */
    completionPercent: number
  }
  companyName: string
  /** The company's own colour, `#rrggbb`; white text is readable on it. */
  accentColor: string
  exportedAt: number
  exportedBy: string
  /** Whether completionPercent counts actions that the requester may not read. Their number must not be revealed. */
  hasHiddenActions: boolean
  /** All actions that the requester may read, oldest first; the Summary of every volume lists them all. */
  actions: WorkbookActions
  /** This file has the sheets of `actions.slice(first, first + count)`; `starts` holds the `first` of each file. */
  volume: { number: number; of: number; first: number; count: number; starts: readonly number[] }
  /** Details of this volume's actions, in order, read in portions so that they are never in memory together. */
  details: AsyncIterable<WorkbookActionDetail>
}
