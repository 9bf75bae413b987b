/** The months of the overview: the present one in a time zone, those before and those after it. Pure. */
import { offsetsIn } from '../platform/time-zone.ts'

const BACK = 12
const AHEAD = 12
const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** Offsets from UTC are multiples of this, so all of such a quarter of an hour lies in one local month. */
export const QUARTER = HOUR / 4
/** How far ahead an action is due soon. */
export const SOON = 30 * DAY

export interface Months {
  /** `2026-11`, oldest first. */
  names: readonly string[]
  /** The place in `names` of the month in which a moment lies; null if it is none of them. */
  indexOf(moment: number): number | null
}

/** @param now Unix milliseconds, as all moments here */
export function monthsAround(now: number, timeZone: string): Months {
  const offsetAt = offsetsIn(timeZone)
  const monthOf = (moment: number) => monthNumber(moment + offsetAt(moment))
  const first = monthOf(now) - BACK
  const length = BACK + 1 + AHEAD
  return {
    names: Array.from({ length }, (_, index) => nameOf(first + index)),
    indexOf(moment) {
      const index = monthOf(moment) - first
      return index >= 0 && index < length ? index : null
    },
  }
}

/** A range in which the months lie, whatever the time zone. */
export function utcRange(now: number): { first: number; end: number } {
  const present = monthNumber(now)
  return { first: startOf(present - BACK - 2), end: startOf(present + AHEAD + 3) }
}

/** The days since 1970, in UTC, that may lie in two months: the last and the first of each month in the range. */
export function turningDays(now: number): number[] {
  const { first, end } = utcRange(now)
  const months = Array.from({ length: monthNumber(end) - monthNumber(first) + 1 }, (_, index) =>
    startOf(monthNumber(first) + index),
  )
  return months.flatMap((start) => [start / DAY - 1, start / DAY])
}

/** Months since year 0. */
function monthNumber(utc: number): number {
  const date = new Date(utc)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function startOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12)
}

function nameOf(month: number): string {
  return new Date(startOf(month)).toISOString().slice(0, 7)
}
