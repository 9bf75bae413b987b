/**
 * The port to the HTTP mail provider (Resend's POST /emails). The provider drops a second request with the same
 * Idempotency-Key for 24 h if its body has the same bytes, and refuses it for good otherwise.
 */
import * as z from '@zod/mini'
import type { Settings } from '../settings.ts'

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  /** The same for every try of the same mail. */
  idempotencyKey: string
}

/** `retry`: not now, perhaps later, `afterSeconds` if the provider said when. `refused`: never. */
export type MailOutcome =
  | { kind: 'accepted' }
  | { kind: 'retry'; reason: string; afterSeconds: number | null }
  | { kind: 'refused'; reason: string }

const TIMEOUT_MILLISECONDS = 10_000

const errorBody = z.object({ name: z.optional(z.string()) })

/** Sends one mail; a failing network is a `retry`, never an exception. */
export async function sendMail(settings: Settings, mail: Mail): Promise<MailOutcome> {
  try {
    const response = await fetch(emailsUrl(settings), {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${settings.MAIL_API_KEY}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': mail.idempotencyKey,
      },
      body: JSON.stringify({
        from: settings.MAIL_FROM,
        to: [mail.to],
        subject: headerText(mail.subject),
        text: mail.text,
        html: mail.html,
      }),
      // A mail goes where the settings say and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    })
    return outcomeOf(response, await response.text())
  } catch {
    return { kind: 'retry', reason: 'The mail provider did not answer.', afterSeconds: null }
  }
}

function emailsUrl({ MAIL_API_URL }: Settings): URL {
  const url = new URL(MAIL_API_URL)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/emails`
  return url
}

function outcomeOf(response: Response, body: string): MailOutcome {
  const { status } = response
  if (response.ok) return { kind: 'accepted' }
  const reason = `The mail provider answered ${String(status)}.`
  const inFlight = status === 409 && errorName(body) === 'concurrent_idempotent_requests'
  if (status < 400 || status === 429 || status >= 500 || inFlight) {
    return { kind: 'retry', reason, afterSeconds: retryAfter(response.headers.get('Retry-After')) }
  }
  return { kind: 'refused', reason }
}

function errorName(body: string): string | undefined {
  try {
    return errorBody.safeParse(JSON.parse(body)).data?.name
  } catch {
    return undefined
  }
}

/** Seconds of a Retry-After header, given as seconds or as a date (RFC 9110 §10.2.3). */
function retryAfter(header: string | null): number | null {
  if (header === null) return null
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}

/** One line: what would end a header or begin another is a space. */
function headerText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
