import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelay } from '../../src/platform/back-off.ts'
import { ID_PATTERN } from '../../src/platform/ids.ts'
import { newId } from '../../src/platform/new-id.ts'
import { preferredLocale } from '../../src/platform/locale.ts'
import { networkOf } from '../../src/platform/rate-limit.ts'
import { fold, lengthOf, tidy } from '../../src/platform/text.ts'
import { isTimeZone, parseInstant, toIso } from '../../src/platform/time.ts'

describe('instants', () => {
  it.each([
    ['2026-11-23T18:19:00.000Z', '2026-11-23T18:19:00.000Z'],
    ['2026-11-23T19:19:00+01:00', '2026-11-23T18:19:00.000Z'],
    ['2026-11-23T18:19Z', '2026-11-23T18:19:00.000Z'],
    ['2026-11-23T18:19:00.123456-0030', '2026-11-23T18:49:00.123Z'],
    ['20261123T181900Z', '2026-11-23T18:19:00.000Z'],
    ['2024-02-29T00:00:00+14', '2024-02-28T10:00:00.000Z'],
    ['2026-11-23T24:00:00Z', '2026-11-24T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01T00:59:60.5+01:00', '2017-01-01T00:00:00.500Z'],
    ['2026-329T10:00Z', '2026-11-25T10:00:00.000Z'],
    ['2026329T1000Z', '2026-11-25T10:00:00.000Z'],
    ['2024-366T00:00Z', '2024-12-31T00:00:00.000Z'],
    ['2026-W48-1T10:00Z', '2026-11-23T10:00:00.000Z'],
    ['2026W481T10Z', '2026-11-23T10:00:00.000Z'],
    ['2026-W01-1T00:00Z', '2025-12-29T00:00:00.000Z'],
    ['2026-W53-7T00:00Z', '2027-01-03T00:00:00.000Z'],
    ['2026-11-23T10:00.5Z', '2026-11-23T10:00:30.000Z'],
    ['2026-12-31T23:59:59.999999999Z', '2026-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999Z'],
    ['2026-11-23T10:00.29Z', '2026-11-23T10:00:17.400Z'],
    ['2026-11-23T10,25Z', '2026-11-23T10:15:00.000Z'],
  ])('%s is %s', (text, iso) => {
    const time = parseInstant(text)
    expect(time === null ? null : toIso(time)).toBe(iso)
  })

  it.each([
    '',
    'tomorrow',
    '2026-11-23',
    '2026-11-23T18:19:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-23T25:00:00Z',
    '2026-11-23T18:60:00Z',
    '2026-11-23T24:00:01Z',
    '2026-02-29T24:00:00Z',
    '2026-11-23T18:19:60Z',
    '2026-11-23T23:59:60Z',
    '9999-12-31T24:00:00Z',
    '2026-11-23T18:19:00+25:00',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '2026-1123T00:00:00Z',
    '2026-11-23T18:19:00ZZ',
    '+012026-11-23T18:19:00Z',
    '2026-366T00:00Z',
    '2026-000T00:00Z',
    '2025-W53-1T00:00Z',
    '2026-W00-1T00:00Z',
    '2026-W48-0T00:00Z',
    '2026-W48-8T00:00Z',
    '2026-W481T00:00Z',
    '2026-11-23T24.5Z',
    `2026-11-23T18:19:00.${'0'.repeat(50)}Z`,
  ])('%s is none', (text) => {
    expect(parseInstant(text)).toBeNull()
  })

  it('survive being written and read', () => {
    const times = fc.integer({ min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31) })
    fc.assert(fc.property(times, (time) => parseInstant(toIso(time)) === time))
  })
})

describe('text', () => {
  it('is folded code point by code point, so that parts fold as the whole does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
        const whole = (left + right).normalize('NFC')
        expect(fold(whole)).toBe(Array.from(whole, (character) => character.toLowerCase()).join(''))
      }),
    )
    expect(fold('ΟΔΟΣ')).toBe('οδοσ')
  })

  it('is tidied once for all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tidy(tidy(text)) === tidy(text)))
    expect(tidy(' a\r\nb ')).toBe('a\nb')
    expect(lengthOf('a😀e\u0301')).toBe(4)
  })
})

it('makes ids in the order of time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.integer({ min: 1, max: 1000 }),
      (second, later) => {
        const [one, two] = [newId(second * 1000 + 999), newId((second + later) * 1000)]
        expect(one).toMatch(ID_PATTERN)
        expect(parseInt(one.slice(0, 8), 16)).toBe(second)
        expect(one < two || second + later > 0xffffffff).toBe(true)
      },
    ),
  )
})

it('waits at most 5 s before the first retry, about double each time, and as long as it was told', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.option(fc.integer({ min: 0, max: 40_000 })),
      (attempts, told) => {
        const delay = retryDelay(attempts, told)
        expect(Number.isInteger(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual(
          Math.max(Math.floor(Math.min(3 * 2 ** (attempts - 1), 2700)), told ?? 0),
        )
        expect(delay).toBeLessThanOrEqual(Math.max(Math.min(5 * 2 ** (attempts - 1), 4500), told ?? 0))
      },
    ),
  )
})

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['unknown', 'unknown'],
])('knows the network of %s: %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it.each([
  [null, 'en'],
  ['es', 'es'],
  ['es-MX,es;q=0.9,en;q=0.8', 'es'],
  ['en-GB, es;q=0.9', 'en'],
  ['fr, es;q=0.2', 'es'],
  ['es;q=0, fr', 'en'],
  ['*', 'en'],
])('prefers by Accept-Language %s: %s', (header, locale) => {
  expect(preferredLocale(header)).toBe(locale)
})

it('knows time zones by their names', () => {
  expect(['Europe/Madrid', 'UTC', 'America/Argentina/Buenos_Aires'].every(isTimeZone)).toBe(true)
  expect(['', '+01:00', 'Mars/Olympus', 'Europe/Madrid ', '01:00'].some(isTimeZone)).toBe(false)
})
