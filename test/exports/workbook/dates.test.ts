import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excelDatesIn } from '../../../src/exports/workbook/dates.ts'

const DAY = 86_400_000
/** The wall clock that Excel shows for a serial. */
const shown = (serial: unknown) =>
  typeof serial === 'number' ? new Date(Math.round((serial - 25_569) * DAY)).toISOString() : serial

describe('an instant', () => {
  it.each([
    [Date.UTC(2026, 10, 23, 12), 46_349.5],
    [Date.UTC(1970, 0, 1), 25_569],
    [null, null],
    [Number.NaN, null],
  ])('of %j is the Excel serial %j', (instant, serial) => {
    expect(excelDatesIn('UTC')(instant)).toBe(serial)
  })

  it.each([
    ['before summer time', 'Europe/Madrid', Date.UTC(2026, 2, 29, 0, 59), '2026-03-29T01:59'],
    ['at the beginning of summer time', 'Europe/Madrid', Date.UTC(2026, 2, 29, 1, 0), '2026-03-29T03:00'],
    ['before the end of summer time', 'Europe/Madrid', Date.UTC(2026, 9, 25, 0, 30), '2026-10-25T02:30'],
    ['after the end of summer time', 'Europe/Madrid', Date.UTC(2026, 9, 25, 1, 30), '2026-10-25T02:30'],
    ['where hours have quarters', 'Asia/Kathmandu', Date.UTC(2026, 0, 1), '2026-01-01T05:45'],
  ])('%s shows the wall clock of %s', (_, timeZone, instant, wallClock) => {
    expect(shown(excelDatesIn(timeZone)(instant))).toBe(`${wallClock}:00.000Z`)
  })

  it('has whole seconds, so that no program rounds the end of a day up to the next', () => {
    expect(shown(excelDatesIn('UTC')(Date.UTC(2026, 10, 24) - 1))).toBe('2026-11-23T23:59:59.000Z')
  })

  it('shows the same wall clock as Intl, to the second', () => {
    const zones = [
      'Europe/Madrid',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Africa/Casablanca',
    ]
    const instants = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2040, 0, 1) })
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (timeZone, instant) => {
        const local = new Date(instant).toLocaleString('sv-SE', { timeZone }).replace(' ', 'T')
        expect(String(shown(excelDatesIn(timeZone)(instant))).slice(0, 19)).toBe(local)
      }),
      { numRuns: 400 },
    )
  })

  it.each([
    [Date.UTC(1900, 1, 28), '1900-02-28T00:00:00.000Z'],
    [Date.UTC(10_000, 0, 1), '+010000-01-01T00:00:00.000Z'],
    [-8.64e15, '-271821-04-20T00:00:00.000Z'],
    [8.64e15, '+275760-09-13T00:00:00.000Z'],
  ])('beyond Excel’s calendar, %i, is the ISO text %s', (instant, text) => {
    expect(excelDatesIn('UTC')(instant)).toBe(text)
  })

  it('at either end of Excel’s calendar is a serial', () => {
    expect(excelDatesIn('UTC')(Date.UTC(1900, 2, 1))).toBe(61)
    expect(shown(excelDatesIn('UTC')(Date.UTC(9999, 11, 31, 23, 59)))).toBe('9999-12-31T23:59:00.000Z')
  })

  it('has no wall clock in an unknown time zone', () => {
    expect(() => excelDatesIn('Mars/Olympus')).toThrow(RangeError)
  })
})
