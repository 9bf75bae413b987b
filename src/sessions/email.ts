/** The e-mail with a sign-in code, pure. */
import type { Locale } from '../db/enums.ts'
import type { Mail } from '../mail/mailer.ts'

const WORDS = {
  en: {
    subject: 'Your sign-in code',
    text: 'Your sign-in code is',
    rest: 'It is valid for 10 minutes and works once. If you did not ask for it, ignore this e-mail.',
  },
  es: {
    subject: 'Tu código de acceso',
    text: 'Tu código de acceso es',
    rest: 'Vale durante 10 minutos y una sola vez. Si no lo has pedido, ignora este correo.',
  },
} as const

export function signInMail(to: string, code: string, codeId: string, locale: Locale): Mail {
  const { subject, text, rest } = WORDS[locale]
  return {
    to,
    subject,
    text: `${text}:\n\n${code}\n\n${rest}\n`,
    html: `<!doctype html><html lang="${locale}"><body style="font-family:sans-serif"><p>${text}:</p><p style="font-size:28px;letter-spacing:4px"><strong>${code}</strong></p><p>${rest}</p></body></html>`,
    idempotencyKey: `sign-in-code-${codeId}`,
  }
}
