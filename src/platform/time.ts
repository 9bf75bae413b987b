/** Times: Unix milliseconds in code and database, ISO 8601 in UTC with milliseconds in answers. */

/** `2026-11-23T18:19:00.000Z`, or null for null. */
export function toIso(time: number): string
export function toIso(time: number | null): string | null
export function toIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

/** The longest text, in characters, that `parseInstant` accepts: enough for nanoseconds and an offset. */
export const LONGEST_INSTANT = 64

// A date (calendar, week or ordinal; basic or extended form), `T`, a time of day whose last element may have a
// decimal fraction, and an offset: `Z`, ±hh, ±hhmm or ±hh:mm.
const INSTANT =
  /^(\d{4}-?(?:\d\d-?\d\d|W\d\d-?\d|\d{3}))[Tt](\d\d)(?::?(\d\d)(?::?(\d\d))?)?(?:[.,](\d+))?(Z|z|[+-]\d\d(?::?\d\d)?)$/

/** The earliest moment that is accepted; what is earlier has no year of four digits. */
export const EARLIEST = new Date('0001-01-01T00:00:00Z').getTime()
/** The latest moment that is accepted. */
export const LATEST = new Date('9999-12-31T23:59:59.999Z').getTime()
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Unix milliseconds of an ISO 8601 instant with an offset; null for any other text and for a day that does not exist.
 * Dates may be calendar (`2026-11-23`), week (`2026-W48-1`) or ordinal (`2026-327`), in extended or basic form. The
 * last element of the time may have a fraction (`10:00.5`), which is cut to whole milliseconds.
 */
export function parseInstant(text: string): number | null {
  const match = text.length > LONGEST_INSTANT ? null : INSTANT.exec(text)
  if (!match) return null
  const [, date = '', hour = '', minute, second, fraction = '', zone = 'Z'] = match
  const midnight = parseDate(date)
  const offset = offsetMinutes(zone)
  if (midnight === null || offset === null) return null
  const isLeap = second === '60'
  const [hours, minutes, seconds] = [Number(hour), Number(minute ?? 0), isLeap ? 59 : Number(second ?? 0)]
  const finest = second !== undefined ? SECOND : minute !== undefined ? MINUTE : HOUR
  const ofDay = hours * HOUR + minutes * MINUTE + seconds * SECOND + wholeMilliseconds(fraction, finest)
  // 24:00:00 is allowed as the end of the day; any later time is not.
  if (minutes > 59 || seconds > 59 || ofDay > DAY || (hours > 23 && ofDay !== DAY)) return null
  // Unix time has no leap seconds, so 23:59:60 counts as the second that follows. Leap seconds occur only at the end of
  // June and of December.
  const time = midnight + ofDay - offset * MINUTE + (isLeap ? SECOND : 0)
  if (time < EARLIEST || time > LATEST) return null
  return isLeap && !/-0[17]-01T00:00:00/.test(new Date(time).toISOString()) ? null : time
}

/** The fraction `0.<digits>` of `of` milliseconds, rounded down. BigInt, because floating point would not be exact. */
function wholeMilliseconds(digits: string, of: number): number {
  return Number((BigInt(digits || '0') * BigInt(of)) / 10n ** BigInt(digits.length))
}

/** Unix milliseconds of midnight UTC on an ISO 8601 date, extended or basic; null if there is no such day. */
export function parseDate(date: string): number | null {
  const calendar = /^(\d{4})(-?)(\d\d)\2(\d\d)$/.exec(date)
  const week = /^(\d{4})(-?)W(\d\d)\2(\d)$/.exec(date)
  const ordinal = /^(\d{4})-?(\d{3})$/.exec(date)
  const year = Number(date.slice(0, 4))
  if (calendar) {
    const [month, day] = [Number(calendar[3]), Number(calendar[4])]
    const time = utcDate(year, month - 1, day)
    // Date turns 30 February into a day of March without an error, so month and day are compared with the input.
    return new Date(time).getUTCMonth() === month - 1 && new Date(time).getUTCDate() === day ? time : null
  }
  if (week) {
    const [number, weekday] = [Number(week[3]), Number(week[4])]
    if (number < 1 || weekday < 1 || weekday > 7) return null
    const thursday = firstMonday(year) + ((number - 1) * 7 + 3) * DAY
    // ISO 8601: a week belongs to the year of its Thursday.
    return new Date(thursday).getUTCFullYear() === year ? thursday + (weekday - 4) * DAY : null
  }
  if (!ordinal) return null
  const time = utcDate(year, 0, Number(ordinal[2]))
  return Number(ordinal[2]) > 0 && new Date(time).getUTCFullYear() === year ? time : null
}

/** Like Date.UTC, which would take the years 0 to 99 for 1900 to 1999. */
function utcDate(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day)
}

/** Monday of the year's week 1: the week that holds 4 January (ISO 8601). */
function firstMonday(year: number): number {
  const fourth = utcDate(year, 0, 4)
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY
}

function offsetMinutes(zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0
  const digits = zone.slice(1).replace(':', '')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2) || '0')
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** In characters; the longest IANA name has 32. */
const LONGEST_TIME_ZONE = 64

/** Whether the runtime knows an IANA time zone of this name. Offsets such as `+01:00` do not count. */
export function isTimeZone(name: string): boolean {
  if (name.length > LONGEST_TIME_ZONE || !/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/**
 * The name trimmed and in its usual case (`europe/madrid` → `Europe/Madrid`). Aliases and unknown names are only
 * trimmed.
 */
export function tidyTimeZone(name: string): string {
  if (name.length > 2 * LONGEST_TIME_ZONE) return name
  const trimmed = name.trim()
  if (!isTimeZone(trimmed)) return trimmed
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: trimmed }).resolvedOptions()
  return timeZone.toLowerCase() === trimmed.toLowerCase() ? timeZone : trimmed
}
