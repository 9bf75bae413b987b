import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { users, webhookDeliveries, webhooks } from '../../src/db/schema.ts'
import { call, ME } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { HOUR, letPass, MINUTE, sweep } from '../support/clock.ts'
import { insertDelivery, insertDeliveries } from '../support/factories.ts'
import {
  createWebhook,
  deliverWebhook,
  deliverWebhooks,
  type MadeWebhook,
  ping,
} from '../support/webhooks.ts'
import { createWorld, openSession, type World } from '../support/world.ts'
import { HOME, home } from '../support/home.ts'

const DAY = 24 * HOUR
const database = drizzle(home)
let world: World
let background: Background
let webhook: MadeWebhook

beforeEach(async () => {
  await database.delete(webhookDeliveries)
  world = await createWorld()
  background = catchBackground()
  webhook = await createWebhook(world.marc)
})

const answer = (status: number) => {
  background.answerWebhook(() => new Response(null, { status }))
}

/** Has another ping sent at the present time, and answered so. */
async function tryAgain(status: number): Promise<void> {
  answer(status)
  const { companyId } = world
  const { id } = await insertDelivery({ companyId, webhookId: webhook.id, nextTryAt: Date.now() })
  await deliverWebhook({ companyId, database: HOME, deliveryId: id })
}

const stored = async () => (await database.select().from(webhooks).where(eq(webhooks.id, webhook.id)))[0]

describe('a webhook is switched off', () => {
  it('by a 410, which also fails what waits for it and mails its user once', async () => {
    const ids = { companyId: world.companyId, database: HOME, webhookId: webhook.id }
    await insertDeliveries(Array.from({ length: 3 }, () => ({ ...ids, nextTryAt: Date.now() + HOUR })))
    await tryAgain(410)
    const read = await call(world.marc, 'GET', webhook.path)
    expect(read.body).toMatchObject({ active: false, switchedOffAt: expect.any(String) as string })
    const rows = await database.select().from(webhookDeliveries)
    expect(rows.map(({ status, nextTryAt }) => [status, nextTryAt])).toEqual(Array(4).fill(['FAILED', null]))
    await deliverWebhooks(background)
    expect(background.mails).toMatchObject([
      { to: [world.marc.email], subject: 'Your webhook to hooks.example.com was switched off' },
    ])
    expect(background.mails[0]?.text).toContain(`${webhook.path} {"active": true}`)
    letPass(HOUR)
    await sweep()
    await deliverWebhooks(background)
    expect(background.tries).toHaveLength(1)
  })

  it('by the first failure five days after the first of an unbroken run, and not before', async () => {
    await tryAgain(500)
    letPass(3 * DAY)
    await tryAgain(204)
    await tryAgain(503)
    letPass(3 * DAY)
    await tryAgain(301)
    expect(await stored()).toMatchObject({ active: true })
    letPass(2 * DAY - MINUTE)
    await tryAgain(500)
    expect(await stored()).toMatchObject({ active: true })
    letPass(MINUTE)
    await tryAgain(500)
    expect(await stored()).toMatchObject({ active: false })
    await deliverWebhooks(background)
    expect(background.mails).toHaveLength(1)
  })

  it('but not by failures at its address before', async () => {
    await tryAgain(500)
    const body = { url: 'https://other.example.com/' }
    expect((await call(world.marc, 'PATCH', webhook.path, { body })).status).toBe(200)
    letPass(6 * DAY)
    await tryAgain(500)
    expect(await stored()).toMatchObject({ active: true })
  })
})

describe('the mail', () => {
  it('is in the language of the user, and has the same bytes at every try, also by the sweep', async () => {
    await call(world.marc, 'PATCH', ME, { body: { language: 'es' } })
    await tryAgain(410)
    background.answerMail(() => new Response('{}', { status: 503 }))
    const [message] = background.webhooks.splice(0)
    const { retryAfter } = await deliverWebhook(message)
    expect(retryAfter).toBeLessThanOrEqual(5)
    await call(world.ana, 'PATCH', '/api/v1/company', { body: { name: 'Renamed', language: 'es' } })
    await database.update(users).set({ name: 'Other', language: 'en' }).where(eq(users.id, world.marc.id))
    letPass(MINUTE)
    await sweep()
    background.answerMail(null)
    await deliverWebhooks(background)
    const [first, second, ...more] = background.tries
    expect([second, more]).toEqual([first, []])
    expect(background.mails).toMatchObject([{ subject: 'Tu webhook a hooks.example.com se ha desactivado' }])
    expect(await stored()).toMatchObject({ mailDueAt: null })
  })

  it.each([
    ['is not sent to who is not active any more', { active: false }, []],
    ['goes to a former manager too', { role: 'EMPLOYEE' as const }, [1]],
  ])('%s', async (_, change, mails) => {
    await tryAgain(410)
    await database.update(users).set(change).where(eq(users.id, world.marc.id))
    await deliverWebhooks(background)
    expect(background.mails.map(() => 1)).toEqual(mails)
    expect(await stored()).toMatchObject({ mailDueAt: null })
  })

  it('is given up after 20 hours', async () => {
    await tryAgain(410)
    letPass(20 * HOUR + MINUTE)
    await sweep()
    await deliverWebhooks(background)
    expect([background.mails, (await stored())?.mailDueAt]).toEqual([[], null])
  })
})

it('switched on again it starts anew', async () => {
  await tryAgain(500)
  letPass(6 * DAY)
  await tryAgain(500)
  expect(await stored()).toMatchObject({ active: false })
  const marc = { ...world.marc, session: await openSession(world.marc) }
  const reply = await call(marc, 'PATCH', webhook.path, { body: { active: true } })
  expect(reply.body).toMatchObject({ active: true, switchedOffAt: null })
  await deliverWebhooks(background)
  expect(background.mails).toEqual([])
  await ping({ ...webhook, user: marc })
  await deliverWebhooks(background)
  expect(await stored()).toMatchObject({ active: true })
})
