import { and, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { users, webhookDeliveries } from '../../src/db/schema.ts'
import { call, codeOf } from '../support/api.ts'
import { type Background, catchBackground, type Received } from '../support/background.ts'
import { HOUR, letPass, MINUTE, sweep } from '../support/clock.ts'
import { insertDelivery, insertEntries, insertPlan } from '../support/factories.ts'
import { createWebhook, deliveriesOf, deliverWebhook, deliverWebhooks, ping } from '../support/webhooks.ts'
import { createWorld, type World } from '../support/world.ts'
import { HOME, home } from '../support/home.ts'

const database = drizzle(home)
let world: World
let background: Background

beforeEach(async () => {
  await database.delete(webhookDeliveries)
  world = await createWorld()
  background = catchBackground()
})

const answer = (status: number) => {
  background.answerWebhook(() => new Response(null, { status }))
}
const isSignedBy = (secret: string, { headers, body }: Received) => {
  try {
    new Webhook(secret).verify(body, headers)
    return true
  } catch {
    return false
  }
}

describe('a try', () => {
  it('is what Standard Webhooks says, verified by its library', async () => {
    const webhook = await createWebhook(world.marc)
    const { id, at } = await ping(webhook)
    await deliverWebhooks(background)
    const [received] = background.received
    if (!received) throw new Error('Nothing came')
    expect(isSignedBy(webhook.secret, received)).toBe(true)
    expect(isSignedBy((await createWebhook(world.marc)).secret, received)).toBe(false)
    expect(received).toMatchObject({ url: webhook.url, redirect: 'manual' })
    expect(received.headers).toMatchObject({ 'webhook-id': id, 'content-type': 'application/json' })
    expect(received.headers['user-agent']).toContain('Action-Plans')
    expect(Object.keys(received.headers).sort()).toEqual([
      ...['content-type', 'user-agent', 'webhook-id', 'webhook-signature', 'webhook-timestamp'],
    ])
    const data = { companyId: world.companyId, webhookId: webhook.id }
    expect(JSON.parse(received.body)).toEqual({ type: 'webhook.ping', timestamp: at, data })
  })

  it('is signed by the secret before as well, for a day after it was replaced', async () => {
    const webhook = await createWebhook(world.marc)
    const { secret } = (await call<{ secret: string }>(world.marc, 'POST', `${webhook.path}/secret`)).body
    await ping(webhook)
    await deliverWebhooks(background)
    // The library refuses old timestamps, by the clock that the test moves.
    const signedBy = () =>
      [secret, webhook.secret].map((each) => background.received.map((one) => isSignedBy(each, one)))
    expect(signedBy()).toEqual([[true], [true]])
    letPass(24 * HOUR)
    background.received.splice(0)
    await insertDelivery({
      companyId: world.companyId,
      webhookId: webhook.id,
      nextTryAt: Date.now() - MINUTE,
    })
    await sweep()
    await deliverWebhooks(background)
    expect(signedBy()).toEqual([[true], [false]])
  })

  it.each([
    [200, 'DELIVERED'],
    [202, 'DELIVERED'],
    [299, 'DELIVERED'],
    [301, 'PENDING'],
    [307, 'PENDING'],
    [400, 'PENDING'],
    [404, 'PENDING'],
    [429, 'PENDING'],
    [500, 'PENDING'],
  ])('that is answered %i leaves the delivery %s', async (status, expected) => {
    const webhook = await createWebhook(world.marc)
    background.answerWebhook(() => new Response(null, { status, headers: { Location: 'https://10.0.0.1/' } }))
    await ping(webhook)
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: expected, tries: 1, lastStatus: status }])
    expect(background.received).toHaveLength(1)
  })

  it('waits 10 s for an answer', async () => {
    const webhook = await createWebhook(world.marc)
    const waits: number[] = []
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      waits.push(milliseconds)
      return timeout(5)
    })
    background.answerWebhook(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'))
          })
        }),
    )
    await ping(webhook)
    await deliverWebhooks(background)
    expect(waits).toEqual([10_000])
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'PENDING', tries: 1, lastStatus: null }])
  })

  it('does not read the answer', async () => {
    const webhook = await createWebhook(world.marc)
    let cancelled = false
    const endless = new ReadableStream({
      cancel() {
        cancelled = true
      },
    })
    background.answerWebhook(() => new Response(endless))
    await ping(webhook)
    await deliverWebhooks(background)
    expect([cancelled, (await deliveriesOf(webhook))[0]?.status]).toEqual([true, 'DELIVERED'])
  })
})

