/** The sheet of one action, pure. */
import type { WorkbookAction, WorkbookActionDetail, WorkbookContent, WorkbookNote } from './content.ts'
import type { RowValues } from './cell-value.ts'
import { commonValues, daysLate, focusOf, planLine, type Wording } from './wording.ts'
import type { OpenSheet } from './workbook-writer.ts'

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

/**
 * The tallest row of a note, in points. A long note goes on over several rows, each with its date and author, and a page
 * breaks between rows only: so every printed page tells whose text it shows.
 */
const TALLEST_NOTE = 200

/** Writes the sheet of an action: the template's rows in order, with one row per assignee and per note. */
export async function writeActionSheet(
  sheet: OpenSheet,
  content: WorkbookContent,
  page: ActionPage,
  wording: Wording,
): Promise<void> {
  const fields = fieldsOf(content, page, wording)
  const notes = oneByOne(page.detail.notes)
  const first = await notes.next()
  for (const row of sheet.template.rows) {
    if (row.group === 'note') {
      for (let note = first; !note.done; note = await notes.next()) {
        const values = noteValues(note.value, wording)
        const continued = { when: values.when, author: wording.labels.continued(values.author) }
        await sheet.row(row, values, { tallest: TALLEST_NOTE, continued })
      }
    } else {
      const written = row.group === '' ? [fields] : rowsOf(row.group, page, first.done !== true, wording)
      for (const values of written) await sheet.row(row, values)
    }
    sheet.skip(row)
  }
}

async function* oneByOne<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, undefined> {
  yield* items
}

function noteValues({ authorName, createdAt, text }: WorkbookNote, { toExcelDate }: Wording) {
  return { when: toExcelDate(createdAt), author: authorName, text } satisfies RowValues
}

function fieldsOf(
  content: WorkbookContent,
  { position, action, detail }: ActionPage,
  wording: Wording,
): RowValues {
  const { labels, toExcelDate, count } = wording
  const common = commonValues(action, wording)
  const days = daysLate(action, wording)
  const late = days === null ? labels.overdue : labels.daysLate(count(days), days === 1)
  return {
    ...common,
    due: common.due ?? NOTHING,
    overdue: action.overdue ? late : labels.notOverdue,
    started: common.started ?? NOTHING,
    finished: common.finished ?? NOTHING,
    focus: focusOf(action, labels) || NOTHING,
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
