/** The scale of a timeline: days, weeks, months or quarters as columns. Days are Excel's serial numbers. Pure. */
import { type Day, dateOf, dayOf } from './dates.ts'

export type ScaleUnit = 'day' | 'week' | 'month' | 'quarter'

export interface TimeScale {
  unit: ScaleUnit
  /** The first day of each column. */
  starts: readonly Day[]
  /** The column of a day, from 0; the nearest one for a day beyond the scale. */
  columnOf(day: Day): number
  /** Columns with a caption: the first of a month, year or the like. */
  captions: readonly { column: number; text: string }[]
}

const UNITS: readonly ScaleUnit[] = ['day', 'week', 'month', 'quarter']
// A caption needs the width of so many columns.
const CAPTION_COLUMNS = 3

/** The finest scale that shows both days in at most `columns` columns; of a longer time it shows the part around today. */
export function timeScale(from: Day, to: Day, today: Day, columns: number, locale: string): TimeScale {
  const unit = UNITS.find((each) => countColumns(each, from, to) <= columns)
  if (unit !== undefined) return scaleOf(unit, from, countColumns(unit, from, to), locale)
  const { year, month } = dateOf(today)
  return scaleOf('quarter', dayOf(year, month - Math.floor(columns / 3) * 3), columns, locale)
}

function scaleOf(unit: ScaleUnit, from: Day, count: number, locale: string): TimeScale {
  const starts = Array.from({ length: count }, (_, index) => startOf(unit, from, index))
  return {
    unit,
    starts,
    columnOf: (day) =>
      Math.max(
        0,
        starts.findLastIndex((start) => start <= day),
      ),
    captions: captionsOf(unit, starts, locale),
  }
}

/** The first day of the unit that holds `day`, `later` units later. */
function startOf(unit: ScaleUnit, day: Day, later: number): Day {
  const { year, month } = dateOf(day)
  // Serial 2 is a Monday.
  if (unit === 'week') return day - ((day - 2) % 7) + later * 7
  if (unit === 'month') return dayOf(year, month + later)
  if (unit === 'quarter') return dayOf(year, month - (month % 3) + later * 3)
  return day + later
}

function countColumns(unit: ScaleUnit, from: Day, to: Day): number {
  const first = startOf(unit, from, 0)
  const last = startOf(unit, to, 0)
  if (unit === 'day' || unit === 'week') return (last - first) / (unit === 'day' ? 1 : 7) + 1
  const months = (date: { year: number; month: number }): number => date.year * 12 + date.month
  return (months(dateOf(last)) - months(dateOf(first))) / (unit === 'month' ? 1 : 3) + 1
}

function captionsOf(unit: ScaleUnit, starts: readonly Day[], locale: string): TimeScale['captions'] {
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    ...(unit === 'day' && { day: 'numeric' }),
    ...(unit !== 'quarter' && { month: 'short' }),
    ...(unit !== 'day' && { year: unit === 'quarter' ? 'numeric' : '2-digit' }),
  })
  const begins = (day: Day, column: number): boolean => {
    const { month } = dateOf(day)
    if (column === 0) return true
    if (unit === 'day') return (day - 2) % 7 === 0
    if (unit === 'week') return month !== dateOf(starts[column - 1] ?? day).month
    return month % (unit === 'month' ? 3 : 12) === 0
  }
  const captions = starts.flatMap((day, column) =>
    begins(day, column) ? [{ column, text: format.format(dateOf(day).utc) }] : [],
  )
  const [first, second] = captions
  const tight = first !== undefined && second !== undefined && second.column - first.column < CAPTION_COLUMNS
  return tight ? captions.slice(1) : captions
}
