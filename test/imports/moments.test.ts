/** Due dates that go out in a cell and come back: the same instant, whatever its second. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dueSerial, excelDatesIn } from '../../src/exports/workbook/dates.ts'
import { clockIn, serialText } from '../../src/imports/moments.ts'
import { endOfDay, offsetsIn } from '../../src/platform/time-zone.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ZONES = [
  'Europe/Madrid',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'UTC',
] as const
const FIRST = Date.UTC(1975, 0, 1)
const LAST = Date.UTC(2040, 0, 1)

const zones = fc.constantFrom(...ZONES)
const days = fc.integer({ min: FIRST / DAY, max: LAST / DAY }).map((day) => day * DAY)

const cellOf = (instant: number, timeZone: string) => dueSerial(instant, excelDatesIn(timeZone))

/** What a sheet with that cell is read as; numbers have 15 digits, as programs may write them. */
function readBack(cell: unknown, timeZone: string): number {
  const number = Number(Number(cell).toPrecision(15))
  return clockIn(timeZone).due(serialText(number, false) ?? String(cell))
}

/** Whether the local time of an instant comes twice. */
function comesTwice(instant: number, timeZone: string): boolean {
  const offsetAt = offsetsIn(timeZone)
  const local = instant + offsetAt(instant)
  const instants = [offsetAt(local - DAY), offsetAt(local + DAY)].map((offset) => local - offset)
  return new Set(instants.filter((each) => each + offsetAt(each) === local)).size > 1
}

it.each([
  ['at midnight', '2026-12-24T00:00:00+01:00'],
  ['in the last second of a day', '2026-12-24T23:59:59+01:00'],
  ['in the last millisecond of a day', '2026-12-24T23:59:59.999+01:00'],
])('an instant %s comes back as itself, and shows its own day', (_, text) => {
  const instant = Date.parse(text)
  const cell = cellOf(instant, 'Europe/Madrid')
  expect(readBack(cell, 'Europe/Madrid')).toBe(instant)
  expect(Math.floor(Number(cell))).toBe(46_380)
})

it('any instant of whole seconds comes back as itself', () => {
  const seconds = fc.oneof(
    fc.integer({ min: FIRST / 1000, max: LAST / 1000 }).map((second) => second * 1000),
    // Around midnight, in some of the time zones.
    fc
      .tuple(days, fc.integer({ min: -28, max: 28 }), fc.constantFrom(-1000, 0, 1000))
      .map(([day, halfHours, more]) => day + (halfHours * HOUR) / 2 + more),
  )
  fc.assert(
    fc.property(zones, seconds, (timeZone, instant) => {
      fc.pre(!comesTwice(instant, timeZone))
      expect(readBack(cellOf(instant, timeZone), timeZone)).toBe(instant)
    }),
    { numRuns: 500 },
  )
})

it('so does any date, which is the last millisecond of its day', () => {
  fc.assert(
    fc.property(zones, days, (timeZone, day) => {
      const end = endOfDay(day, timeZone)
      expect(readBack(cellOf(end, timeZone), timeZone)).toBe(end)
      expect(readBack(day / DAY + 25_569, timeZone)).toBe(end)
    }),
    { numRuns: 300 },
  )
})
