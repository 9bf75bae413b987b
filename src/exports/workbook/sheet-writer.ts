/** Writes a sheet row by row from the rows of the template, with its merged cells, links and formats. Pure. */
import type { CellValue, RowValues } from './cell-value.ts'
import { chartText, type ChartText } from './chart.ts'
import { countLines, MAX_ROW_HEIGHT } from './layout.ts'
import { areaOf, columnNumber, columnsBetween, isWritten, moveRange, type Span } from './ranges.ts'
import type { SharedStrings } from './shared-strings.ts'
import {
  TAIL_LINKS,
  TAIL_MERGES,
  type TemplateCell,
  type TemplateRow,
  type TemplateSheet,
} from './sheet-template.ts'
import { escapeXstring } from './text.ts'

export interface RowOptions {
  /** Target of the row's links, such as `'1. Title'!A1`; by default the template's targets. */
  link?: string
  /** The most lines that the row grows to. Without a limit, a tall text continues over several merged rows. */
  maxLines?: number
  /** The tallest row, in points, before a text continues in further rows; by default Excel's limit. */
  tallest?: number
  /** Values of cells that each further row shows again, by token; all other cells are merged over the rows. */
  continued?: RowValues
  /** Further cells to the right of the template's, in the order of columns. */
  more?: readonly { column: string; style: string; value?: CellValue }[]
}

/** Writes one sheet from the rows of a template, top to bottom. Its functions return XML. */
export interface SheetWriter {
  head: () => string
  /** A new row with `row` as its pattern. */
  row: (row: TemplateRow, values: RowValues, options?: RowOptions) => string
  /** Records that no (further) row follows the pattern `row`, so that formats that refer to it have a place. */
  skip: (row: TemplateRow) => void
  /** The XML after the rows. `locate` gives the target of a link in this workbook; null drops the link. */
  tail: (locate: (location: string) => string | null) => string
  /** Where a range of the template came to lie. */
  moved: (range: string) => string
  /** Whether any row was written for the rows of a range. */
  isWritten: (range: string) => boolean
  /** The values that were written for a range that a chart shows, in order. */
  charted: (range: string) => readonly ChartText[]
}

/** Begins a sheet. */
export function createSheetWriter(sheet: TemplateSheet, strings: SharedStrings): SheetWriter {
  let next = 1
  const spans: Span[] = []
  const merges: string[] = []
  const links: { ref: string; location: string; fixed: boolean }[] = []
  const charted = sheet.charted.map((range) => ({ range, area: areaOf(range), values: [] as ChartText[] }))

  const place = (row: TemplateRow, first: number, last: number, continued: RowValues): void => {
    const span = spans[row.number]
    if (span?.written) span.last = last
    else spans[row.number] = { first, last, written: true }
    if (last === first) {
      for (const [from, to] of row.merges) merges.push(`${from}${first}:${to}${first}`)
      return
    }
    const merged = new Map(row.merges)
    const covered = new Set(row.merges.flatMap(([from, to]) => columnsBetween(from, to)))
    for (const { column, token } of row.cells) {
      const to = merged.get(column) ?? (covered.has(column) ? null : column)
      if (to === null) continue
      if (token === null || !(token in continued)) merges.push(`${column}${first}:${to}${last}`)
      else if (to !== column)
        for (let number = first; number <= last; number++) merges.push(`${column}${number}:${to}${number}`)
    }
  }

  const cellOf = (start: string, value: CellValue): string => {
    if (typeof value === 'string' && value !== '') return `${start} t="s"><v>${strings.index(value)}</v></c>`
    if (typeof value === 'number' && Number.isFinite(value)) return `${start}><v>${value}</v></c>`
    return `${start}/>`
  }

  const constantOf = (start: string, { constant }: TemplateCell): string => {
    if (constant === null) return `${start}/>`
    return 'string' in constant
      ? `${start} t="s"><v>${strings.indexOfXml(constant.string)}</v></c>`
      : `${start}><v>${constant.number}</v></c>`
  }

  const remember = (row: TemplateRow, cell: TemplateCell, value: CellValue): void => {
    for (const { area, values } of charted) {
      if (area === null || row.number < area.top || row.number > area.bottom) continue
      const column = columnNumber(cell.column)
      if (area.left <= column && column <= area.right) values.push(chartText(cell, value))
    }
  }

  return {
    head: () => sheet.head,
    row(row, values, options = {}) {
      const { link, maxLines = Infinity, tallest = MAX_ROW_HEIGHT, continued = {}, more = [] } = options
      const first = next
      let growth = 0
      let cells = ''
      for (const cell of row.cells) {
        const { column, style, token, box } = cell
        const start = `<c r="${column}${first}"${style}`
        const value = token === null ? null : (values[token] ?? null)
        cells += token === null ? constantOf(start, cell) : cellOf(start, value)
        if (typeof value === 'string' && box !== null) {
          const lines = Math.min(countLines(value, box.charactersPerLine), maxLines)
          growth = Math.max(growth, (lines - 1) * box.lineHeight)
        }
        if (charted.length > 0) remember(row, cell, value)
      }
      for (const { column, style, value = null } of more)
        cells += cellOf(`<c r="${column}${first}"${style}`, value)
      for (const { column, location } of row.links)
        links.push({ ref: `${column}${first}`, location: link ?? location, fixed: link !== undefined })

      const height = row.height === null ? null : row.height + growth
      const limit = Math.min(tallest, MAX_ROW_HEIGHT)
      const pieces = height === null ? 1 : Math.ceil(height / limit)
      next = first + pieces
      place(row, first, next - 1, continued)
      const attributes = `${height === null ? '' : ` ht="${Math.round((height / pieces) * 100) / 100}"`} ${row.attributes}`
      let xml = `<row r="${first}"${attributes}>${cells}</row>`
      for (let extra = first + 1; extra < next; extra++) {
        const further = row.cells.map(({ column, style, token }) =>
          cellOf(`<c r="${column}${extra}"${style}`, token === null ? null : (continued[token] ?? null)),
        )
        xml += `<row r="${extra}"${attributes}>${further.join('')}</row>`
      }
      return xml
    },
    skip(row) {
      spans[row.number] ??= { first: next, last: next, written: false }
    },
    tail(locate) {
      for (const merge of sheet.merges) merges.push(moveRange(merge, spans))
      const moved = sheet.tail.replace(
        /( sqref="|<xm:sqref>)([^"<]*)/g,
        (_, before: string, ranges: string) =>
          before +
          ranges
            .split(' ')
            .map((range) => moveRange(range, spans))
            .join(' '),
      )
      const mergeCells = merges.map((ref) => `<mergeCell ref="${ref}"/>`).join('')
      const hyperlinks = links.map(({ ref, location, fixed }) => {
        const target = fixed ? location : locate(location)
        return target === null ? '' : `<hyperlink ref="${ref}" location="${escapeXstring(target)}"/>`
      })
      const linked = hyperlinks.join('')
      return moved
        .replace(TAIL_MERGES, () =>
          merges.length > 0 ? `<mergeCells count="${merges.length}">${mergeCells}</mergeCells>` : '',
        )
        .replace(TAIL_LINKS, () => (linked === '' ? '' : `<hyperlinks>${linked}</hyperlinks>`))
    },
    moved: (range) => moveRange(range, spans),
    isWritten: (range) => isWritten(range, spans),
    charted: (range) => charted.find((each) => each.range === range)?.values ?? [],
  }
}
