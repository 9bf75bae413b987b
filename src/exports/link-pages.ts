/** The pages that a browser gets at the address of a link: why it opens nothing, and what can be done. */
import type { Locale } from '../db/enums.ts'
import { html, pageResponse } from '../platform/page.ts'

/** `expired`: fresh links can be had. `requested`: they were asked for. */
type LinkPage = 'refused' | 'expired' | 'gone' | 'requested'

interface Words {
  title: string
  text: string
}

const WORDS: Record<Locale, Record<LinkPage, Words> & { send: string }> = {
  en: {
    refused: {
      title: 'This link is not valid',
      text: 'Please use the link exactly as it stands in the e-mail, or ask for a new export.',
    },
    expired: {
      title: 'This link has expired',
      text: 'The file is still there. If the export is yours, we can send a new link to your e-mail address.',
    },
    gone: {
      title: 'This file is no longer kept',
      text: 'Please ask for a new export to get a fresh file.',
    },
    requested: {
      title: 'Look into your inbox',
      text: 'If this is still your export, a new link is on its way. It goes to whoever asked for the export and to nobody else, at most once an hour.',
    },
    send: 'Send me a new link',
  },
  es: {
    refused: {
      title: 'Este enlace no es válido',
      text: 'Usa el enlace tal como está en el correo o pide una nueva exportación.',
    },
    expired: {
      title: 'Este enlace ha caducado',
      text: 'El archivo sigue disponible. Si la exportación es tuya, podemos enviar un enlace nuevo a tu dirección de correo.',
    },
    gone: {
      title: 'Este archivo ya no se conserva',
      text: 'Pide una nueva exportación para obtener un archivo nuevo.',
    },
    requested: {
      title: 'Mira tu correo',
      text: 'Si esta exportación sigue siendo tuya, un enlace nuevo está en camino. Solo se envía a quien pidió la exportación, como mucho una vez por hora.',
    },
    send: 'Enviarme un enlace nuevo',
  },
}

const STATUS: Record<LinkPage, number> = { refused: 403, expired: 410, gone: 410, requested: 200 }

/** The page, without user text. That of an expired link has a button, which posts to the very address of the page. */
export function linkPage(page: LinkPage, locale: Locale): Promise<Response> {
  const words = WORDS[locale]
  const { title, text } = words[page]
  const hasForm = page === 'expired'
  const form = html`<form method="post"><button type="submit">${words.send}</button></form>`
  return pageResponse({
    locale,
    title: `${title} · Action Plans`,
    content: html`<h1>${title}</h1>
      <p>${text}</p>
      ${hasForm && form}`,
    status: STATUS[page],
    hasForm,
  })
}