describe('a delivery that fails', () => {
  it('is tried ten times, with the same id and body, at the times of the rhythm', async () => {
    const webhook = await createWebhook(world.marc)
    answer(503)
    const { id } = await ping(webhook)
    const minutes = [5 / 60, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60, 24 * 60]
    let [message] = background.webhooks.splice(0)
    for (const wait of minutes) {
      expect((await deliverWebhook(message)).acked).toBe(true)
      const [row] = await database.select().from(webhookDeliveries)
      const until = (row?.nextTryAt ?? 0) - Date.now()
      expect(until).toBeGreaterThan(wait * MINUTE - 2000)
      expect(until).toBeLessThanOrEqual(wait * MINUTE * 1.1)
      // For a short wait a message is sent, a long one is the sweep's.
      expect(background.delayed.splice(0).map(({ body }) => body)).toEqual(wait <= 5 ? [message] : [])
      expect((await deliverWebhook(message)).acked).toBe(true)
      letPass(wait * MINUTE * 1.1 + 6000)
      await sweep()
      message = background.webhooks.splice(0)[0]
      expect(message).toEqual({ companyId: world.companyId, database: HOME, deliveryId: id })
    }
    expect((await deliverWebhook(message)).acked).toBe(true)
    const rows = await database.select().from(webhookDeliveries)
    expect(rows).toMatchObject([{ status: 'FAILED', tries: 10, lastStatus: 503, nextTryAt: null }])
    expect(background.received).toHaveLength(10)
    expect(new Set(background.received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(background.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(background.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10)
  })

  it('keeps its rhythm however often it is tried by hand', async () => {
    const webhook = await createWebhook(world.marc)
    answer(503)
    const { id } = await ping(webhook)
    await deliverWebhooks(background)
    for (let count = 1; count <= 12; count += 1) {
      await call(world.marc, 'POST', `${webhook.path}/deliveries/${id}/retries`)
      await deliverWebhooks(background)
    }
    const [row] = await database.select().from(webhookDeliveries)
    expect(row).toMatchObject({ status: 'PENDING', tries: 13, automaticTries: 1 })
    expect((row?.nextTryAt ?? 0) - Date.now()).toBeLessThanOrEqual(6000)
  })

  it('reaches a webhook that is off by hand, and stays delivered if it may not be sent again', async () => {
    const plan = await insertPlan({
      companyId: world.companyId,
      createdBy: world.ana.id,
      visibility: 'PUBLIC',
    })
    const webhook = await createWebhook(world.marc)
    await insertEntries([{ companyId: world.companyId, type: 'plan.updated' as const, planId: plan.id }])
    await deliverWebhook({ companyId: world.companyId, database: HOME })
    await deliverWebhooks(background)
    const [delivery] = await deliveriesOf(webhook)
    expect(delivery).toMatchObject({ status: 'DELIVERED', tries: 1 })
    const path = `${webhook.path}/deliveries/${delivery?.id ?? ''}/retries`
    await call(world.marc, 'PATCH', webhook.path, { body: { active: false } })
    await call(world.marc, 'POST', path)
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'DELIVERED', tries: 2 }])
    const body = { visibility: 'PRIVATE' }
    await call(world.ana, 'PATCH', `/api/v1/company/action-plans/${plan.id}`, { body })
    await call(world.marc, 'POST', path)
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'DELIVERED', tries: 2 }])
    expect(background.received).toHaveLength(2)
  })

  it('may be tried once more by hand, and so may one that was delivered', async () => {
    const webhook = await createWebhook(world.marc)
    const { id } = await ping(webhook)
    await deliverWebhooks(background)
    const path = `${webhook.path}/deliveries/${id}/retries`
    const retried = await call(world.marc, 'POST', path)
    expect([retried.status, retried.body]).toMatchObject([200, { id, status: 'PENDING', tries: 1 }])
    answer(500)
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ id, status: 'PENDING', tries: 2, lastStatus: 500 }])
    await database
      .update(webhookDeliveries)
      .set({ status: 'FAILED', tries: 10, automaticTries: 10, nextTryAt: null })
    await call(world.marc, 'POST', path)
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'FAILED', tries: 11, nextTryAt: null }])
    answer(200)
    await call(world.marc, 'POST', path)
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'DELIVERED', tries: 12, lastStatus: 200 }])
    const other = await createWebhook(world.marc)
    const foreign = await call(world.marc, 'POST', `${other.path}/deliveries/${id}/retries`)
    expect([foreign.status, codeOf(foreign)]).toEqual([404, 'NOT_FOUND'])
  })
})

