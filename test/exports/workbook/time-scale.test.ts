import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateOf } from '../../../src/exports/workbook/dates.ts'
import { timeScale } from '../../../src/exports/workbook/time-scale.ts'

const dayOf = (date: string) => Date.parse(date) / 86_400_000 + 25_569
const COLUMNS = 60
const scale = (from: string, to: string, today = from) =>
  timeScale(dayOf(from), dayOf(to), dayOf(today), COLUMNS, 'en')

describe('the scale of a timeline', () => {
  it.each([
    ['2026-11-01', '2026-12-30', 'day', 60],
    ['2026-11-01', '2026-12-31', 'week', 10],
    ['2026-01-01', '2027-01-31', 'week', 57],
    ['2026-01-01', '2028-01-01', 'month', 25],
    ['2026-02-01', '2035-01-01', 'quarter', 37],
  ])('from %s to %s has the unit %3$s and %4$i columns', (from, to, unit, columns) => {
    const { unit: found, starts } = scale(from, to)
    expect([found, starts.length]).toEqual([unit, columns])
  })

  it('begins weeks on Mondays, months and quarters on their first days', () => {
    const first = (from: string, to: string) => new Date(dateOf(scale(from, to).starts[0] ?? 0).utc)
    expect(first('2026-11-26', '2027-06-01').toISOString()).toContain('2026-11-23')
    expect(first('2026-11-26', '2028-06-01').toISOString()).toContain('2026-11-01')
    expect(first('2026-11-26', '2036-06-01').toISOString()).toContain('2026-10-01')
  })

  it('has a caption where a month begins, none that is too close to the next', () => {
    const { captions } = scale('2026-11-26', '2027-02-20')
    expect(captions).toEqual([
      { column: 2, text: 'Dec 26' },
      { column: 6, text: 'Jan 27' },
      { column: 10, text: 'Feb 27' },
    ])
  })

  it('shows the time around today of more than fits', () => {
    const { unit, starts } = scale('1901-01-01', '9999-12-31', '2026-11-26')
    expect([unit, starts.length]).toEqual(['quarter', COLUMNS])
    expect(new Date(dateOf(starts[0] ?? 0).utc).getUTCFullYear()).toBe(2021)
  })

  it('has today and every day of the plan in one of its columns, whatever the days', () => {
    const day = fc.integer({ min: dayOf('1990-01-01'), max: dayOf('2060-01-01') })
    fc.assert(
      fc.property(day, day, day, (one, other, today) => {
        const [from, to] = [Math.min(one, other, today), Math.max(one, other, today)]
        const { starts, columnOf } = timeScale(from, to, today, COLUMNS, 'es')
        expect(starts.length).toBeLessThanOrEqual(COLUMNS)
        expect(starts).toEqual([...starts].sort((a, b) => a - b))
        const column = columnOf(today)
        expect(starts[column]).toBeLessThanOrEqual(today)
        expect(starts[column + 1] ?? Infinity).toBeGreaterThan(today)
      }),
    )
  })
})
