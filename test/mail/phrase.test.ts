import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shortTitle } from '../../src/mail/phrase.ts'

const MOST = 60

describe('a title for a subject', () => {
  it('stays as it is up to sixty characters', () => {
    const title = 'x'.repeat(MOST)
    expect(shortTitle(title)).toBe(title)
  })

  it('ends with a word where it can', () => {
    expect(shortTitle(`${'long words '.repeat(5)}unbelievably long`)).toBe(
      `${'long words '.repeat(5).trim()}…`,
    )
  })

  it('is cut inside a word that is longer than a step back', () => {
    expect(shortTitle(`a ${'x'.repeat(100)}`)).toBe(`a ${'x'.repeat(MOST - 2)}…`)
  })

  it('splits nothing that is shown as one character', () => {
    const family = '👨‍👩‍👧‍👦'
    expect(shortTitle(family.repeat(MOST + 1))).toBe(`${family.repeat(MOST)}…`)
  })

  it('is never longer, and always well-formed', () => {
    const title = fc.string({ unit: 'grapheme', minLength: 50, maxLength: 200 })
    fc.assert(
      fc.property(title, (text) => {
        const short = shortTitle(text)
        const characters = [...new Intl.Segmenter('en').segment(short)].length
        expect(characters).toBeLessThanOrEqual(MOST + 1)
        expect(short.isWellFormed()).toBe(text.isWellFormed())
        expect(short === text || text.startsWith(short.slice(0, -1))).toBe(true)
      }),
    )
  })
})