describe('nothing is sent', () => {
  const cases: [string, (webhookPath: string, planId: string) => Promise<unknown>][] = [
    [
      'after its user was deactivated',
      () => database.update(users).set({ active: false }).where(eq(users.id, world.marc.id)),
    ],
    [
      'after its user became an EMPLOYEE',
      () => database.update(users).set({ role: 'EMPLOYEE' }).where(eq(users.id, world.marc.id)),
    ],
    [
      'of what its user may not read any more',
      (_, planId) =>
        call(world.ana, 'PATCH', `/api/v1/company/action-plans/${planId}`, {
          body: { visibility: 'PRIVATE' },
        }),
    ],
    ['after it was switched off', (path) => call(world.marc, 'PATCH', path, { body: { active: false } })],
  ]

  it.each(cases)('%s', async (_, change) => {
    const { companyId, ana, marc } = world
    const plan = await insertPlan({ companyId, createdBy: ana.id, visibility: 'PUBLIC' })
    const webhook = await createWebhook(marc)
    await insertEntries([{ companyId, type: 'plan.updated' as const, planId: plan.id }])
    await deliverWebhook({ companyId, database: HOME })
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'PENDING' }])
    await change(webhook.path, plan.id)
    await deliverWebhooks(background)
    // Who may not read any more is told that.
    const told = background.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)
    expect(told.filter((type) => type !== 'access.changed')).toEqual([])
    const [row] = await database
      .select()
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.webhookId, webhook.id), eq(webhookDeliveries.type, 'plan.updated')))
    const unsent = { tries: 0, lastStatus: null, nextTryAt: null, leaseUntil: null }
    expect(row).toMatchObject({ status: 'FAILED', ...unsent })
  })

  it('to an address that may not be called any more', async () => {
    const vars = { WEBHOOK_TRUSTED_HOSTS: 'localhost:8025' }
    const webhook = await createWebhook(world.marc, { url: 'http://localhost:8025/hook' }, vars)
    await ping(webhook)
    const [message] = background.webhooks.splice(0)
    await deliverWebhook(message)
    expect(background.received).toEqual([])
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'FAILED' }])
    await ping(webhook)
    await deliverWebhook(background.webhooks.shift(), 1, { ...env, ...vars })
    expect(background.received).toMatchObject([{ url: 'http://localhost:8025/hook' }])
  })

  it('but a ping reaches a webhook that is off', async () => {
    const webhook = await createWebhook(world.marc)
    await call(world.marc, 'PATCH', webhook.path, { body: { active: false } })
    await ping(webhook)
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ type: 'webhook.ping', status: 'DELIVERED' }])
  })
})

