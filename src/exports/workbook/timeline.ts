/** The Timeline: a row with a bar for each action of the file that has a date. Pure. */
import type { Status } from '../../db/enums.ts'
import type { WorkbookAction, WorkbookContent } from './content.ts'
import { columnName, columnNumber } from './ranges.ts'
import { rowsOfGroup, styleOf, type TemplateRow, type TemplateSheet } from './sheet-template.ts'
import type { RowOptions } from './sheet-writer.ts'
import type { Survey } from './survey.ts'
import { sheetReference } from './names.ts'
import { barOf } from './timeline-bar.ts'
import { timeScale } from './time-scale.ts'
import { planLine, type Wording } from './wording.ts'
import type { OpenSheet } from './workbook-writer.ts'

/** The most lines of a title; the longest fits. */
const TITLE_LINES = 8
/** The most columns of the scale; the template has as many narrow ones. */
const COLUMNS = 60

export interface Timeline {
  /** Adds the row of an action, which has this number in the plan and a sheet of this name. */
  add(action: WorkbookAction, number: number, sheetName: string): Promise<void>
  close(): Promise<void>
}

/**
 * Begins the sheet. The template's rows of `fill` and `today` give the styles of the bars, of them on the column of
 * today, and of that column beside the bars; its row of `scale` begins where the scale does.
 */
export async function beginTimeline(
  sheet: OpenSheet,
  content: WorkbookContent,
  { days }: Survey,
  wording: Wording,
): Promise<Timeline> {
  const { labels, toExcelDate, today, locale } = wording
  const { template } = sheet
  const scale = timeScale(
    Math.min(days?.first ?? today, today),
    Math.max(days?.last ?? today, today),
    today,
    COLUMNS,
    locale,
  )
  const [captions] = rowsOfGroup(template, 'scale')
  const firstColumn = columnNumber(captions?.cells.find(({ token }) => token === 'label')?.column ?? 'G')
  const onToday = scale.columnOf(today)
  const columnAt = (column: number): string => columnName(firstColumn + column)
  const styles = {
    bar: stylesOf(template, 'fill'),
    barToday: stylesOf(template, 'today'),
    today: styleOf(template, 'today', 'none'),
    head: styleOf(template, 'today', 'head'),
    caption: styleOf(template, 'scale', 'label'),
  }
  const cell = (column: number, style: string, value: string | null = null) => ({
    column: columnAt(column),
    style,
    value,
  })
  const barCells = (action: WorkbookAction): RowOptions => {
    const bar = barOf(action, wording)
    if (bar === null) return {}
    const [from, to] = [scale.columnOf(bar.from), scale.columnOf(bar.to)]
    const more = []
    for (let column = Math.min(from, onToday); column <= Math.max(to, onToday); column++) {
      const isBar = column >= from && column <= to
      if (column === onToday) more.push(cell(column, isBar ? styles.barToday[action.status] : styles.today))
      else if (isBar) more.push(cell(column, styles.bar[action.status]))
    }
    return { more }
  }

  const shortDate = new Intl.DateTimeFormat(labels.dateTag, {
    dateStyle: 'medium',
    timeZone: content.timeZone,
  })
  const unit = labels.scaleUnits[scale.unit]
  const values = {
    kicker: planLine(content, labels),
    scaleLine: labels.scaleLine(unit, shortDate.format(content.exportedAt)),
  }
  const pattern = template.rows.findIndex(({ group }) => group === 'bar')
  const write = async (row: TemplateRow): Promise<void> => {
    if (row.group === 'scale')
      await sheet.row(
        { ...row, cells: [] },
        {},
        { more: scale.captions.map(({ column, text }) => cell(column, styles.caption, text)) },
      )
    else if (row.group === 'timelineHead')
      await sheet.row(row, { number: labels.number }, { more: [cell(onToday, styles.head, labels.today)] })
    else if (row.group === '') await sheet.row(row, values)
    else if (row.group === 'noDates' && days === null) await sheet.row(row, { text: labels.noDates })
    sheet.skip(row)
  }
  for (const row of template.rows.slice(0, pattern)) await write(row)
  return {
    async add(action, number, sheetName) {
      const [row] = template.rows.slice(pattern)
      if (row === undefined || barOf(action, wording) === null) return
      const { title, status, startedAt, dueDate } = action
      await sheet.row(
        row,
        {
          number,
          title,
          status: labels.statuses[status],
          started: toExcelDate(startedAt),
          due: toExcelDate(dueDate),
        },
        { ...barCells(action), link: `${sheetReference(sheetName)}!A1`, maxLines: TITLE_LINES },
      )
    },
    async close() {
      for (const row of template.rows.slice(pattern)) await write(row)
      await sheet.close()
    },
  }
}

/** The styles of a bar by status, from the cells of a group. */
function stylesOf(template: TemplateSheet, group: string): Record<Status, string> {
  const style = (status: Status): string => styleOf(template, group, status)
  return {
    NOT_STARTED: style('NOT_STARTED'),
    IN_PROGRESS: style('IN_PROGRESS'),
    COMPLETED: style('COMPLETED'),
    CANCELLED: style('CANCELLED'),
    EXPIRED: style('EXPIRED'),
  }
}
