import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cellText,
  cutText,
  escapeLookalikes,
  escapeXml,
  MAX_CELL_TEXT,
} from '../../../src/exports/workbook/text.ts'
import { expectedText, hostileText } from './hostile.ts'

describe('text of a cell', () => {
  it('keeps what XML allows, at any length', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(cellText(text)).toBe(expectedText(text))
      }),
    )
  })

  it.each(['=1+1', '+x', '-x', '@x', ' spaces ', 'a\nb\tc', '😀', '\u007f\u0085\u2028'])(
    'leaves %j alone',
    (text) => {
      expect(cellText(text)).toBe(text)
    },
  )

  it('drops what XML 1.0 forbids', () => {
    expect(cellText('a\u0000b\u0008c\u000bd\u001fe\ufffef\uffffg\ud800h\udc00i')).toBe('abcdefghi')
  })

  it('cuts beyond 32,767 units with an ellipsis, never within a surrogate pair', () => {
    expect(cellText('x'.repeat(MAX_CELL_TEXT))).toHaveLength(MAX_CELL_TEXT)
    expect(cellText('x'.repeat(MAX_CELL_TEXT + 1))).toBe(`${'x'.repeat(MAX_CELL_TEXT - 1)}…`)
    expect(cellText(`${'x'.repeat(MAX_CELL_TEXT - 2)}😀😀`)).toBe(`${'x'.repeat(MAX_CELL_TEXT - 2)}…`)
  })

  it('cuts at code points', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, units) => {
        const cut = cutText(text, units)
        expect(cut.isWellFormed()).toBe(true)
        expect(
          text.startsWith(cut) && cut.length <= units && cut.length >= Math.min(text.length, units - 1),
        ).toBe(true)
      }),
    )
  })
})

describe('escapes', () => {
  it('are undone by who reads `_xHHHH_`', () => {
    const read = (text: string) =>
      text.replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(read(escapeLookalikes(text))).toBe(text)
      }),
    )
    expect(escapeLookalikes('_x0041_ _x41_ x_y')).toBe('_x005F_x0041_ _x41_ x_y')
  })

  it('of XML leave no markup', () => {
    expect(escapeXml('<a b="c">&amp;')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;amp;')
  })
})
