/** Local time in an IANA time zone, from the time zone database of the runtime. Times are Unix milliseconds. */

const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * Returns the offset from UTC at an instant, in milliseconds. It is remembered for days without a clock change, which is
 * nearly all. Throws RangeError for an unknown time zone.
 */
export function offsetsIn(timeZone: string): (instant: number) => number {
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

/** The first moment of a day in a time zone. `day` is midnight UTC of the date. */
export function startOfDay(day: number, timeZone: string): number {
  return firstMomentOf(day, offsetsIn(timeZone))
}

/**
 * The moment at which clocks first show a date and time. Where they skip it, that is the moment after the gap; where it
 * comes twice, the earlier one.
 * @param shown the date and time as if it were UTC
 * @param offsetAt that of `offsetsIn`
 */
export function firstMomentOf(shown: number, offsetAt: (instant: number) => number): number {
  const offsets = [offsetAt(shown - DAY), offsetAt(shown + DAY)]
  const moments = offsets
    .map((offset) => shown - offset)
    .filter((instant) => instant + offsetAt(instant) === shown)
  if (moments.length > 0) return Math.min(...moments)
  // The clock change lies between the two moments that it would be with either offset.
  let [before, after] = [shown - Math.max(...offsets) - 1, shown - Math.min(...offsets)]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (middle + offsetAt(middle) < shown) before = middle
    else after = middle
  }
  return after
}

/**
 * The last millisecond of a day in a time zone. Where the clocks go back over midnight, so that the day returns for a while
 * after the next has begun, that is the end of its return.
 * @param day midnight UTC of the date
 */
export function endOfDay(day: number, timeZone: string): number {
  const next = day + DAY
  const offsetAt = offsetsIn(timeZone)
  const ends = [offsetAt(next - DAY), offsetAt(next + DAY)]
    .map((offset) => next - offset - 1)
    .filter((instant) => instant + offsetAt(instant) === next - 1)
  return Math.max(...ends, startOfDay(next, timeZone) - 1)
}
