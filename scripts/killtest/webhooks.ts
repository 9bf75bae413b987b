/** A webhook of the kill test: what the mailbox received must be the history, whatever was killed. */
import { call, type Service } from './service.ts'

const HISTORY = '/api/v1/company/history'
const WEBHOOKS = '/api/v1/company/webhooks'

/** What the mailbox keeps of each try (scripts/mailbox/webhooks.ts). */
interface Received {
  id: string
  verified: boolean
  body: string
}

interface Page {
  entries: { id: string; type: string }[]
  cursor: string
  more: boolean
}

interface Deliveries {
  total: number
  result: { status: string }[]
}

/** Where the webhook is, and from where on the history counts. */
export interface Watch {
  webhookId: string
  cursor: string
}

/** Makes a webhook to the mailbox, which learns its secret. */
export async function watchHistory(service: Service): Promise<Watch> {
  const { body: start } = await call<Page>(service, 'GET', `${HISTORY}/feed`)
  const url = `${service.mailboxUrl}/webhooks`
  const made = await call<{ id: string; secret: string }>(service, 'POST', WEBHOOKS, { url })
  if (made.status !== 200) throw new Error(`POST webhook answered ${made.status}`)
  const learned = await fetch(`${url}/secrets`, {
    method: 'POST',
    body: JSON.stringify({ secret: made.body.secret }),
  })
  if (!learned.ok) throw new Error(`The mailbox answered ${learned.status}`)
  return { webhookId: made.body.id, cursor: start.cursor }
}

/** How many deliveries are still under way. */
export async function pendingDeliveries(service: Service, { webhookId }: Watch): Promise<number> {
  let pending = 0
  for (let from = 0, total = 1; from < total; from += 100) {
    const path = `${WEBHOOKS}/${webhookId}/deliveries?from=${from}&to=${from + 100}`
    const { body } = await call<Deliveries>(service, 'GET', path)
    pending += body.result.filter(({ status }) => status === 'PENDING').length
    total = body.total
  }
  return pending
}

/** Every entry of the history was received, signed; and each `webhook-id` came with one body. */
export async function checkReceived(
  service: Service,
  watch: Watch,
): Promise<{ entries: number; tries: number; problems: string[] }> {
  const response = await fetch(`${service.mailboxUrl}/webhooks`)
  const received = JSON.parse(await response.text()) as Received[]
  const bodies = new Map<string, Set<string>>()
  for (const { id, body } of received) bodies.set(id, (bodies.get(id) ?? new Set()).add(body))
  const known = new Set(
    received
      .filter(({ verified }) => verified)
      .map(({ body }) => (JSON.parse(body) as { data: { historyId?: string } }).data.historyId),
  )
  const entries = await feedSince(service, watch.cursor)
  return {
    entries: entries.length,
    tries: received.length,
    problems: [
      ...entries.flatMap(({ id, type }) => (known.has(id) ? [] : [`${type} ${id} was not delivered`])),
      ...[...bodies].flatMap(([id, { size }]) => (size === 1 ? [] : [`${id} came with ${size} bodies`])),
      ...received.filter(({ verified }) => !verified).map(({ id }) => `${id} was not signed rightly`),
    ],
  }
}

async function feedSince(service: Service, since: string): Promise<Page['entries']> {
  const entries: Page['entries'] = []
  for (let cursor = since, more = true; more;) {
    const path = `${HISTORY}/feed?limit=100&after=${encodeURIComponent(cursor)}`
    const { body } = await call<Page>(service, 'GET', path)
    entries.push(...body.entries)
    ;({ cursor, more } = body)
  }
  return entries
}
