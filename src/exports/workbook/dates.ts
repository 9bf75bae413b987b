/** Dates as Excel stores them: serial numbers in a time zone's local time. Pure. */
import { offsetsIn } from '../../platform/time-zone.ts'

const SECOND = 1000
const DAY = 86_400 * SECOND
// Excel's day 61 is 1 March 1900. Earlier days are off by one, because Excel counts a 29 February 1900 that did not
// exist.
const FIRST_DAY = 61
const LAST_DAY = 2_958_465
// Day 0 of Excel's calendar, 30 December 1899, in Unix milliseconds.
const EPOCH = Date.UTC(1899, 11, 30)

/**
 * Turns an instant (Unix milliseconds) into a cell's value: an Excel serial number of whole seconds, ISO 8601 text for dates outside
 * Excel's calendar, or null.
 */
export type ToExcelDate = (instant: number | null) => number | string | null

/** Converts instants to the local time of `timeZone` (IANA name). Throws RangeError for an unknown time zone. */
export function excelDatesIn(timeZone: string): ToExcelDate {
  const offsetAt = offsetsIn(timeZone)
  return (instant) => {
    if (instant === null || Number.isNaN(new Date(instant).getTime())) return null
    // A whole second: programs that show minutes would round the last millisecond of a day up to the next day.
    const utc = (Math.floor(instant / SECOND) * SECOND - EPOCH) / DAY
    const holds = (serial: number): boolean => serial >= FIRST_DAY && serial < LAST_DAY + 1
    const serial = holds(utc - 1) || holds(utc + 1) ? utc + offsetAt(instant) / DAY : utc
    return holds(serial) ? serial : new Date(instant).toISOString()
  }
}

/**
 * Days that are added to a serial whose second alone would say something else: too little for any program to show, enough
 * to stand when a program keeps 15 digits.
 */
export const EXACT = 1e-9

/**
 * A due date as an import reads it back. A date, and the last second of one, stand for its last millisecond there: another
 * instant that would be written so is marked with `EXACT`.
 */
export function dueSerial(instant: number | null, toExcelDate: ToExcelDate): number | string | null {
  const serial = toExcelDate(instant)
  if (instant === null || typeof serial !== 'number') return serial
  const second = Math.round((serial * DAY) / SECOND) % (DAY / SECOND)
  const isEnd = second === DAY / SECOND - 1 && new Date(instant).getUTCMilliseconds() === SECOND - 1
  return second === 0 || (second === DAY / SECOND - 1 && !isEnd) ? serial + EXACT : serial
}

/** A whole day as Excel's serial number. */
export type Day = number

/** The day of an instant in the workbook's time zone; null if it is none of Excel's calendar. */
export function dayOfInstant(instant: number | null, toExcelDate: ToExcelDate): Day | null {
  const serial = toExcelDate(instant)
  return typeof serial === 'number' ? Math.floor(serial) : null
}

/** The date of a day: `month` counts from 0, `utc` is its midnight in UTC (Unix milliseconds). */
export function dateOf(day: Day): { year: number; month: number; utc: number } {
  const utc = EPOCH + day * DAY
  const date = new Date(utc)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), utc }
}

/** The first day of a month, counted from 0; months before or after the year's own belong to the years around it. */
export function dayOf(year: number, month: number): Day {
  return (Date.UTC(year, month) - EPOCH) / DAY
}
