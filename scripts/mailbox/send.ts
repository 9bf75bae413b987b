/** The provider's `POST /emails`: what it accepts, and what an Idempotency-Key promises for 24 hours. */
import { createHash, randomUUID } from 'node:crypto'
import type { LineLog } from './line-log.ts'
import type { StoredMail } from './mails.ts'

const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000

export interface Answer {
  status: number
  body: unknown
}

type Message = Record<'from' | 'subject', string> &
  Record<'text' | 'html', string | null> & { to: string | string[]; headers: Record<string, string> }

export function refusal(status: number, name: string, message: string): Answer {
  return { status, body: { statusCode: status, name, message } }
}

/** Accepts mails into a log. One instance per log: it also knows which keys are being worked on. */
export class Sender {
  readonly #log: LineLog<StoredMail>
  /** Idempotency keys of requests whose mail is not on disk yet, with the hash of their bodies. */
  readonly #inFlight = new Map<string, string>()

  constructor(log: LineLog<StoredMail>) {
    this.#log = log
  }

  async send(rawBody: string, key: string | null): Promise<Answer> {
    if (key !== null && (key.length < 1 || key.length > 256)) {
      return refusal(400, 'invalid_idempotency_key', 'The key must be between 1-256 chars.')
    }
    const message = parseMessage(rawBody)
    if (typeof message === 'string') return refusal(422, 'validation_error', message)

    const bodyHash = createHash('sha256')
      .update(canonicalJson(JSON.parse(rawBody)))
      .digest('hex')
    const known = key === null ? null : this.#answerToKnownKey(key, bodyHash)
    if (known) return known

    const id = randomUUID()
    if (key !== null) this.#inFlight.set(key, bodyHash)
    try {
      const createdAt = new Date().toISOString()
      await this.#log.append({ id, ...message, idempotencyKey: key, createdAt, bodyHash })
    } finally {
      if (key !== null) this.#inFlight.delete(key)
    }
    return { status: 200, body: { id } }
  }

  #answerToKnownKey(key: string, bodyHash: string): Answer | null {
    const oldest = Date.now() - KEY_LIFETIME_MS
    const sent = this.#log.items.findLast(
      (mail) => mail.idempotencyKey === key && Date.parse(mail.createdAt) > oldest,
    )
    const earlierHash = sent?.bodyHash ?? this.#inFlight.get(key)
    if (earlierHash === undefined) return null
    if (earlierHash !== bodyHash) {
      return refusal(
        409,
        'invalid_idempotent_request',
        'This idempotency key has been used with another body.',
      )
    }
    if (sent) return { status: 200, body: { id: sent.id } }
    return refusal(
      409,
      'concurrent_idempotent_requests',
      'A request with this idempotency key is in progress.',
    )
  }
}

/** The message in a request body, or what is wrong with it. */
function parseMessage(rawBody: string): Message | string {
  const body = parseObject(rawBody)
  if (!body) return 'The body must be a JSON object.'
  const { from, to, subject, text, html, headers = {} } = body
  if (!isText(from) || !from.includes('@')) return 'The `from` field must be an e-mail address.'
  if (!isRecipients(to)) return 'The `to` field must be 1-50 e-mail addresses.'
  if (!isText(subject)) return 'The `subject` field is missing.'
  if (/[\r\n]/.test(from + subject + String(to))) return 'Headers must be single lines.'
  if (!isHeaders(headers)) return 'The `headers` field must be an object of texts of one line.'
  if (!isText(text) && !isText(html)) return 'Missing `html` or `text` field.'
  const parts = { text: isText(text) ? text : null, html: isText(html) ? html : null }
  return { from, to, subject, ...parts, headers }
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json)
    // An object that is no array has string keys.
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isRecipients(value: unknown): value is string | string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.length >= 1 && list.length <= 50 && list.every((item) => isText(item) && item.includes('@'))
}

function isHeaders(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(
    ([name, text]) => /^[!-9;-~]+$/.test(name) && typeof text === 'string' && !/[\r\n]/.test(text),
  )
}

/** JSON with its members sorted: the same content has the same text, however a client ordered it. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
