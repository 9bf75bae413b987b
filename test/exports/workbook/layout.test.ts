import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countLines } from '../../../src/exports/workbook/layout.ts'

it.each([
  ['', 20, 1],
  ['Score: workload, HI', 19, 1],
  ['Score: workplace, HI', 19, 2],
  ['Score: communication, eNPS', 18, 3],
  ['one\ntwo\n\nfour', 20, 4],
  ['x'.repeat(45), 20, 3],
  [`a ${'x'.repeat(45)} b`, 20, 4],
  ['W'.repeat(45), 20, 5],
  ['LAUNCH THE PROGRAMME', 20, 2],
  ['Launch the programme', 20, 1],
  ['ありがとうございます', 10, 2],
  ['👍👍👍', 4, 2],
  [Array.from({ length: 24 }, () => 'Administración,').join(' '), 23, 24],
])('%j in lines of %i needs %i', (text, charactersPerLine, lines) => {
  expect(countLines(text, charactersPerLine)).toBe(lines)
})

it('never counts fewer lines than the characters need, nor loses count of a longer text', () => {
  const word = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom('a', 'm', 'W') })
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 5, max: 60 }),
      (words, width) => {
        const text = words.join(' ')
        const lines = countLines(text, width)
        expect(lines).toBeGreaterThanOrEqual(Math.ceil((text.length - words.length + 1) / width))
        expect(countLines(`${text}\nend`, width)).toBe(lines + 1)
      },
    ),
  )
})
