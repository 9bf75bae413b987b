import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, expect, it } from 'vitest'
import { webhookDeliveries, webhooks } from '../../src/db/schema.ts'
import { call } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { HOUR, MINUTE, sweep } from '../support/clock.ts'
import { insertDeliveries } from '../support/factories.ts'
import { createWebhook, deliveriesOf, deliverWebhook, deliverWebhooks } from '../support/webhooks.ts'
import { createWorld, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

const database = drizzle(home)
let world: World
let background: Background

beforeEach(async () => {
  await database.delete(webhookDeliveries)
  world = await createWorld()
  background = catchBackground()
})

/** A webhook with deliveries that are due since some time. */
async function overdue(url: string, count: number, since: number, leaseUntil: number | null = null) {
  const { companyId, marc } = world
  const webhook = await createWebhook(marc, { url })
  const fields = {
    companyId,
    webhookId: webhook.id,
    lane: `${new URL(url).hostname}:443 ${companyId}`,
    leaseUntil,
  }
  await insertDeliveries(Array(count).fill({ ...fields, nextTryAt: Date.now() - since }))
  return webhook
}

const statusesOf = async (webhook: Awaited<ReturnType<typeof createWebhook>>) =>
  (await deliveriesOf(webhook)).map(({ status }) => status)

it('a receiver with much that is overdue does not keep the others from being tried', async () => {
  await overdue('https://slow.example.com/', 1100, HOUR)
  const quick = await overdue('https://quick.example.com/', 1, MINUTE)
  await sweep()
  // The first thousand are of the slow one: 20 of them are tried, the others wait, of whom the first is woken.
  expect(background.webhooks.splice(0)).toHaveLength(20 + 1)
  await sweep()
  // What is left of the slow one, and the quick one.
  expect(background.webhooks).toHaveLength(20 + 1 + 1)
  for (const message of background.webhooks.splice(0)) await deliverWebhook(message)
  expect(await statusesOf(quick)).toEqual(['DELIVERED'])
})

it('whoever waits for a host has its turn, also when the message that would wake it is lost', async () => {
  const webhook = await overdue('https://waiting.example.com/', 7, MINUTE, 0)
  await sweep()
  expect(background.webhooks).toHaveLength(1)
  await deliverWebhooks(background)
  expect(await statusesOf(webhook)).toEqual(Array(7).fill('DELIVERED'))
})

it('a deleted webhook is gone at once, and its deliveries after it, however many', async () => {
  const webhook = await overdue('https://gone.example.com/', 2100, 0)
  expect((await call(world.marc, 'DELETE', webhook.path)).status).toBe(204)
  expect((await call(world.marc, 'GET', webhook.path)).status).toBe(404)
  expect((await call(world.marc, 'GET', `${webhook.path}/deliveries`)).status).toBe(404)
  expect((await call(world.marc, 'DELETE', webhook.path)).status).toBe(404)
  const ofWebhook = eq(webhookDeliveries.webhookId, webhook.id)
  expect(await database.$count(webhookDeliveries, ofWebhook)).toBe(2100)
  await sweep()
  await deliverWebhooks(background)
  expect(background.received).toEqual([])
  await sweep()
  expect(await database.$count(webhookDeliveries, ofWebhook)).toBe(0)
  expect(await database.$count(webhooks, eq(webhooks.id, webhook.id))).toBe(0)
})

it('a deleted webhook with few deliveries takes them along', async () => {
  const webhook = await overdue('https://few.example.com/', 3, 0)
  expect((await call(world.marc, 'DELETE', webhook.path)).status).toBe(204)
  expect(await database.$count(webhookDeliveries)).toBe(0)
  expect(await database.$count(webhooks, eq(webhooks.id, webhook.id))).toBe(0)
})
