import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOfDay, startOfDay } from '../../src/platform/time-zone.ts'
import { parseDate, toIso } from '../../src/platform/time.ts'
import { datesIn } from '../support/dates.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

function midnight(date: string): number {
  const day = parseDate(date)
  if (day === null) throw new Error(`${date} is no date`)
  return day
}

describe('the first moment of a day', () => {
  it.each([
    ['2026-11-23', 'UTC', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23', 'Europe/Madrid', '2026-11-22T23:00:00.000Z'],
    ['2026-07-01', 'Europe/Madrid', '2026-06-30T22:00:00.000Z'],
    ['2026-11-23', 'Pacific/Auckland', '2026-11-22T11:00:00.000Z'],
    ['2026-11-23', 'Pacific/Kiritimati', '2026-11-22T10:00:00.000Z'],
    ['2026-11-23', 'America/Los_Angeles', '2026-11-23T08:00:00.000Z'],
    ['2026-11-23', 'Asia/Kathmandu', '2026-11-22T18:15:00.000Z'],
  ])('%s in %s is %s', (date, timeZone, iso) => {
    expect(toIso(startOfDay(midnight(date), timeZone))).toBe(iso)
  })

  it.each([
    ['later that day', '2026-03-29', 'Europe/Madrid', '2026-03-28T23:00:00.000Z'],
    ['later that day, backwards', '2026-10-25', 'Europe/Madrid', '2026-10-24T22:00:00.000Z'],
    ['at midnight, to 1:00', '2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['at midnight, to 1:00', '2024-04-26', 'Africa/Cairo', '2024-04-25T22:00:00.000Z'],
    ['at midnight, to 1:00', '2019-03-31', 'Asia/Beirut', '2019-03-30T22:00:00.000Z'],
    ['at midnight, to 1:00', '2019-03-10', 'America/Havana', '2019-03-10T05:00:00.000Z'],
    ['at 23:30 of the day before, to 0:30', '1919-03-31', 'America/Toronto', '1919-03-31T04:30:00.000Z'],
    ['at 1:00, to a second midnight', '2018-11-04', 'America/Havana', '2018-11-04T04:00:00.000Z'],
    ['at midnight, to 23:00 of the day before', '2019-10-27', 'Asia/Beirut', '2019-10-26T22:00:00.000Z'],
    [
      'at midnight, to 23:00 of the day before',
      '2018-02-18',
      'America/Sao_Paulo',
      '2018-02-18T03:00:00.000Z',
    ],
    ['at 0:01, to 23:01 of the day before', '2006-10-29', 'America/St_Johns', '2006-10-29T02:30:00.000Z'],
    ['by a whole day: the day before', '2011-12-29', 'Pacific/Apia', '2011-12-29T10:00:00.000Z'],
    ['by a whole day: the day that is skipped', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['by a whole day: the day after', '2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['by 15:13:42, once long ago', '1867-10-18', 'America/Juneau', '1867-10-17T08:57:41.000Z'],
  ])('when clocks change %s: %s in %s is %s', (_, date, timeZone, iso) => {
    expect(toIso(startOfDay(midnight(date), timeZone))).toBe(iso)
  })

  it.each([
    ['0001-01-01', 'UTC', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31', 'UTC', '0099-12-31T00:00:00.000Z'],
    ['9999-12-31', 'America/Los_Angeles', '9999-12-31T08:00:00.000Z'],
  ])('is found as far as dates go: %s in %s', (date, timeZone, iso) => {
    expect(toIso(startOfDay(midnight(date), timeZone))).toBe(iso)
  })

  it('throws for a time zone that is none', () => {
    expect(() => startOfDay(0, 'Mars/Olympus')).toThrow(RangeError)
  })
})

/** Midnight UTC of the days of a year in which the clocks change. */
function changesIn(year: number, timeZone: string): number[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const local = (instant: number) => Date.parse(`${format.format(instant).replace(' ', 'T')}Z`)
  const days = Array.from({ length: 366 }, (_, index) => Date.UTC(year, 0, 1 + index))
  return days.filter((day) => local(day + DAY) - local(day) !== DAY)
}

/** A day, often one near which the clocks change. */
const dayIn = fc
  .record({
    timeZone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
    year: fc.integer({ min: 1900, max: 2040 }),
    change: fc.nat(),
    near: fc.integer({ min: -1, max: 2 }),
  })
  .map(({ timeZone, year, change, near }) => {
    const changes = changesIn(year, timeZone)
    const day = changes[change % changes.length] ?? Date.UTC(year, 0, 1 + (change % 366))
    return { timeZone, day: day + near * DAY }
  })

describe('the first moment of any day in any time zone', () => {
  const dateOf = (day: number) => new Date(day).toISOString().slice(0, 10)

  it('has that date, and the millisecond before it an earlier one', () => {
    fc.assert(
      fc.property(dayIn, ({ timeZone, day }) => {
        const start = startOfDay(day, timeZone)
        const localDate = datesIn(timeZone)
        const date = dateOf(day)
        expect(localDate(start - 1) < date, `${date} in ${timeZone}`).toBe(true)
        if (localDate(start) !== date) {
          // Right only where the time zone skips that day.
          const quarters = Array.from({ length: 3 * 96 }, (_, index) => day - DAY + index * (HOUR / 4))
          expect(quarters.filter((instant) => localDate(instant) === date)).toEqual([])
          expect(localDate(start) > date).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is not before that of the day before', () => {
    fc.assert(
      fc.property(dayIn, ({ timeZone, day }) => {
        expect(startOfDay(day, timeZone)).toBeGreaterThanOrEqual(startOfDay(day - DAY, timeZone))
      }),
      { numRuns: 100 },
    )
  })
})

describe('the last millisecond of a day', () => {
  it.each([
    ['2026-11-23', 'UTC', '2026-11-23T23:59:59.999Z'],
    ['2026-11-23', 'Asia/Kathmandu', '2026-11-23T18:14:59.999Z'],
    ['2026-03-29', 'Europe/Madrid', '2026-03-29T21:59:59.999Z'],
    ['2026-10-25', 'Europe/Madrid', '2026-10-25T22:59:59.999Z'],
    // Midnight is skipped.
    ['2018-11-03', 'America/Sao_Paulo', '2018-11-04T02:59:59.999Z'],
    ['1919-03-30', 'America/Toronto', '1919-03-31T04:29:59.999Z'],
    // The last hour comes twice.
    ['2018-02-17', 'America/Sao_Paulo', '2018-02-18T02:59:59.999Z'],
    // The first hour of the next day comes twice.
    ['2018-11-03', 'America/Havana', '2018-11-04T03:59:59.999Z'],
    // The next day has begun when the clocks go back into this one.
    ['2006-10-28', 'America/St_Johns', '2006-10-29T03:29:59.999Z'],
    // The next day does not exist, or the day itself.
    ['2011-12-29', 'Pacific/Apia', '2011-12-30T09:59:59.999Z'],
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T09:59:59.999Z'],
  ])('%s in %s is %s', (date, timeZone, iso) => {
    expect(toIso(endOfDay(midnight(date), timeZone))).toBe(iso)
  })

  it('of any day in any time zone has that date, and nothing later has', () => {
    fc.assert(
      fc.property(dayIn, ({ timeZone, day }) => {
        const end = endOfDay(day, timeZone)
        const localDate = datesIn(timeZone)
        const date = new Date(day).toISOString().slice(0, 10)
        const later = Array.from({ length: 3 * 96 }, (_, index) => end + 1 + index * (HOUR / 4))
        expect(later.filter((instant) => localDate(instant) <= date)).toEqual([])
        // Right with an earlier date only where the time zone skips that day.
        if (localDate(end) !== date) {
          const quarters = Array.from({ length: 3 * 96 }, (_, index) => day - DAY + index * (HOUR / 4))
          expect(quarters.filter((instant) => localDate(instant) === date)).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })
})
