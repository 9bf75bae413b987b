/** The pages at the address that switches reminders off, without anything about a user. */
import type { Locale } from '../db/enums.ts'
import { html, pageResponse } from '../platform/page.ts'

type SwitchOffPage = 'asks' | 'done' | 'refused'

interface Words {
  title: string
  text: string
}

const WORDS: Record<Locale, Record<SwitchOffPage, Words> & { button: string }> = {
  en: {
    asks: {
      title: 'No more reminders?',
      text: 'You would get no more e-mails that list your open work. Everything else stays as it is.',
    },
    done: {
      title: 'Reminders are off',
      text: 'You get no more of these e-mails. In your settings you can switch them on again.',
    },
    refused: {
      title: 'This link is not valid',
      text: 'Please use the link exactly as it stands in the e-mail, or switch reminders off in your settings.',
    },
    button: 'Switch reminders off',
  },
  es: {
    asks: {
      title: '¿No más recordatorios?',
      text: 'Dejarías de recibir los correos con tu trabajo pendiente. Todo lo demás sigue igual.',
    },
    done: {
      title: 'Recordatorios desactivados',
      text: 'Ya no recibirás estos correos. Puedes volver a activarlos en tus ajustes.',
    },
    refused: {
      title: 'Este enlace no es válido',
      text: 'Usa el enlace tal como está en el correo o desactiva los recordatorios en tus ajustes.',
    },
    button: 'Desactivar los recordatorios',
  },
}

/** The page; the one that asks has a button, which posts to the very address of the page. */
export function switchOffPage(page: SwitchOffPage, locale: Locale): Promise<Response> {
  const words = WORDS[locale]
  const { title, text } = words[page]
  const hasForm = page === 'asks'
  return pageResponse({
    locale,
    title: `${title} · Action Plans`,
    content: html`<h1>${title}</h1>
      <p>${text}</p>
      ${hasForm && html`<form method="post"><button type="submit">${words.button}</button></form>`}`,
    status: page === 'refused' ? 403 : 200,
    hasForm,
  })
}
