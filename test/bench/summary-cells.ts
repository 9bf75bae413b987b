import type { WorkbookAction, WorkbookActionDetail } from '../../src/exports/workbook/content.ts'
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

/** What both rival builders write into the Data sheet: a row for each assignee. */
export function dataRows<DateValue>(
  action: WorkbookAction,
  detail: WorkbookActionDetail,
  number: number,
  labels: Labels,
  date: (instant: number | null) => DateValue,
) {
  const cells = [
    ...['d'.repeat(24), labels.plan, action.id, number, action.title],
    ...[labels.origins[detail.origin], labels.visibilities[detail.visibility]],
    ...summaryCells(action, labels, date),
    ...[detail.creatorName, date(detail.createdAt), date(detail.updatedAt)],
  ]
  return action.assignees.map(({ userId, name, active, status, startedAt, finishedAt }) => [
    ...[...cells, userId, name, active ? labels.active : labels.inactive, labels.statuses[status]],
    ...[date(startedAt), date(finishedAt)],
  ])
}

/** The columns of a bar that rival builders draw in the Timeline, from 0; as long as the real bars are on average. */
export const barColumns = (number: number): number[] =>
  Array.from({ length: 10 }, (_, column) => (number % 20) + column)
