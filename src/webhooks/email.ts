/** The e-mail about a webhook that was switched off, pure. */
import type { Locale } from '../db/enums.ts'
import { written } from '../mail/layout.ts'
import type { Mail } from '../mail/mailer.ts'
import { ofUser, phrase } from '../mail/phrase.ts'

const WORDS = {
  en: {
    subject: (host: string) => phrase`Your webhook to ${ofUser(host)} was switched off`,
    text: (host: string) =>
      phrase`Your webhook to ${ofUser(host)} was switched off: for five days it accepted nothing, or it answered that it is gone (410).`,
    advice: 'Nothing is sent to it any more. Once it works again, you can switch it on with',
    id: 'Webhook',
    reason: 'You receive this e-mail because you made this webhook.',
  },
  es: {
    subject: (host: string) => phrase`Tu webhook a ${ofUser(host)} se ha desactivado`,
    text: (host: string) =>
      phrase`Tu webhook a ${ofUser(host)} se ha desactivado: durante cinco días no ha aceptado nada, o ha respondido que ya no existe (410).`,
    advice: 'Ya no se le envía nada. Cuando vuelva a funcionar, puedes activarlo con',
    id: 'Webhook',
    reason: 'Recibes este correo porque creaste este webhook.',
  },
} as const

export interface SwitchedOffFacts {
  webhookId: string
  host: string
  to: string
  switchedOffAt: number
  locale: Locale
  name: string | null
  companyName: string | null
  accentColor: string | null
}

/** The mail to the user of the webhook. The same facts give the same bytes. */
export function switchedOffMail({
  webhookId,
  host,
  to,
  switchedOffAt,
  ...addressed
}: SwitchedOffFacts): Mail {
  const { subject, text, advice, id, reason } = WORDS[addressed.locale]
  const receiver = host.replace(/:443$/, '')
  return {
    to,
    idempotencyKey: `webhook-switched-off-${webhookId}-${String(switchedOffAt)}`,
    ...written({
      ...addressed,
      subject: subject(receiver),
      preheader: text(receiver),
      parts: [
        { kind: 'paragraph', words: text(receiver) },
        { kind: 'facts', facts: [{ label: id, value: [webhookId] }] },
        {
          kind: 'paragraph',
          words: [`${advice} PATCH /api/v1/company/webhooks/${webhookId} {"active": true}.`],
        },
      ],
      reason,
    }),
  }
}
