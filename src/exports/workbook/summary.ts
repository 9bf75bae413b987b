import type { WorkbookContent } from './content.ts'
import { STATUSES } from './labels.ts'
import { countLines } from './layout.ts'
import { sheetReference } from './names.ts'
import { entryOf } from './shared-strings.ts'
import type { TemplateCell, TemplateSheet } from './sheet-template.ts'
import type { CellValue, RowValues, SheetWriter } from './sheet-writer.ts'
import { commonValues, percentage, planLine, type Wording } from './wording.ts'

// The block above the table is frozen with its header, so it must leave room for the table below.
const BLOCK_LINES = 3
const TABLE_LINES = 30

/** The Summary with what stands above its table filled in, for good: these cells keep their size. */
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

/** What stands above the table, by the template's tokens. */
export function blockValues(content: WorkbookContent, wording: Wording): RowValues {
  const { plan, actions } = content
  const { labels, toExcelDate, count } = wording
  const completed = actions.filter((action) => action.status === 'COMPLETED').length
  const all = actions.length + content.hiddenActions
  return {
    kicker: planLine(content, labels),
    completion: percentage(plan.completionPercent),
    completionBar: percentage(plan.completionPercent),
    completedLine:
      content.hiddenActions === 0
        ? labels.completedOf(count(completed), count(all))
        : labels.completedOfVisible(count(completed), count(actions.length), count(all)),
    overdueCount: actions.filter((action) => action.overdue).length,
    ...Object.fromEntries(
      STATUSES.map((status) => [
        `count.${status}`,
        actions.filter((action) => action.status === status).length,
      ]),
    ),
    countTotal: actions.length,
    visibility: labels.visibilities[plan.visibility],
    planCreator: plan.creatorName ?? labels.legacyPlan,
    planCreated: toExcelDate(plan.createdAt),
    exportedAt: toExcelDate(content.exportedAt),
    exportedBy: content.exportedBy,
    timeZone: content.timeZone,
  }
}

/** What this file holds, and what it leaves out. */
function contentsLine(
  { actions, hiddenActions, volume }: WorkbookContent,
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
        ? hiddenActions === 0
          ? labels.noActions
          : labels.noVisibleActions
        : labels.contains(count(actions.length), actions.length === 1)
  return hiddenActions === 0
    ? contains
    : `${contains} ${labels.hidden(count(hiddenActions), hiddenActions === 1)}`
}

/** Writes the Summary, piece by piece: the filled block, a row for every action, and the description if it was cut. */
export function* writeSummary(
  sheet: TemplateSheet,
  writer: SheetWriter,
  content: WorkbookContent,
  sheetNames: readonly string[],
  wording: Wording,
): Generator<string> {
  yield writer.head()
  const { title: planTitle, description: planDescription } = content.plan
  const texts = { planTitle, planDescription, contents: contentsLine(content, wording) }
  const named = (group: string) => sheet.rows.find((row) => row.group === group)
  const own = named('action')
  const elsewhere = named('elsewhere')
  for (const row of sheet.rows) {
    if (row === elsewhere) continue
    if (row === own && elsewhere !== undefined) {
      for (const [index, action] of content.actions.entries()) {
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
      }
      writer.skip(own)
      writer.skip(elsewhere)
    } else if (row.group === 'noActions') {
      const { noActions, noVisibleActions } = wording.labels
      if (content.actions.length > 0) writer.skip(row)
      else yield writer.row(row, { text: content.hiddenActions === 0 ? noActions : noVisibleActions })
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

/** The file that holds an action's sheet: all files but the last hold equally many. */
function volumeOf(index: number, { volume, actions }: WorkbookContent): number {
  if (volume.of === 1) return 1
  const size = volume.number < volume.of ? volume.count : Math.floor(volume.first / (volume.of - 1))
  return size > 0 ? Math.min(Math.floor(index / size) + 1, volume.of) : Math.min(volume.of, actions.length)
}
