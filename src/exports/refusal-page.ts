/** The page that a browser gets for a link that does not work. Pure. */
import type { Locale } from '../db/enums.ts'
import type { Problem, ProblemCode } from '../platform/problem.ts'

const REFUSED = {
  en: [
    'This link is not valid',
    'Please use the link exactly as it stands in the e-mail, or export the plan again.',
  ],
  es: ['Este enlace no es válido', 'Usa el enlace tal como está en el correo o vuelve a exportar el plan.'],
} as const
const EXPIRED = {
  en: ['This link has expired', 'Please export the plan again to get a fresh file.'],
  es: ['Este enlace ha caducado', 'Vuelve a exportar el plan para obtener un archivo nuevo.'],
} as const
const GONE = {
  en: ['This file is no longer kept', 'Please export the plan again to get a fresh file.'],
  es: ['Este archivo ya no se conserva', 'Vuelve a exportar el plan para obtener un archivo nuevo.'],
} as const

const WORDS: Partial<Record<ProblemCode, typeof REFUSED | typeof EXPIRED | typeof GONE>> = {
  LINK_EXPIRED: EXPIRED,
  FILE_GONE: GONE,
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1f2937}'

/** The page as HTML, without user text, scripts or foreign hosts. */
export function refusalPage(problem: Problem, locale: Locale): Response {
  const [title, text] = (WORDS[problem.code] ?? REFUSED)[locale]
  const html = `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1><p>${text}</p></body></html>`
  return new Response(html, {
    status: problem.status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
  })
}
