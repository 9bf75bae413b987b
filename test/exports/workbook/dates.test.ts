import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excelDatesIn } from '../../../src/exports/workbook/dates.ts'

const DAY = 86_400_000
/** The wall clock that Excel shows for a serial. */
const shown = (serial: unknown) =>
  typeof serial === 'number' ? new Date(Math.round((serial - 25_569) * DAY)).toISOString() : serial

describe('dates', () => {
  it('are Excel serials', () => {
    const toExcelDate = excelDatesIn('UTC')
    expect(toExcelDate(Date.UTC(2026, 10, 23, 12))).toBe(46_349.5)
    expect(toExcelDate(Date.UTC(1970, 0, 1))).toBe(25_569)
    expect(toExcelDate(null)).toBeNull()
    expect(toExcelDate(Number.NaN)).toBeNull()
  })

  it('show the wall clock of the time zone, daylight saving included', () => {
    const toExcelDate = excelDatesIn('Europe/Madrid')
    expect(shown(toExcelDate(Date.UTC(2026, 2, 29, 0, 59)))).toBe('2026-03-29T01:59:00.000Z')
    expect(shown(toExcelDate(Date.UTC(2026, 2, 29, 1, 0)))).toBe('2026-03-29T03:00:00.000Z')
    expect(shown(toExcelDate(Date.UTC(2026, 9, 25, 0, 30)))).toBe('2026-10-25T02:30:00.000Z')
    expect(shown(toExcelDate(Date.UTC(2026, 9, 25, 1, 30)))).toBe('2026-10-25T02:30:00.000Z')
    expect(shown(excelDatesIn('Asia/Kathmandu')(Date.UTC(2026, 0, 1)))).toBe('2026-01-01T05:45:00.000Z')
  })

  it('agree with Intl, to the second', () => {
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

  it('beyond Excel’s calendar are ISO text', () => {
    const toExcelDate = excelDatesIn('UTC')
    expect(toExcelDate(Date.UTC(1900, 1, 28))).toBe('1900-02-28T00:00:00.000Z')
    expect(toExcelDate(Date.UTC(1900, 2, 1))).toBe(61)
    expect(shown(toExcelDate(Date.UTC(9999, 11, 31, 23, 59)))).toBe('9999-12-31T23:59:00.000Z')
    expect(toExcelDate(Date.UTC(10_000, 0, 1))).toBe('+010000-01-01T00:00:00.000Z')
    expect(toExcelDate(-8.64e15)).toBe('-271821-04-20T00:00:00.000Z')
    expect(toExcelDate(8.64e15)).toBe('+275760-09-13T00:00:00.000Z')
  })

  it('refuse an unknown time zone', () => {
    expect(() => excelDatesIn('Mars/Olympus')).toThrow(RangeError)
  })
})
