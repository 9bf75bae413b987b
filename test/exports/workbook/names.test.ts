import fc from 'fast-check'
import { expect, it } from 'vitest'
import { actionSheetName, MAX_SHEET_NAME, sheetReference } from '../../../src/exports/workbook/names.ts'
import { escapeLookalikes } from '../../../src/exports/workbook/text.ts'
import { checkNames, hostileText } from './hostile.ts'

it('gives lawful names, no two alike, whatever the titles', () => {
  fc.assert(
    fc.property(fc.array(hostileText, { maxLength: 12 }), fc.nat({ max: 4_990 }), (titles, first) => {
      checkNames([
        'Summary',
        'Resumen',
        ...titles.map((title, index) => actionSheetName(first + index + 1, title)),
      ])
    }),
    { numRuns: 500 },
  )
})

it.each([
  [1, 'Weekly talks', '1. Weekly talks'],
  [12, 'A title that is far too long for a sheet', '12. A title that is far too'],
  [13, 'Publish salary bands, all levels', '13. Publish salary bands, all'],
  [14, 'Xylophonistenausbildungsprogramm', '14. Xylophonistenausbildungspro'],
  [15, `A ${'x'.repeat(40)}`, `15. A ${'x'.repeat(25)}`],
  [3, 'Q1/Q2: [draft] *new*?', '3. Q1 Q2 draft new'],
  [4, "it's", "4. it's"],
  [5, "'quoted'", "5. 'quoted"],
  [6, '', '6.'],
  [7, 'a\tb\nc', '7. a b c'],
  [8, '_x002F_', '8. _x002F_'],
  [8, '_x0041_ and _x0042_ and _x0043_', '8. _x0041_ and _x0042'],
  [8, '_x005F_x005F_x005F_x005F_x005F_', '8. _x005F_x005F_x00'],
  [9, `${'x'.repeat(27)}😀`, `9. ${'x'.repeat(27)}`],
  [5000, 'x'.repeat(40), `5000. ${'x'.repeat(25)}`],
])('names action %i, %j, as %j', (position, title, name) => {
  expect(actionSheetName(position, title)).toBe(name)
  expect(escapeLookalikes(name).length).toBeLessThanOrEqual(MAX_SHEET_NAME)
})

it('quotes names in references', () => {
  expect(sheetReference("1. it's")).toBe("'1. it''s'")
})
