/** Due dates as requests name them: an instant, or a date. Pure. */
import { endOfDay } from '../platform/time-zone.ts'
import { LATEST, parseDate, parseInstant } from '../platform/time.ts'

/** Unix milliseconds of an instant; null for a date, and without a due date. */
export function instantOf(dueDate: string | null | undefined): number | null {
  return typeof dueDate === 'string' ? parseInstant(dueDate) : null
}

/** Unix milliseconds of the last moment of a date in the time zone; null for an instant, and without a due date. */
export function endOfDate(dueDate: string | null | undefined, timeZone: string): number | null {
  if (typeof dueDate !== 'string' || instantOf(dueDate) !== null) return null
  const day = parseDate(dueDate)
  // West of Greenwich the last day of the year 9999 ends in the year 10000, which no answer can show.
  return day === null ? null : Math.min(endOfDay(day, timeZone), LATEST)
}
