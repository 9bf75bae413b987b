import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { companies, users, webhookCursors, webhookDeliveries } from '../../src/db/schema.ts'
import { call, PLANS, USERS } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { letPass, MINUTE, sweep } from '../support/clock.ts'
import { insertAction, insertEntries, insertPlan } from '../support/factories.ts'
import { logged } from '../support/log.ts'
import { createWebhook, deliveriesOf, deliverWebhook, deliverWebhooks } from '../support/webhooks.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { HOME, home } from '../support/home.ts'

const database = drizzle(home)
let world: World
let background: Background

beforeEach(async () => {
  await database.batch([database.delete(webhookDeliveries), database.delete(webhookCursors)])
  world = await createWorld()
  background = catchBackground()
})

/** The bodies that receivers got. */
const bodies = () => background.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
const fanOut = () => deliverWebhook({ companyId: world.companyId, database: HOME })

async function planOf({ id, companyId }: Person, visibility: 'PUBLIC' | 'PRIVATE' = 'PUBLIC') {
  return insertPlan({ companyId, createdBy: id, visibility })
}

it('sends each entry that the user may read, ids only', async () => {
  const { companyId, ana, marc } = world
  const plan = await planOf(ana)
  const action = await insertAction({ plan, createdBy: ana.id })
  const webhook = await createWebhook(marc)
  const [entry] = await insertEntries([
    { companyId, planId: plan.id, actionId: action.id, type: 'action.updated' },
  ])
  await fanOut()
  await deliverWebhooks(background)
  expect(bodies()).toEqual([
    {
      type: 'action.updated',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      data: { historyId: entry?.id, companyId, planId: plan.id, actionId: action.id },
    },
  ])
  expect(await deliveriesOf(webhook)).toMatchObject([
    { type: 'action.updated', status: 'DELIVERED', tries: 1, lastStatus: 204, nextTryAt: null },
  ])
})

describe('sends nothing', () => {
  it.each([
    'before it was made',
    'of what its user may not read',
    'of other types',
    'while it is off',
    'of others',
  ])('%s', async (which) => {
    const { companyId, ana, marc, gus } = world
    const plan = await planOf(ana, which === 'of what its user may not read' ? 'PRIVATE' : 'PUBLIC')
    const entry = { companyId, type: 'plan.updated' as const, planId: plan.id }
    if (which === 'before it was made') await insertEntries([entry])
    const types = which === 'of other types' ? { types: ['plan.deleted', 'export.sent'] } : {}
    const webhook = await createWebhook(which === 'of others' ? gus : marc, types)
    if (which === 'while it is off') await call(marc, 'PATCH', webhook.path, { body: { active: false } })
    if (which !== 'before it was made') await insertEntries([entry])
    if (which === 'while it is off') await call(marc, 'PATCH', webhook.path, { body: { active: true } })
    await fanOut()
    expect(await deliveriesOf(webhook)).toEqual([])
    await insertEntries([entry])
    await fanOut()
    const isSent = which === 'before it was made' || which === 'while it is off'
    expect(await deliveriesOf(webhook)).toHaveLength(isSent ? 1 : 0)
  })

  it('to who is deactivated or no company manager any more', async () => {
    const { companyId, ana, marc, noa } = world
    const plan = await planOf(ana)
    const webhooks = [await createWebhook(marc), await createWebhook(noa)]
    await call(ana, 'PATCH', `${USERS}/${marc.id}`, { body: { active: false } })
    await call(ana, 'PATCH', `${USERS}/${noa.id}`, { body: { role: 'EMPLOYEE' } })
    await insertEntries([{ companyId, type: 'plan.updated' as const, planId: plan.id }])
    await fanOut()
    await database.update(users).set({ active: true, role: 'MANAGER' }).where(eq(users.companyId, companyId))
    for (const webhook of webhooks) {
      const { total } = (await call<{ total: number }>(ana, 'GET', webhook.path)).body
      expect(total).toBeUndefined()
    }
    expect(background.webhooks).toEqual([])
  })
})

