/** The Summary: the plan's figures, what needs attention, and the table of all actions. Pure. */
import type { WorkbookAction, WorkbookContent } from './content.ts'
import { countLines } from './layout.ts'
import { sheetReference } from './names.ts'
import { rowsOfGroup, tableHeaders, type TemplateRow } from './sheet-template.ts'
import type { RowValues } from './cell-value.ts'
import type { Survey } from './survey.ts'
import { shortText } from './text.ts'
import {
  areaNames,
  commonValues,
  daysLate,
  percentage,
  planLine,
  readableFocus,
  type Wording,
} from './wording.ts'
import type { OpenSheet } from './workbook-writer.ts'

// Limits of lines: what needs attention should be on the first screen, and Excel refuses rows that are too tall.
const BLOCK_LINES = 3
const TABLE_LINES = 30
const ATTENTION_LINES = 3
// As many as the longest title takes: unlike lists of names, titles are not shortened.
const TITLE_LINES = 8

/** What the rows of the Summary need. */
interface Rows {
  sheet: OpenSheet
  content: WorkbookContent
  survey: Survey
  /** Names of the sheets of this file's actions, in order. */
  sheetNames: readonly string[]
  wording: Wording
}

/** Writes the Summary: the rows of the template in order, each group as often as the plan needs it. */
export async function writeSummary(rows: Rows): Promise<void> {
  const { sheet, content } = rows
  const block = blockValues(rows)
  const isEmpty = content.actions.length === 0
  const headers = tableHeaders(sheet.template)
  for (const row of sheet.template.rows) {
    const write = GROUPS[row.group]
    if (isEmpty && headers.includes(row.number)) sheet.skip(row)
    else if (row.group === '') await sheet.row(row, block, { maxLines: BLOCK_LINES })
    else if (write !== undefined) await write(rows, row, isEmpty)
    sheet.skip(row)
  }
}

type WriteGroup = (rows: Rows, row: TemplateRow, isEmpty: boolean) => Promise<void>

/** How the rows of each group are written. The second pattern of an action is written together with the first. */
const GROUPS: Readonly<Record<string, WriteGroup>> = {
  contents: async ({ sheet, ...rows }, row, isEmpty) => {
    if (!isEmpty) await sheet.row(row, { text: contentsLine(rows.content, rows.wording) })
  },
  nav: async ({ sheet }, row, isEmpty) => {
    if (!isEmpty) await sheet.row(row, {})
  },
  attentionTitle: async ({ sheet, wording }, row, isEmpty) => {
    if (!isEmpty) await sheet.row(row, { text: wording.labels.needsAttention })
  },
  attentionGroup: (rows, _row, isEmpty) => (isEmpty ? Promise.resolve() : writeAttention(rows)),
  tableTitle: async ({ sheet, wording }, row, isEmpty) => {
    if (!isEmpty) await sheet.row(row, { text: wording.labels.allActions })
  },
  action: async (rows) => {
    const { actions } = rows.content
    let index = 0
    for await (const action of actions.slice(0, actions.length)) {
      await writeAction(rows, 'action', 'elsewhere', action, index)
      index += 1
    }
  },
  noActions: async ({ sheet, content, wording: { labels } }, row, isEmpty) => {
    const text = content.hasHiddenActions ? `${labels.noVisibleActions} ${labels.hidden}` : labels.noActions
    if (isEmpty) await sheet.row(row, { text })
  },
  fullDescription: async ({ sheet, content, wording }, row) => {
    const { description } = content.plan
    if (isCut(rowOf(sheet, 'planDescription'), description))
      await sheet.row(row, { heading: wording.labels.planDescriptionInFull, text: description })
  },
}

function rowOf(sheet: OpenSheet, token: string): TemplateRow | undefined {
  return sheet.template.rows.find((row) => row.cells.some((cell) => cell.token === token))
}

/** Whether the row of the block has too few lines for the description. */
function isCut(row: TemplateRow | undefined, description: string): boolean {
  const box = row?.cells.find((cell) => cell.box !== null)?.box
  return box ? countLines(description, box.charactersPerLine) > BLOCK_LINES : false
}

/** The description, or its beginning and where it goes on. */
function shortDescription({ sheet, content, wording }: Rows): string {
  const row = rowOf(sheet, 'planDescription')
  const { description } = content.plan
  if (!isCut(row, description)) return description
  const perLine = row?.cells.find((cell) => cell.box !== null)?.box?.charactersPerLine ?? 0
  const beginning = description
    .split('\n')
    .slice(0, BLOCK_LINES - 1)
    .join(' ')
  return `${shortText(`${beginning} …`, Math.floor(perLine * (BLOCK_LINES - 1))).replace(/ ?…$/, '…')}\n${wording.labels.continuesBelow}`
}

