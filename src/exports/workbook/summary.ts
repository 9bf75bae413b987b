/** The Summary: the block of figures and the table of all actions. Pure. */
import { type Status, STATUSES } from '../../db/enums.ts'
import type { WorkbookContent } from './content.ts'
import { countLines } from './layout.ts'
import { sheetReference } from './names.ts'
import { entryOf } from './shared-strings.ts'
import type { TemplateCell, TemplateSheet } from './sheet-template.ts'
import type { CellValue, RowValues, SheetWriter } from './sheet-writer.ts'
import { commonValues, percentage, planLine, type Wording } from './wording.ts'

// Limits of lines. The block above the table is frozen with the table's header, so it must leave room for the table.
const BLOCK_LINES = 3
const TABLE_LINES = 30

/**
 * The Summary's sheet with the block above its table filled in. The filled cells become constants, so rows keep their
 * heights.
 */
export function fillBlock(sheet: TemplateSheet, values: RowValues): TemplateSheet {
  const rows = sheet.rows.map((row) => ({
    ...row,
    cells: row.cells.map((cell) =>
      cell.fullToken !== null && cell.fullToken in values
        ? { ...cell, fullToken: null, token: null, box: null, constant: constantOf(values[cell.fullToken]) }
        : cell,
    ),
  }))
  return { ...sheet, rows }
}

function constantOf(value: CellValue | undefined): TemplateCell['constant'] {
  if (typeof value === 'number') return { number: String(value) }
  return value ? { string: entryOf(value) } : null
}

/** Facts about all actions that are needed before the first row is written. */
export interface Survey {
  byStatus: Readonly<Record<Status, number>>
  overdue: number
  /** Titles of this file's actions, in order. */
  titles: readonly string[]
}

export async function surveyOf({ actions, volume }: WorkbookContent): Promise<Survey> {
  const byStatus = { NOT_STARTED: 0, IN_PROGRESS: 0, COMPLETED: 0, CANCELLED: 0, EXPIRED: 0 }
  const titles: string[] = []
  let overdue = 0
  let index = 0
  for await (const action of actions.slice(0, actions.length)) {
    byStatus[action.status] += 1
    if (action.overdue) overdue += 1
    if (index >= volume.first && index < volume.first + volume.count) titles.push(action.title)
    index += 1
  }
  return { byStatus, overdue, titles }
}

/** The values of the block above the table, by token. */
export function blockValues(content: WorkbookContent, survey: Survey, wording: Wording): RowValues {
  const { plan, actions } = content
  const { labels, toExcelDate, count } = wording
  const completed = survey.byStatus.COMPLETED
  return {
    kicker: planLine(content, labels),
    completion: percentage(plan.completionPercent),
    completionBar: percentage(plan.completionPercent),
    completedLine: content.hasHiddenActions
      ? labels.completedOfVisible(count(completed), count(actions.length))
      : labels.completedOf(count(completed), count(actions.length)),
    overdueCount: survey.overdue,
    ...Object.fromEntries(STATUSES.map((status) => [`count.${status}`, survey.byStatus[status]])),
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
      : actions.length === 0
        ? hasHiddenActions
          ? labels.noVisibleActions
          : labels.noActions
        : labels.contains(count(actions.length), actions.length === 1)
  return hasHiddenActions ? `${contains} ${labels.hidden}` : contains
}

/**
 * Writes the Summary, piece by piece: the filled block, a row per action, and the whole description if the block cuts
 * it.
 */
export async function* writeSummary(
  sheet: TemplateSheet,
  writer: SheetWriter,
  content: WorkbookContent,
  sheetNames: readonly string[],
  wording: Wording,
): AsyncGenerator<string> {
  yield writer.head()
  const { title: planTitle, description: planDescription } = content.plan
  const texts = { planTitle, planDescription, contents: contentsLine(content, wording) }
  const named = (group: string) => sheet.rows.find((row) => row.group === group)
  // Patterns for a row of the table: `own` if this file has the action's sheet, `elsewhere` (without a link) if not.
  const own = named('action')
  const elsewhere = named('elsewhere')
  for (const row of sheet.rows) {
    if (row === elsewhere) continue
    if (row === own && elsewhere !== undefined) {
      let index = 0
      for await (const action of content.actions.slice(0, content.actions.length)) {
        const sheetName = sheetNames[index - content.volume.first]
        const values = {
          ...commonValues(action, wording),
          number: index + 1,
          assignees: action.assignees
            .map(({ name, active }) => (active ? name : `${name} (${wording.labels.inactive.toLowerCase()})`))
            .join(', '),
          notes: action.noteCount,
          volume: volumeOf(index, content),
        }
        yield sheetName === undefined
          ? writer.row(elsewhere, values, { maxLines: TABLE_LINES })
          : writer.row(own, values, { maxLines: TABLE_LINES, link: `${sheetReference(sheetName)}!A1` })
        index += 1
      }
      writer.skip(own)
      writer.skip(elsewhere)
    } else if (row.group === 'noActions') {
      const { noActions, noVisibleActions } = wording.labels
      if (content.actions.length > 0) writer.skip(row)
      else yield writer.row(row, { text: content.hasHiddenActions ? noVisibleActions : noActions })
    } else if (row.group === 'fullDescription') {
      const box = sheet.rows
        .flatMap((each) => each.cells)
        .find((cell) => cell.token === 'text' && cell.box)?.box
      const cut = box ? countLines(content.plan.description, box.charactersPerLine) > BLOCK_LINES : false
      if (cut)
        yield writer.row(row, {
          heading: wording.labels.planDescriptionInFull,
          text: content.plan.description,
        })
      else writer.skip(row)
    } else yield writer.row(row, texts, { maxLines: BLOCK_LINES })
  }
  yield writer.tail()
}

/** Number of the file that holds the sheet of an action. */
function volumeOf(index: number, { volume }: WorkbookContent): number {
  return volume.starts.findLastIndex((start) => start <= index) + 1
}
