import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { preferencesIn } from '../../src/platform/prefer.ts'

const all = (header: string | null) => Object.fromEntries(preferencesIn(header))

describe('a Prefer header', () => {
  it.each<[string | null, Record<string, string>]>([
    [null, {}],
    ['', {}],
    ['handling=lenient', { handling: 'lenient' }],
    ['  handling = lenient  ', { handling: 'lenient' }],
    ['Handling=Lenient', { handling: 'Lenient' }],
    ['handling="lenient"', { handling: 'lenient' }],
    ['handling="len\\ient"', { handling: 'lenient' }],
    ['handling=""', { handling: '' }],
    ['handling=', { handling: '' }],
    ['respond-async', { 'respond-async': '' }],
    ['respond-async, wait=100', { 'respond-async': '', wait: '100' }],
    [
      'respond-async,handling=lenient,return=minimal',
      { 'respond-async': '', handling: 'lenient', return: 'minimal' },
    ],
    ['handling=lenient; why="a, b; c"; x', { handling: 'lenient' }],
    ['foo; bar=1, handling=lenient;', { foo: '', handling: 'lenient' }],
    ['foo="a, handling=lenient", return=minimal', { foo: 'a, handling=lenient', return: 'minimal' }],
    ['foo="a\\", handling=lenient", return=minimal', { foo: 'a", handling=lenient', return: 'minimal' }],
    ['handling=strict, handling=lenient', { handling: 'strict' }],
    ['HANDLING=strict, handling=lenient', { handling: 'strict' }],
    [', ,handling=lenient,,', { handling: 'lenient' }],
    ['handling lenient', {}],
    ['handling=len ient, return=minimal', { return: 'minimal' }],
    ['=lenient, handling', { handling: '' }],
    ['"handling=lenient"', {}],
    ['handling="lenient', {}],
    ['x="a, handling=lenient', { handling: 'lenient' }],
    [`x=${'y'.repeat(1000)}, handling=lenient`, {}],
  ])('%s', (header, preferences) => {
    expect(all(header)).toEqual(preferences)
  })

  it('is read as it was written', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    const value = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_.-]{0,8}$/).map((text) => [text, text] as const),
      fc
        .string({ unit: fc.constantFrom('a', ',', ';', '"', '\\', '=', ' '), maxLength: 8 })
        .map((text) => [text, `"${text.replace(/["\\]/g, '\\$&')}"`] as const),
    )
    const parameter = fc.tuple(token, value).map(([name, [, sent]]) => `;${name}=${sent}`)
    const preference = fc.record({ name: token, value, parameters: fc.array(parameter, { maxLength: 2 }) })
    fc.assert(
      fc.property(fc.uniqueArray(preference, { selector: ({ name }) => name, maxLength: 5 }), (list) => {
        const header = list.map(
          ({ name, value: [, sent], parameters }) => `${name}=${sent}${parameters.join('')}`,
        )
        expect(all(header.join(', '))).toEqual(
          Object.fromEntries(list.map(({ name, value: [meant] }) => [name, meant])),
        )
      }),
    )
  })

  it('of any text does no harm', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', ',', ';', '=', 'a', ' ') }), (text) => {
        expect(() => preferencesIn(text)).not.toThrow()
      }),
    )
  })
})
