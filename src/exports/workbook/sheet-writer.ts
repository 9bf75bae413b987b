/** Writes a sheet row by row from the rows of the template, with its merged cells, links and filter. Pure. */
import { columnsBetween, countLines, MAX_ROW_HEIGHT } from './layout.ts'
import type { SharedStrings } from './shared-strings.ts'
import { TAIL_LINKS, TAIL_MERGES, type TemplateRow, type TemplateSheet } from './sheet-template.ts'
import { escapeXml } from './text.ts'

/**
 * The value of a cell: text, a number (dates are Excel serial numbers, percentages 0 to 1), or null for an empty cell.
 */
export type CellValue = string | number | null
/** Values by token (without its group). */
export type RowValues = Readonly<Record<string, CellValue>>

export interface RowOptions {
  /** Target of the row's link, such as `'1. Title'!A1`; by default the template's target. */
  link?: string
  /** The most lines that the row grows to. Without a limit, a tall text continues over several merged rows. */
  maxLines?: number
}

/** The rows that were written for a row of the template: first and last, or the place where they would have been. */
interface Span {
  first: number
  last: number
  written: boolean
}

/** Writes one sheet from the rows of a template, top to bottom. Its functions return XML. */
export interface SheetWriter {
  head(): string
  /** A new row with `row` as its pattern. */
  row(row: TemplateRow, values: RowValues, options?: RowOptions): string
  /** Records that no (further) row follows the pattern `row`, so that formats that refer to it have a place. */
  skip(row: TemplateRow): void
  tail(): string
  /** The range of the sheet's filter, such as `$B$14:$O$57`; null if the template's sheet has none. */
  filterRange(): string | null
}

/**
 * Begins a sheet. `relocate` maps a location in the template to one in the workbook, where the Summary may have another
 * name.
 */
export function createSheetWriter(
  sheet: TemplateSheet,
  strings: SharedStrings,
  relocate: (location: string) => string,
): SheetWriter {
  let next = 1
  const spans: Span[] = []
  const merges: string[] = []
  const links: string[] = []

  const place = (row: TemplateRow, first: number, last: number): void => {
    const span = spans[row.number]
    if (span?.written) span.last = last
    else spans[row.number] = { first, last, written: true }
    if (last > first) {
      const merged = new Map(row.merges)
      const covered = new Set(row.merges.flatMap(([from, to]) => columnsBetween(from, to)))
      for (const { column } of row.cells) {
        const to = merged.get(column) ?? (covered.has(column) ? null : column)
        if (to !== null) merges.push(`${column}${first}:${to}${last}`)
      }
    } else {
      for (const [from, to] of row.merges) merges.push(`${from}${first}:${to}${first}`)
    }
  }

  return {
    head: () => sheet.head,
    row(row, values, options = {}) {
      const first = next
      let lines = 1
      let growth = 0
      let cells = ''
      for (const { column, style, token, constant, box } of row.cells) {
        const start = `<c r="${column}${first}"${style}`
        if (token !== null) {
          const value = values[token] ?? null
          if (typeof value === 'string' && value !== '') {
            cells += `${start} t="s"><v>${strings.index(value)}</v></c>`
            if (box !== null) {
              lines = Math.min(countLines(value, box.charactersPerLine), options.maxLines ?? Infinity)
              growth = Math.max(growth, (lines - 1) * box.lineHeight)
            }
          } else if (typeof value === 'number' && Number.isFinite(value))
            cells += `${start}><v>${value}</v></c>`
          else cells += `${start}/>`
        } else if (constant === null) cells += `${start}/>`
        else if ('string' in constant)
          cells += `${start} t="s"><v>${strings.indexOfXml(constant.string)}</v></c>`
        else cells += `${start}><v>${constant.number}</v></c>`
      }
      for (const { column, location } of row.links)
        links.push(
          `<hyperlink ref="${column}${first}" location="${escapeXml(options.link ?? relocate(location))}"/>`,
        )

      const height = row.height === null ? null : row.height + growth
      const pieces = height === null ? 1 : Math.ceil(height / MAX_ROW_HEIGHT)
      next = first + pieces
      place(row, first, next - 1)
      const attributes = `${height === null ? '' : ` ht="${Math.round((height / pieces) * 100) / 100}"`} ${row.attributes}`
      let xml = `<row r="${first}"${attributes}>${cells}</row>`
      for (let extra = first + 1; extra < next; extra++) {
        const blank = row.cells.map(({ column, style }) => `<c r="${column}${extra}"${style}/>`)
        xml += `<row r="${extra}"${attributes}>${blank.join('')}</row>`
      }
      return xml
    },
    filterRange() {
      const range = /<autoFilter ref="([^"]*)"/.exec(sheet.tail)?.[1]
      return range === undefined ? null : moveRange(range, spans).replace(/([A-Z]+)(\d+)/g, '$$$1$$$2')
    },
    skip(row) {
      spans[row.number] ??= { first: next, last: next, written: false }
    },
    tail() {
      for (const merge of sheet.merges) merges.push(moveRange(merge, spans))
      const moved = sheet.tail.replace(
        /(<autoFilter ref="| sqref="|<xm:sqref>)([^"<]*)/g,
        (_, before: string, ranges: string) =>
          before +
          ranges
            .split(' ')
            .map((range) => moveRange(range, spans))
            .join(' '),
      )
      const mergeCells = merges.map((ref) => `<mergeCell ref="${ref}"/>`).join('')
      return moved
        .replace(TAIL_MERGES, () =>
          merges.length > 0 ? `<mergeCells count="${merges.length}">${mergeCells}</mergeCells>` : '',
        )
        .replace(TAIL_LINKS, () => (links.length > 0 ? `<hyperlinks>${links.join('')}</hyperlinks>` : ''))
    },
  }
}

/** Maps a range of the template to the sheet: a row of the template becomes all rows that were written for it. */
function moveRange(range: string, spans: readonly (Span | undefined)[]): string {
  const [, from, top, to, bottom] = /^(\$?[A-Z]+\$?)(\d+)(?::(\$?[A-Z]+\$?)(\d+))?$/.exec(range) ?? []
  if (from === undefined || top === undefined) return range
  const within = spans.slice(Number(top), Number(bottom ?? top) + 1).filter((span) => span !== undefined)
  const written = within.filter((span) => span.written)
  const used = written.length > 0 ? written : within
  const first = Math.min(...used.map((span) => span.first))
  const last = Math.max(...used.map((span) => span.last))
  if (to === undefined && first === last) return `${from}${first}`
  return `${from}${first}:${to ?? from}${last}`
}
