/** The e-mail with a sign-in code, pure. */
import type { Locale } from '../db/enums.ts'
import { written } from '../mail/layout.ts'
import type { Mail } from '../mail/mailer.ts'

const WORDS = {
  en: {
    subject: 'Your sign-in code',
    text: 'Your sign-in code is:',
    valid: 'It is valid for 10 minutes and works once.',
    reason: 'If you did not ask for it, ignore this e-mail.',
  },
  es: {
    subject: 'Tu código de acceso',
    text: 'Tu código de acceso es:',
    valid: 'Vale durante 10 minutos y una sola vez.',
    reason: 'Si no lo has pedido, ignora este correo.',
  },
} as const

export interface CodeMailFacts {
  codeId: string
  to: string
  locale: Locale
  /** As of the request for the code; null in codes that an older version recorded. */
  name: string | null
  companyName: string | null
  accentColor: string | null
}

/** The mail with a code. The same facts give the same bytes. */
export function signInMail({ codeId, to, ...addressed }: CodeMailFacts, code: string): Mail {
  const { subject, text, valid, reason } = WORDS[addressed.locale]
  return {
    to,
    idempotencyKey: `sign-in-code-${codeId}`,
    ...written({
      ...addressed,
      subject: [subject],
      // Without the code, which lists of mails would show to who looks over a shoulder.
      preheader: [valid],
      parts: [
        { kind: 'paragraph', words: [text] },
        { kind: 'code', code },
        { kind: 'paragraph', words: [valid] },
      ],
      reason,
    }),
  }
}
