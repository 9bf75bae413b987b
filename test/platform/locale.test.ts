import { expect, it } from 'vitest'
import { namedLocale, languageFor, preferredLocale } from '../../src/platform/locale.ts'

it.each([
  [null, 'en'],
  ['es', 'es'],
  ['es-MX,es;q=0.9,en;q=0.8', 'es'],
  ['en-GB, es;q=0.9', 'en'],
  ['fr, es;q=0.2', 'es'],
  ['es;q=0, fr', 'en'],
  ['*', 'en'],
])('prefers by the Accept-Language %s the locale %s', (header, locale) => {
  expect(preferredLocale(header)).toBe(locale)
})

it.each([
  [null, null],
  ['fr, de', null],
  ['*', null],
  ['es;q=0', null],
  ['fr, es;q=0.1', 'es'],
])('finds in the Accept-Language %s the locale %s', (header, locale) => {
  expect(namedLocale(header)).toBe(locale)
})

it.each([
  ['es', 'en', 'en', 'es'],
  ['en', 'es', 'es', 'en'],
  [null, 'es', 'en', 'es'],
  [null, 'fr', 'es', 'es'],
  [null, null, 'es', 'es'],
] as const)(
  'takes of %s, Accept-Language %s and the company in %s the first',
  (own, header, company, locale) => {
    expect(languageFor(own, header, company)).toBe(locale)
  },
)
