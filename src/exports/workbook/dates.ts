/** Dates as Excel stores them: serial numbers in a time zone's local time. Pure. */

const DAY = 86_400_000
// Excel's day 61 is 1 March 1900. Earlier days are off by one, because Excel counts a 29 February 1900 that did not
// exist.
const FIRST_DAY = 61
const LAST_DAY = 2_958_465
// Day 0 of Excel's calendar, 30 December 1899, in Unix milliseconds.
const EPOCH = Date.UTC(1899, 11, 30)

/**
 * Turns an instant (Unix milliseconds) into a cell's value: an Excel serial number, ISO 8601 text for dates outside
 * Excel's calendar, or null.
 */
export type ToExcelDate = (instant: number | null) => number | string | null

/** Converts instants to the local time of `timeZone` (IANA name). Throws RangeError for an unknown time zone. */
export function excelDatesIn(timeZone: string): ToExcelDate {
  const offsetAt = offsetsIn(timeZone)
  return (instant) => {
    if (instant === null || Number.isNaN(new Date(instant).getTime())) return null
    const utc = (instant - EPOCH) / DAY
    const holds = (serial: number): boolean => serial >= FIRST_DAY && serial < LAST_DAY + 1
    const serial = holds(utc - 1) || holds(utc + 1) ? utc + offsetAt(instant) / DAY : utc
    return holds(serial) ? serial : new Date(instant).toISOString()
  }
}

/**
 * The offset from UTC at an instant, in milliseconds. It is remembered for days without a clock change, which is nearly
 * all.
 */
function offsetsIn(timeZone: string): (instant: number) => number {
  const wall = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const measure = (instant: number): number => {
    const field = new Map(wall.formatToParts(instant).map((part) => [part.type, Number(part.value)]))
    const at = (type: Intl.DateTimeFormatPartTypes): number => field.get(type) ?? 0
    const local = new Date(0)
    local.setUTCFullYear(at('year'), at('month') - 1, at('day'))
    local.setUTCHours(at('hour'), at('minute'), at('second'))
    return local.getTime() - Math.floor(instant / 1000) * 1000
  }
  const days = new Map<number, number | null>()
  return (instant) => {
    const day = Math.floor(instant / DAY)
    let offset = days.get(day)
    if (offset === undefined) {
      const start = measure(day * DAY)
      offset = start === measure((day + 1) * DAY) ? start : null
      days.set(day, offset)
    }
    return offset ?? measure(instant)
  }
}