describe('at one host,', () => {
  it('four tries are under way at once; the others wait for their turn, and other hosts notice nothing', async () => {
    const slow = await createWebhook(world.marc, { url: 'https://slow.example.com/' })
    const quick = await createWebhook(world.marc, { url: 'https://quick.example.com/' })
    const release: (() => void)[] = []
    background.answerWebhook(({ url }) =>
      url.includes('quick')
        ? new Response()
        : new Promise((resolve) => {
            release.push(() => {
              resolve(new Response())
            })
          }),
    )
    for (let count = 0; count < 7; count += 1) await ping(slow)
    await ping(quick)
    const messages = background.webhooks.splice(0)
    const underWay = messages.slice(0, 4).map((message) => deliverWebhook(message))
    await vi.waitUntil(() => release.length === 4)
    for (const message of messages.slice(4, 7)) expect((await deliverWebhook(message)).acked).toBe(true)
    expect(release).toHaveLength(4)
    await deliverWebhook(messages[7])
    expect(await deliveriesOf(quick)).toMatchObject([{ status: 'DELIVERED' }])
    for (const done of release.splice(0)) done()
    await Promise.all(underWay)
    // Each that ended has one of the three that wait tried next, each another one.
    expect(background.webhooks).toHaveLength(3)
    expect(new Set(background.webhooks).size).toBe(3)
    answer(200)
    await deliverWebhooks(background)
    const deliveries = await deliveriesOf(slow)
    expect(deliveries.map(({ status, tries }) => [status, tries])).toEqual(Array(7).fill(['DELIVERED', 1]))
    expect(background.received).toHaveLength(8)
  })
})

describe('no delivery is lost, and none is sent twice by two messages,', () => {
  it('when the consumer stops after the request', async () => {
    const webhook = await createWebhook(world.marc)
    const { id } = await ping(webhook)
    const [message] = background.webhooks.splice(0)
    background.answerWebhook(() => {
      vi.spyOn(home, 'batch').mockRejectedValueOnce(new Error('gone'))
      return new Response()
    })
    expect((await deliverWebhook(message)).acked).toBe(true)
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'PENDING', tries: 0 }])
    expect((await deliverWebhook(message)).acked).toBe(true)
    expect(background.received).toHaveLength(1)
    letPass(MINUTE)
    answer(200)
    await sweep()
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ id, status: 'DELIVERED', tries: 1 }])
    const [first, second] = background.received
    expect(second?.body).toBe(first?.body)
  })

  it('when its message comes twice at once', async () => {
    const webhook = await createWebhook(world.marc)
    await ping(webhook)
    const [message] = background.webhooks.splice(0)
    await Promise.all([deliverWebhook(message), deliverWebhook(message)])
    expect(background.received).toHaveLength(1)
  })

  it('when the queue takes no message', async () => {
    const webhook = await createWebhook(world.marc)
    vi.spyOn(env.WEBHOOKS, 'sendBatch').mockRejectedValueOnce(new Error('down'))
    await ping(webhook)
    expect(background.webhooks).toEqual([])
    letPass(MINUTE)
    await sweep()
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'DELIVERED' }])
  })
})

it('a message that is unreadable or about nothing is acknowledged', async () => {
  const id = '0'.repeat(24)
  const messages = [null, 'x', {}, { companyId: 'x' }, { companyId: id }, { companyId: id, deliveryId: id }]
  for (const message of [...messages, { companyId: id, webhookId: id }]) {
    expect((await deliverWebhook(message)).acked).toBe(true)
  }
})

it('deliveries are kept for 30 days', async () => {
  const webhook = await createWebhook(world.marc)
  await ping(webhook)
  await deliverWebhooks(background)
  letPass(30 * 24 * HOUR - MINUTE)
  await sweep()
  const count = () => database.$count(webhookDeliveries, eq(webhookDeliveries.webhookId, webhook.id))
  expect(await count()).toBe(1)
  letPass(2 * MINUTE)
  await sweep()
  expect(await count()).toBe(0)
})
