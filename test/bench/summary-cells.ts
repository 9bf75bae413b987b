import type { WorkbookAction } from '../../src/exports/workbook/content.ts'
import type { Labels } from '../../src/exports/workbook/labels.ts'

/** What both rival builders put after an action's title in the Summary; dates as each of them writes dates. */
export function summaryCells<DateValue>(
  action: WorkbookAction,
  labels: Labels,
  date: (instant: number | null) => DateValue,
) {
  return [
    labels.actionTypes[action.actionType],
    labels.statuses[action.status],
    action.completionPercent / 100,
    action.assignees.map(({ name }) => name).join(', '),
    action.hierarchies.map(({ name }) => name).join(', ') || labels.companyWide,
    action.focusItems.map(({ focusType }) => labels.focusTypes[focusType]).join(', '),
    date(action.dueDate),
    action.overdue ? labels.overdue : null,
    date(action.startedAt),
    date(action.finishedAt),
    action.noteCount,
  ]
}
