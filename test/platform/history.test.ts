import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesBetween, entryBytes } from '../../src/platform/history.ts'

describe('changes', () => {
  it('name what differs, with both sides, and nothing else', () => {
    const before = { a: 1, b: ['x'], c: null, d: 'same' }
    expect(changesBetween(before, { a: 2, b: ['x', 'y'], c: null, d: 'same' })).toEqual({
      a: { before: 1, after: 2 },
      b: { before: ['x'], after: ['x', 'y'] },
    })
    expect(changesBetween(before, before)).toEqual({})
  })

  it('cut texts to 200 code points, of which the last says so', () => {
    const full = '😀'.repeat(200)
    const after = changesBetween({ text: '' }, { text: full }).text?.after
    expect(after).toBe(full)
    const cut = changesBetween({ text: '' }, { text: `${full}.` }).text?.after
    expect(cut).toBe(`${'😀'.repeat(199)}…`)
  })

  it('never keep more of a text, and never a half of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const kept = String(changesBetween({ text: null }, { text }).text?.after)
        expect(Array.from(kept).length).toBeLessThanOrEqual(200)
        expect(kept.isWellFormed()).toBe(true)
      }),
    )
  })
})

it('an entry weighs 500 bytes, those of its title and its changes in UTF-8, and its readers', () => {
  const entry = { type: 'plan.updated', planId: 'p', actionId: null, title: 'é', readers: '*' } as const
  expect(entryBytes({ ...entry, changes: { a: { before: 'ü', after: '' } } })).toBe(
    500 + 2 + '{"a":{"before":"ü","after":""}}'.length + 1 + 1,
  )
})