it('tells of access those who could read before or can since, and shows them the entry only if they can', async () => {
  const { companyId, ana, marc, noa } = world
  const plan = await planOf(ana, 'PRIVATE')
  const hooks = [await createWebhook(ana), await createWebhook(marc), await createWebhook(noa)]
  const readers = `${ana.id} ${marc.id} `
  const [entry] = await insertEntries([{ companyId, planId: plan.id, type: 'plan.updated', readers }])
  await fanOut()
  await deliverWebhooks(background)
  const [ofAna, ofMarc, ofNoa] = await Promise.all(hooks.map(deliveriesOf))
  expect(ofAna?.map(({ type }) => type).sort()).toEqual(['access.changed', 'plan.updated'])
  expect(ofMarc?.map(({ type }) => type)).toEqual(['access.changed'])
  expect(ofNoa).toEqual([])
  const told = bodies().filter(({ type }) => type === 'access.changed')
  const id = entry?.id ?? ''
  const last = (parseInt(id.slice(-1), 16) ^ 1).toString(16)
  expect(told.map(({ data }) => data)).toEqual(
    [1, 2].map(() => ({ historyId: id.slice(0, -1) + last, companyId, planId: plan.id, actionId: null })),
  )
})

it('tells of a deletion those who could read what is gone', async () => {
  const { companyId, ana, marc, noa } = world
  const hooks = [await createWebhook(marc), await createWebhook(noa)]
  await insertEntries([
    { companyId, planId: 'a'.repeat(24), type: 'plan.deleted', readers: `${ana.id} ${marc.id} ` },
  ])
  await fanOut()
  const [ofMarc, ofNoa] = await Promise.all(hooks.map(deliveriesOf))
  expect([ofMarc?.map(({ type }) => type), ofNoa]).toEqual([['plan.deleted'], []])
})

it('skips and repeats nothing, however many messages come, at once or in portions', async () => {
  const { companyId, ana, marc } = world
  const plan = await planOf(ana)
  const webhook = await createWebhook(marc)
  const entry = { companyId, type: 'plan.updated' as const, planId: plan.id }
  await insertEntries(Array.from({ length: 250 }, () => entry))
  await Promise.all([fanOut(), fanOut(), fanOut(), fanOut()])
  for (const message of background.webhooks.splice(0)) {
    if (!Object.hasOwn(message as object, 'deliveryId')) await deliverWebhook(message)
  }
  await fanOut()
  const { total } = (await call<{ total: number }>(marc, 'GET', `${webhook.path}/deliveries`)).body
  expect(total).toBe(250)
  const [cursor] = await database.select().from(webhookCursors).where(eq(webhookCursors.companyId, companyId))
  expect(cursor).toMatchObject({ number: 250, isBehind: false })
})

it('takes portions one after the other, each with a message of its own', async () => {
  const { companyId, ana, marc } = world
  const plan = await planOf(ana)
  await createWebhook(marc)
  const entry = { companyId, type: 'plan.updated' as const, planId: plan.id }
  await insertEntries(Array.from({ length: 150 }, () => entry))
  await fanOut()
  expect(background.webhooks).toHaveLength(101)
  expect(background.webhooks.at(-1)).toEqual({ companyId, database: HOME })
})

it('goes on by the sweep when the message is lost', async () => {
  const { companyId, ana, marc } = world
  const plan = await planOf(ana)
  const webhook = await createWebhook(marc)
  await insertEntries([{ companyId, type: 'plan.updated' as const, planId: plan.id }])
  await sweep()
  expect(background.webhooks).toContainEqual({ companyId, database: HOME })
  await deliverWebhook({ companyId, database: HOME })
  background.webhooks.splice(0)
  letPass(MINUTE)
  await sweep()
  await deliverWebhooks(background)
  expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'DELIVERED' }])
  await sweep()
  expect(background.webhooks).toEqual([])
})

