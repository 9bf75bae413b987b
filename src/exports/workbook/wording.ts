/** The words and formats that all sheets of a workbook share. Pure. */
import type { WorkbookAction, WorkbookContent } from './content.ts'
import type { ToExcelDate } from './dates.ts'
import type { Labels } from './labels.ts'
import type { RowValues } from './sheet-writer.ts'

/** The language of one workbook: its words, dates and numbers. */
export interface Wording {
  labels: Labels
  toExcelDate: ToExcelDate
  /** Formats whole numbers for the reader, `1,234` or `1.234`. */
  count: (value: number) => string
}

/** A percentage (0 to 100) as the number (0 to 1) that a percent format shows. */
export function percentage(percent: number): number | null {
  return Number.isFinite(percent) ? percent / 100 : null
}

/** The values of an action that the Summary and its own sheet both show. */
export function commonValues(action: WorkbookAction, { labels, toExcelDate }: Wording) {
  return {
    title: action.title,
    type: labels.actionTypes[action.actionType],
    status: labels.statuses[action.status],
    completion: percentage(action.completionPercent),
    areas: action.hierarchies.length === 0 ? labels.companyWide : action.hierarchies.join(', '),
    focus: action.focusItems
      .map(({ focusType, focusId }) =>
        focusId === null ? labels.focusTypes[focusType] : `${labels.focusTypes[focusType]}: ${focusId}`,
      )
      .join(', '),
    due: toExcelDate(action.dueDate),
    overdue: action.overdue ? labels.overdue : null,
    started: toExcelDate(action.startedAt),
    finished: toExcelDate(action.finishedAt),
  } satisfies RowValues
}

/** The line above a sheet's title: the word for an action plan, and the company's name. */
export function planLine(content: WorkbookContent, labels: Labels): string {
  return `${labels.actionPlan} · ${content.companyName}`
}
