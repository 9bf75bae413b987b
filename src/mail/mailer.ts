/**
 * The port to the HTTP mail provider (Resend's POST /emails). For 24 h, the provider drops a second request with the
 * same Idempotency-Key if its body has the same bytes, and refuses it for good if not.
 */
import * as z from '@zod/mini'
import type { Settings } from '../settings.ts'

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  /** Must be the same for every try of one mail. */
  idempotencyKey: string
  /** Header fields of its own. */
  headers?: Readonly<Record<string, string>>
}

/** `retry`: try again later, after `afterSeconds` if the provider named a time. `refused`: never try again. */
export type MailOutcome =
  | { kind: 'accepted' }
  | { kind: 'retry'; reason: string; afterSeconds: number | null }
  | { kind: 'refused'; reason: string }

const TIMEOUT_MILLISECONDS = 10_000

const errorBody = z.object({ name: z.optional(z.string()) })

/** Sends one mail. Throws nothing: a network failure or timeout is a `retry`. */
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
        // So that out-of-office replies and the like stay away (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated', ...headersOf(mail) },
      }),
      // A redirect is not followed: mails go only to the provider in the settings.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    })
    return outcomeOf(response, await response.text())
  } catch {
    return { kind: 'retry', reason: 'The mail provider did not answer.', afterSeconds: null }
  }
}

function headersOf({ headers = {} }: Mail): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, headerText(text)]))
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

/** The seconds of a Retry-After header, which may be seconds or a date (RFC 9110 §10.2.3); null if it is neither. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}

/**
 * The text on one line: line breaks and control characters, which could end the header or begin another, become blanks.
 */
function headerText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
