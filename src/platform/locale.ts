/** Which of the supported languages a request prefers (RFC 9110 §12.5.4). */
import { type Locale, LOCALES } from '../db/enums.ts'

/** Only this many characters of Accept-Language are read, so that a long hostile header costs little. */
const MOST_RANGES_LENGTH = 1000

/** The header as the OpenAPI document shows it, where it has an effect. */
export const ACCEPT_LANGUAGE = {
  name: 'Accept-Language',
  in: 'header',
  required: false,
  description: `Languages by preference (RFC 9110 §12.5.4); of use are ${LOCALES.map((locale) => `\`${locale}\``).join(' and ')}`,
} as const

/** The language for somebody whom no setting of a person or company tells: English unless Spanish ranks first. */
export function preferredLocale(acceptLanguage: string | null): Locale {
  return namedLocale(acceptLanguage) ?? 'en'
}

/** The language for somebody: the own one, the one that the request prefers, that of the company. */
export function languageFor(own: Locale | null, acceptLanguage: string | null, company: Locale): Locale {
  return own ?? namedLocale(acceptLanguage) ?? company
}

/** The language that Accept-Language ranks first of ours; null if it names none. */
export function namedLocale(acceptLanguage: string | null): Locale | null {
  const ranked = (acceptLanguage ?? '')
    .slice(0, MOST_RANGES_LENGTH)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return { language: tag.split('-', 1)[0], quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality)
  for (const { language } of ranked) {
    const locale = LOCALES.find((known) => known === language)
    if (locale) return locale
  }
  return null
}
