/** When people are reminded, pure: between 8:00 and 12:00 in the time zone of their company. */
import { firstMomentOf } from '../platform/time-zone.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const OPENS = 8 * HOUR
const CLOSES = 12 * HOUR
const MONDAY = 1

/** The morning of the date that the clocks of a time zone show. Moments are Unix milliseconds. */
export interface Morning {
  /** `2026-11-26`. */
  date: string
  isMonday: boolean
  /** Whether it is between the two times now. */
  isOpen: boolean
  closesAt: number
  /** When the next morning begins that is not open yet: that of this date or of the next. */
  nextAt: number
}

/**
 * The morning at `now`. Where the clocks skip 8:00 or 12:00, the moment after the gap stands for it; where they show it twice,
 * the earlier one.
 * @param offsetAt the offset of the time zone from UTC at a moment (`offsetsIn`)
 */
export function morningAt(now: number, offsetAt: (moment: number) => number): Morning {
  const day = Math.floor((now + offsetAt(now)) / DAY) * DAY
  const opensAt = firstMomentOf(day + OPENS, offsetAt)
  const closesAt = firstMomentOf(day + CLOSES, offsetAt)
  return {
    date: new Date(day).toISOString().slice(0, 10),
    isMonday: new Date(day).getUTCDay() === MONDAY,
    isOpen: opensAt <= now && now < closesAt,
    closesAt,
    nextAt: now < opensAt ? opensAt : firstMomentOf(day + DAY + OPENS, offsetAt),
  }
}