async function writeAttention(rows: Rows): Promise<void> {
  const { sheet, survey, wording } = rows
  const { labels, count } = wording
  const [heading] = rowsOfGroup(sheet.template, 'attentionGroup')
  const [more] = rowsOfGroup(sheet.template, 'attentionMore')
  const [none] = rowsOfGroup(sheet.template, 'attentionNone')
  if (!heading || !more || !none) throw new Error('the template lacks rows for what needs attention')
  const { overdue, dueSoon, notStarted } = survey.attention
  const groups = [
    { urgent: overdue, title: labels.overdueGroup },
    { urgent: dueSoon, title: labels.dueSoonGroup },
    { urgent: notStarted, title: labels.notStartedGroup },
  ].filter(({ urgent }) => urgent.count > 0)
  for (const { urgent, title } of groups) {
    await sheet.row(heading, { text: title(count(urgent.count)) })
    for (const { action, index } of urgent.first)
      await writeAction(rows, 'attention', 'attentionElsewhere', action, index)
    const left = urgent.count - urgent.first.length
    if (left > 0) await sheet.row(more, { text: labels.andMore(count(left)) })
  }
  if (groups.length === 0) await sheet.row(none, { text: labels.nothingUrgent })
}

// Word wrap leaves about so much of a line filled.
const FILLED = 0.85

/** The names in one text, or the first of them and how many more there are; at least one. */
function shortList(names: readonly string[], characters: number): string {
  let end = 1
  let length = names[0]?.length ?? 0
  for (; end < names.length; end++) {
    length += 2 + (names[end]?.length ?? 0)
    if (length > characters) break
  }
  const shown = names.slice(0, end).join(', ')
  return end < names.length ? `${shown} … +${names.length - end}` : shown
}

/** Writes the row of an action: linked if this file has its sheet (pattern `own`), else with the pattern `elsewhere`. */
async function writeAction(
  { sheet, content, sheetNames, wording }: Rows,
  own: string,
  elsewhere: string,
  action: WorkbookAction,
  index: number,
): Promise<void> {
  const sheetName = sheetNames[index - content.volume.first]
  const [pattern] = rowsOfGroup(sheet.template, sheetName === undefined ? elsewhere : own)
  if (pattern === undefined) throw new Error(`the template lacks rows of ${own} or ${elsewhere}`)
  const { labels } = wording
  const maxLines = own === 'action' ? TABLE_LINES : ATTENTION_LINES
  const listed = (token: string, names: readonly string[]): string => {
    const box = pattern.cells.find((cell) => cell.token === token)?.box
    return shortList(names, (box?.charactersPerLine ?? Infinity) * maxLines * FILLED)
  }
  const values = {
    ...commonValues(action, wording),
    areas: listed('areas', areaNames(action, labels)),
    number: index + 1,
    focus: readableFocus(action, labels),
    days: daysLate(action, wording),
    assignees: listed(
      'assignees',
      action.assignees.map(({ name, active }) =>
        active ? name : `${name} (${labels.inactive.toLowerCase()})`,
      ),
    ),
    notes: action.noteCount,
    volume: content.volume.starts.findLastIndex((start) => start <= index) + 1,
  }
  const link = sheetName === undefined ? {} : { link: `${sheetReference(sheetName)}!A1` }
  await sheet.row(pattern, values, { maxLines: Math.max(maxLines, TITLE_LINES), ...link })
}

/** The values of the rows that are written once. */
function blockValues(rows: Rows): RowValues {
  const { content, survey, wording } = rows
  const { plan, actions } = content
  const { labels, toExcelDate, count } = wording
  const { byStatus } = survey
  const completedOf = content.hasHiddenActions ? labels.completedOfVisible : labels.completedOf
  return {
    kicker: planLine(content, labels),
    planTitle: plan.title,
    planDescription: shortDescription(rows),
    completion: percentage(plan.completionPercent),
    completionBar: percentage(plan.completionPercent),
    completedLine:
      actions.length === 0
        ? null
        : completedOf(count(byStatus.COMPLETED), count(actions.length), actions.length === 1),
    overdueCount: survey.overdue,
    countNotStarted: byStatus.NOT_STARTED,
    countInProgress: byStatus.IN_PROGRESS,
    countCompleted: byStatus.COMPLETED,
    countCancelled: byStatus.CANCELLED,
    countExpired: byStatus.EXPIRED,
    countTotal: actions.length,
    visibility: labels.visibilities[plan.visibility],
    planCreator: plan.creatorName ?? labels.legacyPlan,
    planCreated: toExcelDate(plan.createdAt),
    exportedAt: toExcelDate(content.exportedAt),
    exportedBy: content.exportedBy,
    timeZone: content.timeZone,
  }
}

/** The sentence that says what this file contains and leaves out. */
function contentsLine(
  { actions, hasHiddenActions, volume }: WorkbookContent,
  { labels, count }: Wording,
): string {
  const contains =
    volume.of > 1
      ? labels.containsVolume(
          count(volume.number),
          count(volume.of),
          count(volume.first + 1),
          count(volume.first + volume.count),
          count(actions.length),
        )
      : labels.contains(count(actions.length), actions.length === 1)
  return hasHiddenActions ? `${contains} ${labels.hidden}` : contains
}
