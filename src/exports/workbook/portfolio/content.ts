/**
 * The data that the workbook of the portfolio is made from, as read from its frozen copy. Times are Unix milliseconds,
 * percentages integers 0-100.
 */
import type { ActionType, FocusType, Locale, Origin, Status, Visibility } from '../../../db/enums.ts'

/** A row of Actions. */
export interface PortfolioAction {
  planId: string
  /** null if the requester may read the action and not its plan. */
  planTitle: string | null
  planVisibility: Visibility | null
  /** In the first row of each plan. */
  planDescription: string | null
  actionId: string
  title: string
  description: string
  actionType: ActionType
  origin: Origin
  visibility: Visibility
  status: Status
  completionPercent: number
  overdue: boolean
  assignees: readonly { userId: string; name: string; email: string; active: boolean }[]
  /** The targeted areas, by their places in `PortfolioContent.areas`; none means the whole company. */
  areas: readonly number[]
  focusItems: readonly { focusType: FocusType; focusId: string | null }[]
  dueDate: number | null
  startedAt: number | null
  finishedAt: number | null
  noteCount: number
  creatorName: string | null
  creatorEmail: string | null
  createdAt: number
  updatedAt: number
}

/** A row of Plans; its numbers are of the actions in this export. */
export interface PortfolioPlan {
  planId: string
  title: string
  visibility: Visibility
  /** null for a legacy plan. */
  creatorName: string | null
  createdAt: number
  notStarted: number
  inProgress: number
  completed: number
  cancelled: number
  expired: number
  overdue: number
  /** The next due date of an open action. */
  nextDue: number | null
}

/** An area with everything above it: `Operations / Warehouse`. */
export interface PortfolioArea {
  id: string
  name: string
  path: string
  /** 0 at the top. */
  level: number
}

/** What the portfolio is filtered by, with names in place of ids. */
export interface PortfolioFilter {
  status?: Status | undefined
  focusType?: FocusType | undefined
  actionType?: ActionType | undefined
  area?: string | undefined
  assignee?: string | undefined
  q?: string | undefined
  overdue?: boolean | undefined
  dueFrom?: number | undefined
  dueTo?: number | undefined
}

export interface PortfolioContent {
  locale: Locale
  /** IANA name of the time zone in which all dates are shown. */
  timeZone: string
  companyName: string
  /** The company's own colour, `#rrggbb`. */
  accentColor: string
  exportedAt: number
  exportedBy: string
  filter: PortfolioFilter
  planCount: number
  /** All plans, read again by each call. */
  plans(): AsyncIterable<PortfolioPlan>
  /** All areas of the company in the order of the tree. */
  areas: readonly PortfolioArea[]
  /** All actions in order, read again by each call, so that they are never in memory together. */
  actions: {
    readonly length: number
    slice(start: number, end: number): AsyncIterable<PortfolioAction>
  }
  /** This file has the rows of `actions.slice(first, first + count)`. */
  volume: { number: number; of: number; first: number; count: number }
}
