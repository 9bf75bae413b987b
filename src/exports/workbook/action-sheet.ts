import type { WorkbookAction, WorkbookActionDetail, WorkbookContent } from './content.ts'
import type { TemplateSheet } from './sheet-template.ts'
import type { RowValues, SheetWriter } from './sheet-writer.ts'
import { commonValues, planLine, type Wording } from './wording.ts'

// Stands where a field has no value; the Summary's table leaves such cells empty, so that they sort and filter well.
const NOTHING = '–'

/** One action as its sheet needs it. */
export interface ActionPage {
  /** 1-based, in the whole plan. */
  position: number
  action: WorkbookAction
  detail: WorkbookActionDetail
}

/** Writes an action's sheet: the template's rows in order, those of assignees and notes as often as there are any. */
export function writeActionSheet(
  sheet: TemplateSheet,
  writer: SheetWriter,
  content: WorkbookContent,
  page: ActionPage,
  wording: Wording,
): string {
  const fields = fieldsOf(content, page, wording)
  let xml = writer.head()
  for (const row of sheet.rows) {
    const written = row.group === '' ? [fields] : rowsOf(row.group, page, wording)
    for (const values of written) xml += writer.row(row, values)
    writer.skip(row)
  }
  return xml + writer.tail()
}

function fieldsOf(
  content: WorkbookContent,
  { position, action, detail }: ActionPage,
  wording: Wording,
): RowValues {
  const { labels, toExcelDate, count } = wording
  const common = commonValues(action, wording)
  return {
    ...common,
    due: common.due ?? NOTHING,
    overdue: common.overdue ?? labels.notOverdue,
    started: common.started ?? NOTHING,
    finished: common.finished ?? NOTHING,
    focus: action.focusItems.length > 0 ? common.focus : NOTHING,
    kicker: `${planLine(content, labels)} · ${labels.position(count(position), count(content.actions.length))}`,
    planTitle: content.plan.title,
    origin: labels.origins[detail.origin],
    visibility: labels.visibilities[detail.visibility],
    creator: detail.creatorName ?? labels.noRecordedCreator,
    created: toExcelDate(detail.createdAt),
    updated: toExcelDate(detail.updatedAt),
    description: detail.description || labels.noDescription,
  }
}

function rowsOf(
  group: string,
  { action, detail }: ActionPage,
  { labels, toExcelDate }: Wording,
): RowValues[] {
  if (group === 'assignee')
    return action.assignees.map(({ name, active, status, startedAt, finishedAt }) => ({
      name,
      status: labels.statuses[status],
      started: toExcelDate(startedAt),
      finished: toExcelDate(finishedAt),
      account: active ? labels.active : labels.inactive,
    }))
  if (group === 'note')
    return detail.notes.map(({ authorName, createdAt, text }) => ({
      when: toExcelDate(createdAt),
      author: authorName,
      text,
    }))
  if (group === 'noteHeading')
    return detail.notes.length > 0 ? [{ when: labels.when, author: labels.author, text: labels.note }] : []
  if (group === 'noNotes') return detail.notes.length > 0 ? [] : [{ text: labels.noNotes }]
  throw new Error(`template.xlsx has rows of an unknown group: ${group}`)
}
