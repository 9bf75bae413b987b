/** Stands in for the queues and the mail provider: keeps what is sent, and delivers messages when a test says so. */
import { createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import worker from '../../src/index.ts'
import { contextOf } from './context.ts'

export interface SentMail {
  from: string
  to: string[]
  subject: string
  text: string
  html: string
  headers: Record<string, string>
  key: string
}

/** A try of a delivery, as its receiver got it. */
export interface Received {
  url: string
  headers: Record<string, string>
  body: string
  /** What becomes of a redirect. */
  redirect: string
  /** Ends when the sender waits no longer. */
  signal: AbortSignal
}

/** How the provider answers next; the default accepts. */
export type MailAnswer = (request: Request, body: string) => Response | Promise<Response>

export interface Background {
  /** Bodies sent to the export queue and not yet delivered. */
  exports: unknown[]
  /** Bodies sent to the queue of sign-in mails and not yet delivered. */
  codes: unknown[]
  /** What the provider accepted, duplicates dropped as it does. */
  mails: SentMail[]
  /** Every body it was sent, in order. */
  tries: { key: string; body: string }[]
  answerMail(answer: MailAnswer | null): void
  /** Bodies sent to the queue of webhooks and not yet delivered. */
  webhooks: unknown[]
  /** Bodies sent to the queue of reminders and not yet delivered. */
  reminders: unknown[]
  /** Those that are to come later. */
  delayed: { body: unknown; delaySeconds: number }[]
  /** What receivers of webhooks got, in order. */
  received: Received[]
  /** How receivers answer; the default is 204. */
  answerWebhook(answer: (received: Received) => Response | Promise<Response>): void
}

/** Replaces queues and provider for one test; `test/setup.ts` restores the mocks after it. */
export function catchBackground(): Background {
  let answer: MailAnswer | null = null
  let answerReceived = (_received: Received): Response | Promise<Response> =>
    new Response(null, { status: 204 })
  const background: Background = {
    exports: [],
    codes: [],
    mails: [],
    tries: [],
    answerMail(next) {
      answer = next
    },
    webhooks: [],
    reminders: [],
    delayed: [],
    received: [],
    answerWebhook(next) {
      answerReceived = next
    },
  }
  const sent = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
  vi.spyOn(env.EXPORTS, 'send').mockImplementation(async (body: unknown) => {
    background.exports.push(body)
    return sent
  })
  vi.spyOn(env.SIGN_IN_MAIL, 'send').mockImplementation(async (body: unknown) => {
    background.codes.push(body)
    return sent
  })
  vi.spyOn(env.WEBHOOKS, 'sendBatch').mockImplementation(async (messages) => {
    for (const { body, delaySeconds } of messages)
      if (delaySeconds) background.delayed.push({ body, delaySeconds })
      else background.webhooks.push(body)
    return sent
  })
  vi.spyOn(env.WEBHOOKS, 'send').mockImplementation(async (body: unknown) => {
    background.webhooks.push(body)
    return sent
  })
  vi.spyOn(env.REMINDERS, 'send').mockImplementation(async (body: unknown) => {
    background.reminders.push(body)
    return sent
  })
  vi.spyOn(env.REMINDERS, 'sendBatch').mockImplementation(async (messages) => {
    for (const { body } of messages) background.reminders.push(body)
    return sent
  })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const body = await request.clone().text()
    if (request.headers.has('webhook-id')) {
      const { url, redirect, signal } = request
      const received = { url, headers: Object.fromEntries(request.headers), body, redirect, signal }
      background.received.push(received)
      return answerReceived(received)
    }
    const key = request.headers.get('Idempotency-Key') ?? ''
    background.tries.push({ key, body })
    if (answer) return answer(request, body)
    return accept(background, request, body, key)
  })
  return background
}

/** The provider's own rules: a key's second body is dropped if it is the same, refused if it is not. */
function accept(background: Background, request: Request, body: string, key: string): Response {
  if (request.headers.get('Authorization') !== 'Bearer test-mail-key')
    return new Response('{}', { status: 401 })
  const earlier = background.tries.find((sent) => sent.key === key)
  if (earlier && earlier.body !== body)
    return new Response('{"name":"invalid_idempotent_request"}', { status: 409 })
  if (!background.mails.some((mail) => mail.key === key)) {
    background.mails.push({ ...(JSON.parse(body) as Omit<SentMail, 'key'>), key })
  }
  return Response.json({ id: key })
}

export interface Delivery {
  acked: boolean
  /** Seconds to wait before the next try, if it is to be tried again. */
  retryAfter: number | null
}

/** Delivers one message to its consumer, as the `attempts`-th try. */
export async function deliver(
  queue: string,
  body: unknown,
  attempts = 1,
  inEnv: Env = env,
): Promise<Delivery> {
  const batch = createMessageBatch(queue, [{ id: 'message', timestamp: new Date(), attempts, body }])
  const [message] = batch.messages
  const retry = message && vi.spyOn(message, 'retry')
  const context = contextOf(inEnv)
  await worker.queue(batch, inEnv, context)
  const result = await getQueueResult(batch, context)
  const delay = retry?.mock.calls[0]?.[0]?.delaySeconds ?? null
  retry?.mockRestore()
  return { acked: result.explicitAcks.includes('message'), retryAfter: delay }
}

/** Delivers every waiting export message, and those that follow from them. */
export async function deliverExports(background: Background): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  for (let body = background.exports.shift(); body !== undefined; body = background.exports.shift()) {
    deliveries.push(await deliver('action-plans-exports', body))
  }
  return deliveries
}
