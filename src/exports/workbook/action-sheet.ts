/** The sheet of one action, pure. */
import type { WorkbookAction, WorkbookActionDetail, WorkbookContent, WorkbookNote } from './content.ts'
import type { TemplateSheet } from './sheet-template.ts'
import type { RowValues, SheetWriter } from './sheet-writer.ts'
import { commonValues, planLine, type Wording } from './wording.ts'

// Stands for a missing value on an action's sheet. The Summary's table leaves such cells empty, for sorting and
// filtering.
const NOTHING = '–'

/** What the sheet of one action needs. */
export interface ActionPage {
  /** Number of the action in the whole plan, from 1. */
  position: number
  action: WorkbookAction
  detail: WorkbookActionDetail
}

/** XML is yielded once it is longer than this, so that a sheet with many notes is never in memory as a whole. */
const PIECE_CHARACTERS = 32_768

/**
 * Writes the sheet of an action, piece by piece: the template's rows in order, with one row per assignee and per note.
 */
export async function* writeActionSheet(
  sheet: TemplateSheet,
  writer: SheetWriter,
  content: WorkbookContent,
  page: ActionPage,
  wording: Wording,
): AsyncGenerator<string> {
  const fields = fieldsOf(content, page, wording)
  const notes = oneByOne(page.detail.notes)
  const first = await notes.next()
  let xml = writer.head()
  for (const row of sheet.rows) {
    if (row.group === 'note') {
      for (let note = first; !note.done; note = await notes.next()) {
        xml += writer.row(row, noteValues(note.value, wording))
        if (xml.length > PIECE_CHARACTERS) {
          yield xml
          xml = ''
        }
      }
    } else {
      const written = row.group === '' ? [fields] : rowsOf(row.group, page, first.done !== true, wording)
      for (const values of written) xml += writer.row(row, values)
    }
    writer.skip(row)
  }
  yield xml + writer.tail()
}

async function* oneByOne<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, undefined> {
  yield* items
}

function noteValues({ authorName, createdAt, text }: WorkbookNote, { toExcelDate }: Wording): RowValues {
  return { when: toExcelDate(createdAt), author: authorName, text }
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
  { action }: ActionPage,
  hasNotes: boolean,
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
  if (group === 'noteHeading')
    return hasNotes ? [{ when: labels.when, author: labels.author, text: labels.note }] : []
  if (group === 'noNotes') return hasNotes ? [] : [{ text: labels.noNotes }]
  throw new Error(`template.xlsx has rows of an unknown group: ${group}`)
}
