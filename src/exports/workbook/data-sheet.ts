/** The Data sheet: a flat Excel table, one row for each action and assignee, for pivots and Power BI. Pure. */
import type { WorkbookContent } from './content.ts'
import type { ActionPage } from './action-sheet.ts'
import { rowsOfGroup } from './sheet-template.ts'
import { commonValues, daysLate, focusOf, visibilityIn, type Wording } from './wording.ts'
import type { OpenSheet } from './workbook-writer.ts'

/** Writes the rows of one action. An action without assignees has one row, without these. */
export async function writeData(
  sheet: OpenSheet,
  { plan }: WorkbookContent,
  { position, action, detail }: ActionPage,
  wording: Wording,
): Promise<void> {
  const { labels, toExcelDate } = wording
  const [row] = rowsOfGroup(sheet.template, 'data')
  if (row === undefined) throw new Error('the template lacks the row of the Data sheet')
  const values = {
    ...commonValues(action, wording),
    planId: plan.id,
    plan: plan.title,
    actionId: action.id,
    number: position,
    origin: labels.origins[detail.origin],
    visibility: visibilityIn(labels, detail.visibility),
    overdue: action.overdue ? labels.yes : labels.notOverdue,
    days: daysLate(action, wording),
    focus: focusOf(action, labels),
    notes: action.noteCount,
    creator: detail.creatorName,
    created: toExcelDate(detail.createdAt),
    updated: toExcelDate(detail.updatedAt),
  }
  if (action.assignees.length === 0) await sheet.row(row, { ...values, actionCount: 1 })
  for (const [index, { userId, name, active, status, startedAt, finishedAt }] of action.assignees.entries())
    await sheet.row(row, {
      ...values,
      // The sum of this column counts each action once, however many assignees it has.
      actionCount: index === 0 ? 1 : 0,
      assigneeId: userId,
      assignee: name,
      account: active ? labels.active : labels.inactive,
      assigneeStatus: labels.statuses[status],
      assigneeStarted: toExcelDate(startedAt),
      assigneeFinished: toExcelDate(finishedAt),
    })
}

/** Ends the sheet: every row of the template that was not written is skipped. */
export async function closeData(sheet: OpenSheet): Promise<void> {
  for (const row of sheet.template.rows) sheet.skip(row)
  await sheet.close()
}
