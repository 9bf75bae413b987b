/** Webhooks for tests: made through the API, and messages delivered by hand. */
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import type { DeliveryView, WebhookView } from '../../src/webhooks/schemas.ts'
import { call, type Slice } from './api.ts'
import { type Background, type Delivery, deliver } from './background.ts'
import type { Person } from './world.ts'

export const WEBHOOKS = '/api/v1/company/webhooks'
export const URL = 'https://hooks.example.com/plans'

export type MadeWebhook = WebhookView & { secret: string; path: string; user: Person }

/** Makes a webhook. */
export async function createWebhook(
  user: Person,
  fields: Record<string, unknown> = {},
  vars: Partial<Env> = {},
): Promise<MadeWebhook> {
  const body = { url: URL, ...fields }
  const reply = await call<WebhookView & { secret: string }>(user, 'POST', WEBHOOKS, { body, vars })
  expect(reply.status, reply.text).toBe(200)
  return { ...reply.body, path: `${WEBHOOKS}/${reply.body.id}`, user }
}

/** Its deliveries as its user sees them, newest first. */
export async function deliveriesOf({
  path,
  user,
}: Pick<MadeWebhook, 'path' | 'user'>): Promise<DeliveryView[]> {
  const reply = await call<Slice<DeliveryView>>(user, 'GET', `${path}/deliveries?to=100`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body.result
}

/** Sends a ping; the message waits in the background. */
export async function ping({ path, user }: Pick<MadeWebhook, 'path' | 'user'>): Promise<DeliveryView> {
  const reply = await call<DeliveryView>(user, 'POST', `${path}/ping`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

/** Delivers one message to the consumer. */
export async function deliverWebhook(message: unknown, attempts = 1, inEnv: Env = env): Promise<Delivery> {
  return deliver(env.WEBHOOKS_QUEUE, message, attempts, inEnv)
}

/** Delivers every waiting message, and those that follow from them. */
export async function deliverWebhooks({ webhooks }: Background): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  for (let body = webhooks.shift(); body !== undefined; body = webhooks.shift()) {
    deliveries.push(await deliverWebhook(body))
  }
  return deliveries
}
