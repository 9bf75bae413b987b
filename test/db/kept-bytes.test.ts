/** What history and webhooks add to a company's bytes, by rows put straight into D1. */
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, expect, it } from 'vitest'
import { companies, history, webhookDeliveries, webhooks } from '../../src/db/schema.ts'
import { newId } from '../../src/platform/new-id.ts'
import { wrongWeights } from '../support/weights.ts'
import { createWorld, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

const database = drizzle(home)
let world: World

beforeEach(async () => {
  world = await createWorld()
})

async function company() {
  const [row] = await database.select().from(companies).where(eq(companies.id, world.companyId))
  return row
}

/** Inserts entries as one statement does, of which the last brings the bytes of all. */
async function record(titles: readonly string[], first: number): Promise<void> {
  const rows = titles.map((title, index) => ({
    ...{ companyId: world.companyId, number: first + index, id: newId(Date.now()), at: 1, recordedAt: 1 },
    ...({ via: 'SESSION', type: 'plan.updated', planId: newId(Date.now()), title, changes: '{}' } as const),
    readers: index === 0 ? world.ana.id : null,
  }))
  const bytes = rows.map(
    ({ title, changes, readers }) =>
      500 + new TextEncoder().encode(title + changes).byteLength + (readers ?? '').length,
  )
  const batchBytes = bytes.reduce((sum, each) => sum + each, 0)
  await database
    .insert(history)
    .values(rows.map((row, index) => (index === rows.length - 1 ? { ...row, batchBytes } : row)))
}

it('the history: number, floor and bytes are those of its entries', async () => {
  await record(['Café', '😀'], 1)
  await record(['x'], 3)
  expect(await wrongWeights()).toEqual({})
  expect(await company()).toMatchObject({ historyNumber: 3, historyFloor: 0 })
  await database.delete(history).where(eq(history.number, 1))
  expect(await wrongWeights()).toEqual({})
  expect(await company()).toMatchObject({ historyNumber: 3, historyFloor: 1 })
  await database.delete(history).where(eq(history.companyId, world.companyId))
  expect(await wrongWeights()).toEqual({})
  expect(await company()).toMatchObject({ historyNumber: 3, historyFloor: 3, historyBytes: 0 })
})

it('webhooks and their deliveries', async () => {
  const { companyId } = world
  const id = newId(Date.now())
  const at = { createdAt: 1, updatedAt: 1 }
  const webhook = { id, companyId, userId: world.ana.id, url: 'https://é.test/', host: 'é.test', ...at }
  await database.insert(webhooks).values({ ...webhook, active: true, fromNumber: 0 })
  const delivery = { companyId, webhookId: id, type: 'plan.updated', at: 1, status: 'PENDING' } as const
  for (const deliveryId of [newId(1), newId(2)])
    await database
      .insert(webhookDeliveries)
      .values({ ...delivery, id: deliveryId, lane: webhook.host, createdAt: 1 })
  expect(await wrongWeights()).toEqual({})
  await home
    .prepare('UPDATE webhooks SET url = ?, types = ? WHERE id = ?')
    .bind('https://x.test', '["a"]', id)
    .run()
  expect(await wrongWeights()).toEqual({})
  await database.delete(webhooks).where(eq(webhooks.id, id))
  expect(await wrongWeights()).toEqual({})
})
