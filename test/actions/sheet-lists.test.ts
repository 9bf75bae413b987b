/** Lists in one cell: whatever is joined is taken apart again. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cellOf, itemsIn } from '../../src/actions/sheet-lists.ts'

/** Names and ids as they are stored: trimmed, and not empty. */
const item = fc
  .string({
    unit: fc.oneof(fc.constantFrom(';', '"', ' ', ':', '/', '\n', 'a', '""', '"; "'), fc.string()),
    maxLength: 12,
  })
  .map((text) => text.trim())
  .filter((text) => text !== '')

it('any list comes back from its cell', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 6 }), (items) => {
      expect(itemsIn(cellOf(items))).toEqual(items)
    }),
    { numRuns: 2000 },
  )
})

it('any text is taken apart, in no more pieces than it has separators', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(';', '"', ' ', '\n', 'a'), maxLength: 30 }), (text) => {
      expect(itemsIn(text).length).toBeLessThanOrEqual(text.split(/[;\n]/).length)
      expect(itemsIn(cellOf(itemsIn(text)))).toEqual(itemsIn(text))
    }),
    { numRuns: 2000 },
  )
})

it.each([
  ['a; b', ['a', 'b']],
  [' a ;b\nc;; ', ['a', 'b', 'c']],
  ['"a; b"; c', ['a; b', 'c']],
  ['"a ""x"" b" ; c', ['a "x" b', 'c']],
  // What an earlier export or a person has written without closing quotes.
  ['"Fast" team; b', ['"Fast" team', 'b']],
  ['"open; b', ['"open', 'b']],
  ['', []],
])('%j holds %j', (text, items) => {
  expect(itemsIn(text)).toEqual(items)
})
