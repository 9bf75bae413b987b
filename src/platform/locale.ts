/** Which of the supported languages a request prefers (RFC 9110 §12.5.4). */
import { type Locale, LOCALES } from '../db/enums.ts'

/** Only this many characters of Accept-Language are read, so that a long hostile header costs little. */
const MOST_RANGES_LENGTH = 1000

/** English unless Accept-Language ranks Spanish first. */
export function preferredLocale(acceptLanguage: string | null): Locale {
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
  return 'en'
}
