/** `/`, and the icon that pages show. */
import { LOCALES } from '../db/enums.ts'
import { publicEndpoint } from '../platform/endpoint.ts'
import { ACCEPT_LANGUAGE, preferredLocale } from '../platform/locale.ts'
import { favicon, faviconIco } from './favicon.ts'
import { landingPage } from './landing.ts'

const tag = 'Service'

const landing = publicEndpoint({
  method: 'GET',
  path: '/',
  operationId: 'getLandingPage',
  tag,
  summary: 'What this is, and where to go',
  description: 'In English or Spanish, by `lang`, else by `Accept-Language`.',
  furtherParameters: [
    { name: 'lang', in: 'query', required: false, description: '`en` or `es`' },
    ACCEPT_LANGUAGE,
  ],
  answer: { status: 200, description: 'A page', mediaType: 'text/html' },
  problems: [],
  handle: ({ raw, settings }) => landingPage(localeOf(raw), settings.PUBLIC_URL),
})

/** Other values of `lang` are ignored, as unknown parameters of pages are. */
function localeOf({ url, headers }: Request) {
  const lang = new URL(url).searchParams.get('lang')
  return LOCALES.find((locale) => locale === lang) ?? preferredLocale(headers.get('Accept-Language'))
}

const icon = publicEndpoint({
  method: 'GET',
  path: '/favicon.svg',
  operationId: 'getFavicon',
  tag,
  summary: 'The icon of the service',
  description: 'As SVG, which may be kept for a day.',
  unlimited: true,
  answer: { status: 200, description: 'The icon', mediaType: 'image/svg+xml' },
  problems: [],
  handle: () => Promise.resolve(favicon()),
})

const oldIcon = publicEndpoint({
  method: 'GET',
  path: '/favicon.ico',
  operationId: 'getFaviconIco',
  tag,
  summary: 'The icon of the service, for old browsers',
  description: 'As an .ico file, which may be kept for a day.',
  unlimited: true,
  answer: { status: 200, description: 'The icon', mediaType: 'image/vnd.microsoft.icon' },
  problems: [],
  handle: () => Promise.resolve(faviconIco()),
})

export const pageEndpoints = [landing, icon, oldIcon]
