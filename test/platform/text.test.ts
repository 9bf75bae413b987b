import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fold, lengthOf, tidy } from '../../src/platform/text.ts'

describe('folding', () => {
  it('goes code point by code point, so that parts fold as the whole does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
        const whole = (left + right).normalize('NFC')
        expect(fold(whole)).toBe(Array.from(whole, (character) => character.toLowerCase()).join(''))
      }),
    )
  })

  it('makes no final sigma', () => {
    expect(fold('ΟΔΟΣ')).toBe('οδοσ')
  })
})

describe('tidying', () => {
  it('trims, and makes line feeds of line ends', () => {
    expect(tidy(' a\r\nb ')).toBe('a\nb')
  })

  it('changes nothing that is tidy', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tidy(tidy(text)) === tidy(text)))
  })
})

describe('the length of a text', () => {
  it('is its number of code points', () => {
    expect(lengthOf('a😀e\u0301')).toBe(4)
  })
})
