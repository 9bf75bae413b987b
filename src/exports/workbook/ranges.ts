/** Ranges of cells, and where those of a template come to lie on a written sheet. Pure. */

/** The names of the columns between two, inclusive: `B` to `G`. */
export function columnsBetween(from: string, to: string): string[] {
  const columns: string[] = []
  for (let number = columnNumber(from); number <= columnNumber(to); number++) columns.push(columnName(number))
  return columns
}

/** The number of a column, from 1: `AA` is 27. */
export function columnNumber(name: string): number {
  let number = 0
  for (let index = 0; index < name.length; index++) number = number * 26 + name.charCodeAt(index) - 64
  return number
}

/** The name of a column by its number, from 1. */
export function columnName(number: number): string {
  const rest = Math.floor((number - 1) / 26)
  return (rest > 0 ? columnName(rest) : '') + String.fromCharCode(65 + ((number - 1) % 26))
}

/** The columns (by number) and rows of a range such as `B14:O16` or `$D$6`; null for anything else. */
export interface Area {
  left: number
  right: number
  top: number
  bottom: number
}

export function areaOf(range: string): Area | null {
  const [, left, top, right, bottom] = /^\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?$/.exec(range) ?? []
  if (left === undefined || top === undefined) return null
  return {
    left: columnNumber(left),
    right: columnNumber(right ?? left),
    top: Number(top),
    bottom: Number(bottom ?? top),
  }
}

/** The rows that were written for a row of the template: first and last, or the place where they would have been. */
export interface Span {
  first: number
  last: number
  written: boolean
}

/**
 * Moves a range of the template (`B14:O16`, `$D$6`, `$14:$14`): a row of the template becomes all rows that were written
 * for it. If none was, the range lies where they would have been. What is no range is returned as it is.
 */
export function moveRange(range: string, spans: readonly (Span | undefined)[]): string {
  const [, from, top, to, bottom] = /^(\$?[A-Z]*\$?)(\d+)(?::(\$?[A-Z]*\$?)(\d+))?$/.exec(range) ?? []
  if (from === undefined || top === undefined) return range
  const within = spans.slice(Number(top), Number(bottom ?? top) + 1).filter((span) => span !== undefined)
  const written = within.filter((span) => span.written)
  const used = written.length > 0 ? written : within
  if (used.length === 0) return range
  const first = Math.min(...used.map((span) => span.first))
  const last = Math.max(...used.map((span) => span.last))
  if (to === undefined && first === last) return `${from}${first}`
  return `${from}${first}:${to ?? from}${last}`
}

/** Whether a row was written for any row of the template that the range covers. */
export function isWritten(range: string, spans: readonly (Span | undefined)[]): boolean {
  const rows = range.match(/\d+/g)?.map(Number) ?? []
  return spans.slice(Math.min(...rows), Math.max(...rows) + 1).some((span) => span?.written)
}
