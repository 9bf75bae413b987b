/**
 * A local stand-in for the mail provider, and a receiver of webhooks: their HTTP APIs, and an inbox to look at. The worker
 * talks to both exactly as to real ones, so nothing in `src/` exists only for development.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LineLog } from './mailbox/line-log.ts'
import type { Mail, StoredMail } from './mailbox/mails.ts'
import { inboxPage, messagePage, PAGE_POLICY } from './mailbox/page.ts'
import { refusal, Sender, type Answer } from './mailbox/send.ts'
import { learnSecret, receive, type ReceiverLogs } from './mailbox/webhooks.ts'

const MAX_BODY_BYTES = 10 * 1024 * 1024
const TOO_LARGE = refusal(413, 'validation_error', 'The body is too large.')

interface MailboxOptions {
  /** 0 takes any free port. */
  port: number
  stateDir: string
  /** The bearer key that senders must show; reading needs none. */
  apiKey: string
}

export interface Mailbox {
  url: string
  close: () => Promise<void>
}

export async function startMailbox({ port, stateDir, apiKey }: MailboxOptions): Promise<Mailbox> {
  const log = await LineLog.open<StoredMail>(stateDir, 'mailbox.jsonl')
  const logs: ReceiverLogs = {
    received: await LineLog.open(stateDir, 'webhooks.jsonl'),
    secrets: await LineLog.open(stateDir, 'webhook-secrets.jsonl'),
  }
  const sender = new Sender(log)

  async function post(request: IncomingMessage): Promise<Answer> {
    const shown = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (shown === undefined) return refusal(401, 'missing_api_key', 'Missing API key.')
    if (shown !== apiKey) return refusal(401, 'invalid_api_key', 'API key is invalid.')
    const body = await readBody(request)
    if (body === null) return TOO_LARGE
    const key = request.headers['idempotency-key']
    return sender.send(body, typeof key === 'string' ? key : null)
  }

  async function postWebhook(request: IncomingMessage, path: string): Promise<Answer> {
    const body = await readBody(request)
    if (body === null) return TOO_LARGE
    if (path === '/webhooks/secrets') return learnSecret(logs, body)
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const)
    return receive(logs, Object.fromEntries(headers), body)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://mailbox').pathname
    const id = /^\/(?:emails|messages)\/([^/]+)$/.exec(path)?.[1]
    const mail = id === undefined ? undefined : log.items.find((candidate) => candidate.id === id)
    const reads = request.method === 'GET' || request.method === 'HEAD'

    if (path === '/emails' && request.method === 'POST') {
      const answer = await post(request)
      json(response, answer.status, answer.body)
    } else if ((path === '/webhooks' || path === '/webhooks/secrets') && request.method === 'POST') {
      const answer = await postWebhook(request, path)
      json(response, answer.status, answer.body)
    } else if (!reads) json(response, 405, refusal(405, 'method_not_allowed', 'Method not allowed.').body)
    else if (path === '/emails') json(response, 200, log.items.toReversed().map(shown))
    else if (path === '/webhooks') json(response, 200, logs.received.items.toReversed())
    else if (path === '/') html(response, inboxPage(log.items.toReversed(), logs.received.items.toReversed()))
    else if (mail && path.startsWith('/emails/')) json(response, 200, shown(mail))
    else if (mail) html(response, messagePage(shown(mail)))
    else json(response, 404, refusal(404, 'not_found', 'Not found.').body)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      console.error('mailbox:', error)
      if (!response.headersSent) {
        json(response, 500, refusal(500, 'application_error', 'The mail was not stored.').body)
      }
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server that listens has an address of this form.
  const { port: actualPort } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${actualPort}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await Promise.all([log, logs.received, logs.secrets].map((open) => open.close()))
    },
  }
}

/** A mail that an older version kept has no headers. */
function shown({ bodyHash: _, ...mail }: StoredMail | Omit<StoredMail, 'headers'>): Mail {
  return { headers: {}, ...mail }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const decoder = new TextDecoder()
  let bytes = 0
  let body = ''
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return null
    body += decoder.decode(chunk, { stream: true })
  }
  return body + decoder.decode()
}

function json(response: ServerResponse, status: number, body: unknown): void {
  const headers = body === null ? {} : { 'content-type': 'application/json' }
  response.writeHead(status, { ...headers, 'cache-control': 'no-store' })
  response.end(body === null ? undefined : JSON.stringify(body))
}

function html(response: ServerResponse, body: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  response.end(body)
}
