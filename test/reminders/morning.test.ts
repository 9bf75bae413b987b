import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { offsetsIn } from '../../src/platform/time-zone.ts'
import { morningAt } from '../../src/reminders/morning.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = Date.UTC(2026, 0, 1)

/** Whole and half hours, quarters, clock changes in both hemispheres and for Ramadan, and one of half an hour. */
const ZONES = [
  ...['UTC', 'Europe/Madrid', 'America/New_York', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'],
  ...['Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns', 'Australia/Adelaide', 'Pacific/Chatham'],
  ...['Australia/Lord_Howe', 'Africa/Casablanca', 'America/Santiago', 'Antarctica/Troll', 'Asia/Tehran'],
]

/** What the clocks show, by the runtime alone: the locale of Sweden writes `2026-11-26 08:00:00`. */
function clocksIn(timeZone: string) {
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone, dateStyle: 'short', timeStyle: 'medium' },
  })
  return (instant: number) => {
    const [date = '', time = ''] = format.format(instant).split(' ')
    return { date, time }
  }
}

describe('a morning', () => {
  it.each(ZONES)('is what the clocks of %s say, at every quarter of an hour of a year', (timeZone) => {
    const clocks = clocksIn(timeZone)
    const offsetAt = offsetsIn(timeZone)
    const opened = new Set<string>()
    for (let now = YEAR; now < YEAR + 365 * DAY; now += 15 * MINUTE) {
      const { date, isMonday, isOpen, closesAt, nextAt } = morningAt(now, offsetAt)
      const shown = clocks(now)
      if (date !== shown.date) throw new Error(`${date} for ${shown.date}`)
      if (isOpen !== (shown.time >= '08:00' && shown.time < '12:00'))
        throw new Error(`${String(isOpen)} at ${shown.date} ${shown.time}`)
      if (isMonday !== (new Date(`${date}T00:00Z`).getUTCDay() === 1)) throw new Error(`${date} a Monday`)
      if (isOpen) opened.add(date)
      if (isOpen && (closesAt <= now || clocks(closesAt).time !== '12:00:00'))
        throw new Error(`closes ${date}`)
      if (nextAt <= now || nextAt - now > 26 * HOUR) throw new Error(`next after ${date} ${shown.time}`)
    }
    expect(opened.size).toBeGreaterThanOrEqual(364)
  })

  it('looks next at 8:00, the first time that it comes', () => {
    const anyZone = fc.constantFrom(...ZONES)
    const anyMoment = fc.integer({ min: YEAR, max: YEAR + 365 * DAY })
    fc.assert(
      fc.property(anyZone, anyMoment, (timeZone, now) => {
        const offsetAt = offsetsIn(timeZone)
        const { nextAt } = morningAt(now, offsetAt)
        const clocks = clocksIn(timeZone)
        expect(clocks(nextAt).time).toBe('08:00:00')
        expect(clocks(nextAt - 1).time < '08:00:00').toBe(true)
        expect(morningAt(nextAt, offsetAt).isOpen).toBe(true)
        expect(morningAt(nextAt - 1, offsetAt).isOpen).toBe(false)
      }),
    )
  })

  it('is not that of a date that the clocks skip', () => {
    // Samoa went from the 29th to the 31st.
    const offsetAt = offsetsIn('Pacific/Apia')
    const last = morningAt(Date.UTC(2011, 11, 30, 9, 59), offsetAt)
    expect(last).toMatchObject({ date: '2011-12-29', isOpen: false, nextAt: Date.UTC(2011, 11, 30, 10) })
    const first = morningAt(Date.UTC(2011, 11, 30, 10), offsetAt)
    expect(first).toMatchObject({ date: '2011-12-31', isOpen: false, nextAt: Date.UTC(2011, 11, 30, 18) })
  })

  it('is looked for ahead also when the clocks go back over a whole day', () => {
    // Kwajalein went back from the end of the 30th of September 1969 to its beginning.
    const offsetAt = offsetsIn('Pacific/Kwajalein')
    for (let now = Date.UTC(1969, 8, 28); now < Date.UTC(1969, 9, 3); now += 15 * MINUTE) {
      const { isOpen, closesAt, nextAt } = morningAt(now, offsetAt)
      expect(nextAt).toBeGreaterThan(now)
      expect(closesAt > now || !isOpen).toBe(true)
    }
  })
})
