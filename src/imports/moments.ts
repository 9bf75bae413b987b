/**
 * Moments as files name them: an instant, a date, or in a sheet a date and time without an offset, which is local time of
 * the company. Pure.
 */
import { EXACT } from '../exports/workbook/dates.ts'
import { LATEST, parseDate, parseInstant } from '../platform/time.ts'
import { endOfDay, offsetsIn, startOfDay } from '../platform/time-zone.ts'

const SECOND = 1000
const DAY = 86_400 * SECOND
const LOCAL = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?$/
// Day 0 of the two calendars of Excel. Before 1 March 1900 the first is a day behind, because it has a 29 February 1900.
const EPOCH_1900 = Date.UTC(1899, 11, 30)
const EPOCH_1904 = Date.UTC(1904, 0, 1)
const LEAP_DAY_1900 = 60
const LAST_SERIAL = 2_958_465

/** Milliseconds of a local date and time, as if it were UTC; null for any other text. */
export function parseLocal(text: string): number | null {
  const [, date = '', hour = '', minute = '', second = '00', fraction = '0'] = LOCAL.exec(text) ?? []
  const day = date === '' ? null : parseDate(date)
  if (day === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  return day + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * SECOND + Number(fraction)
}

/** The date or local date and time of an Excel serial number, as text; null for a number that is none. */
export function serialText(serial: number, isFrom1904: boolean): string | null {
  if (!(serial >= (isFrom1904 ? 0 : 1)) || serial >= LAST_SERIAL + 1) return null
  const epoch = isFrom1904 ? EPOCH_1904 : EPOCH_1900 + (serial < LEAP_DAY_1900 ? DAY : 0)
  const seconds = Math.round((serial * DAY) / SECOND)
  const iso = new Date(epoch + seconds * SECOND).toISOString()
  if (Number.isInteger(serial)) return iso.slice(0, 10)
  const rest = serial - (seconds * SECOND) / DAY
  return rest > EXACT / 2 && rest < EXACT * 2 ? iso.slice(0, 23) : iso.slice(0, 19)
}

/** Turns moments of a file into Unix milliseconds. */
export interface Clock {
  /**
   * A due date: of a date the last millisecond, and so is its last second, which is how Excel keeps that, unless its
   * milliseconds are told too.
   */
  due(text: string): number
  /** Any other moment: of a date the first. */
  at(text: string): number
}

/** @param timeZone of the company. The texts must be moments. */
export function clockIn(timeZone: string): Clock {
  const offsetAt = offsetsIn(timeZone)
  const days = { start: new Map<number, number>(), end: new Map<number, number>() }
  const ofDay = (day: number, edge: 'start' | 'end'): number => {
    const found =
      days[edge].get(day) ?? (edge === 'end' ? endOfDay(day, timeZone) : startOfDay(day, timeZone))
    days[edge].set(day, found)
    return Math.min(found, LATEST)
  }
  const fromLocal = (local: number): number => {
    const candidates = [offsetAt(local - DAY), offsetAt(local + DAY)].map((offset) => local - offset)
    const [first = local] = candidates
    // In the hour that the clocks skip there is no such time: it counts as if they had not been changed.
    return candidates.find((instant) => instant + offsetAt(instant) === local) ?? first
  }
  const read = (text: string, edge: 'start' | 'end'): number => {
    const instant = parseInstant(text)
    if (instant !== null) return instant
    const day = parseDate(text)
    if (day !== null) return ofDay(day, edge)
    const local = parseLocal(text) ?? 0
    const isLastSecond = edge === 'end' && !text.includes('.') && (local + SECOND) % DAY === 0
    return isLastSecond ? ofDay(local + SECOND - DAY, 'end') : fromLocal(local)
  }
  return { due: (text) => read(text, 'end'), at: (text) => read(text, 'start') }
}
