/** The header of a sheet of actions: which column is where, and in which language. Pure. */
import { SHEET_COLUMNS, type SheetColumn } from '../actions/sheet-columns.ts'
import { type Locale, LOCALES } from '../db/enums.ts'
import { probablyMeant } from '../platform/suggestion.ts'
import { fold } from '../platform/text.ts'
import type { Cell, Row } from './workbook/sheet-reader.ts'

/** The header is looked for among so many first rows. */
export const HEADER_ROWS = 20
const LONGEST_HEADER = 100

const COLUMNS = Object.keys(SHEET_COLUMNS) as SheetColumn[]
const HEADERS = new Map<string, SheetColumn>(
  COLUMNS.flatMap((column) =>
    LOCALES.map((locale): [string, SheetColumn] => [keyOf(SHEET_COLUMNS[column][locale]), column]),
  ),
)
const ALL_HEADERS = COLUMNS.flatMap((column) => LOCALES.map((locale) => SHEET_COLUMNS[column][locale]))

/** The form in which headers are compared, without regard to case and to how words are set apart. */
function keyOf(header: string): string {
  return fold(header.slice(0, LONGEST_HEADER).trim().replaceAll(/\s+/g, ' '))
}

function columnOf({ kind, value }: Cell): SheetColumn | undefined {
  return kind === 'text' ? HEADERS.get(keyOf(value)) : undefined
}

/** The first row with the columns that a sheet of actions must have. */
export function headerRowOf(rows: readonly Row[]): Row | undefined {
  return rows.find(({ number, cells }) => {
    const columns = [...cells.values()].map(columnOf)
    const hasPlan = columns.includes('plan') || columns.includes('planId')
    return number <= HEADER_ROWS && columns.includes('title') && hasPlan
  })
}

export interface Header {
  /** The number of each column. */
  places: ReadonlyMap<SheetColumn, number>
  /** What is wrong, by the number of a column. */
  complaints: readonly { place: number; message: string }[]
  /** The language that most of the headers are in. */
  locale: Locale
}

/** @param isLenient whether columns that are not known are left out */
export function readHeader(row: Row, isLenient: boolean): Header {
  const places = new Map<SheetColumn, number>()
  const complaints: { place: number; message: string }[] = []
  for (const [place, cell] of row.cells) {
    const column = columnOf(cell)
    if (column === undefined) {
      if (isLenient) continue
      const meant = probablyMeant(cell.value.slice(0, LONGEST_HEADER), ALL_HEADERS)
      const hint = meant === null ? '' : `; did you mean "${meant}"?`
      complaints.push({ place, message: `is no column that is known${hint}` })
    } else if (places.has(column)) complaints.push({ place, message: 'stands there twice' })
    else places.set(column, place)
  }
  return { places, complaints, locale: localeOf([...row.cells.values()]) }
}

function localeOf(header: readonly Cell[]): Locale {
  const headers = new Set(header.map(({ value }) => keyOf(value)))
  const countIn = (locale: Locale) =>
    COLUMNS.filter((column) => headers.has(keyOf(SHEET_COLUMNS[column][locale]))).length
  const [first, ...others] = LOCALES
  return others.reduce<Locale>((best, locale) => (countIn(locale) > countIn(best) ? locale : best), first)
}
