import { expect, it } from 'vitest'
import { preferredLocale } from '../../src/platform/locale.ts'

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
