import type { WorkbookAction, WorkbookContent } from './content.ts'
import type { ToExcelDate } from './dates.ts'
import type { Labels } from './labels.ts'
import type { RowValues } from './sheet-writer.ts'

/** What every sheet of one workbook is written with. */
export interface Wording {
  labels: Labels
  toExcelDate: ToExcelDate
  /** Writes whole numbers in the reader's way, `1,234` or `1.234`. */
  count: (value: number) => string
}

/** A percentage, 0 to 100, as the number that a percent format shows. */
export function percentage(percent: number): number | null {
  return Number.isFinite(percent) ? percent / 100 : null
}

/** The fields of an action that Summary and action sheet show alike. */
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

/** The name of the plan and where it comes from, as sheets put it above their title. */
export function planLine(content: WorkbookContent, labels: Labels): string {
  return `${labels.actionPlan} · ${content.companyName}`
}