it('counts what a webhook and its deliveries take', async () => {
  const { companyId, ana, marc } = world
  const plan = await planOf(ana)
  const bytes = async () => {
    const [row] = await database.select().from(companies).where(eq(companies.id, companyId))
    return row?.storedBytes ?? 0
  }
  const before = await bytes()
  const webhook = await createWebhook(marc, { types: ['plan.updated'] })
  await insertEntries([{ companyId, type: 'plan.updated' as const, planId: plan.id }])
  await fanOut()
  const historyBytes = 500 + 'A thing'.length + '{}'.length
  expect((await bytes()) - before - historyBytes).toBe(
    500 + webhook.url.length + '["plan.updated"]'.length + 500,
  )
  await call(marc, 'DELETE', webhook.path)
  expect((await bytes()) - before - historyBytes).toBe(0)
})

describe('a write', () => {
  it('that leaves an entry hastens its delivery, if the company has an active webhook', async () => {
    const { companyId, ana, marc } = world
    const webhook = await createWebhook(marc)
    const plan = await call<{ id: string }>(ana, 'POST', PLANS, {
      body: { title: 'A plan', visibility: 'PUBLIC' },
      settled: true,
    })
    expect(background.webhooks).toEqual([{ companyId, database: HOME }])
    await deliverWebhooks(background)
    expect(bodies()).toMatchObject([{ type: 'plan.created', data: { planId: plan.body.id } }])
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'DELIVERED' }])
    await call(ana, 'PATCH', `/api/v1/company`, { body: { name: 'Renamed' }, settled: true })
    await call(ana, 'PATCH', `${PLANS}/${plan.body.id}`, { body: { title: 'A plan' }, settled: true })
    await call(marc, 'PATCH', webhook.path, { body: { active: false }, settled: true })
    await call(ana, 'DELETE', `${PLANS}/${plan.body.id}`, { settled: true })
    expect(background.webhooks).toEqual([])
  })

  it('succeeds though the queue takes no message', async () => {
    const { ana, marc } = world
    const webhook = await createWebhook(marc)
    vi.spyOn(env.WEBHOOKS, 'sendBatch').mockRejectedValueOnce(new Error('down'))
    const body = { title: 'A plan', visibility: 'PUBLIC' }
    expect((await call(ana, 'POST', PLANS, { body, settled: true })).status).toBe(200)
    await sweep()
    await deliverWebhooks(background)
    expect(await deliveriesOf(webhook)).toMatchObject([{ type: 'plan.created', status: 'DELIVERED' }])
  })
})

it('costs one trip to D1 a set and two a try, and few rows', async () => {
  const { companyId, ana, marc } = world
  const plan = await planOf(ana)
  await createWebhook(marc)
  const lineOf = (step: string) =>
    JSON.parse(logged.findLast((line) => line.includes(`"${step}"`)) ?? '{}') as Record<string, number>
  await insertEntries(
    Array.from({ length: 10 }, () => ({ companyId, type: 'plan.updated', planId: plan.id })),
  )
  await fanOut()
  const made = lineOf('webhook.fan-out')
  expect([made.d1Calls, made.deliveries]).toEqual([1, 10])
  expect(made.rowsWritten).toBeLessThanOrEqual(2 + 10 * 6)
  expect(made.rowsRead).toBeLessThanOrEqual(20 + 10 * 12)
  await deliverWebhook(background.webhooks.shift())
  const tried = [lineOf('webhook.begun'), lineOf('webhook.try')]
  const sumOf = (count: string) => tried.reduce((sum, line) => sum + (line[count] ?? NaN), 0)
  expect(tried.map(({ d1Calls }) => d1Calls)).toEqual([1, 1])
  expect(sumOf('rowsWritten')).toBeLessThanOrEqual(4)
  expect(sumOf('rowsRead')).toBeLessThanOrEqual(25)
  await fanOut()
  expect(lineOf('webhook.fan-out')).toMatchObject({ d1Calls: 1, rowsWritten: 0 })
})
