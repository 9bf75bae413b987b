import { drizzle } from 'drizzle-orm/d1'
import { describe, expect, it, vi } from 'vitest'
import { exportFiles, exports, linkMails } from '../../src/db/schema.ts'
import { signLink } from '../../src/exports/links.ts'
import { MINUTE } from '../support/clock.ts'
import { CURRENT } from '../access/links.ts'
import { insertExport } from '../support/factories.ts'
import { type FaultPlan, WAYS } from './faults/faults.ts'
import { Machine } from './faults/machine.ts'
import { setStage, type Stage } from './faults/scenarios.ts'
import { home } from '../support/home.ts'

const DAY = 24 * 60 * MINUTE
const FROZEN = { title: 'A plan', timeZone: 'UTC', readableCount: 1 }
const database = drizzle(home)

/**
 * Somebody presses the button of an expired link until that is acknowledged; within minutes the mail must be there, once,
 * and nothing owed.
 */
async function play({ world, planId }: Stage, plan: FaultPlan): Promise<number> {
  const machine = new Machine({ plan })
  const now = Date.now()
  const stored = await insertExport({
    ...{ companyId: world.companyId, planId, requestedBy: world.noa.id, status: 'SENT' },
    ...{ requestedAt: now, finishedAt: now, expiresAt: now + DAY, frozen: JSON.stringify(FROZEN) },
  })
  await database
    .insert(exportFiles)
    .values({ exportId: stored.id, position: 1, name: 'plan.xlsx', bytes: 1, sha256: 'x' })
  const link = await signLink(
    { exportId: stored.id, file: 'plan.xlsx', expiresAt: now - 60 * MINUTE },
    CURRENT,
  )
  const why = () => machine.faults.done.join() || 'without a fault'
  let status: number | undefined
  for (let tries = 1; tries <= 3 && status !== 200; tries += 1) {
    const response = await machine.request(new Request(`https://api.test${link}`, { method: 'POST' }))
    status = response?.status
    expect([undefined, 200, 500, 503], why()).toContain(status)
  }
  expect(status, why()).toBe(200)
  await machine.drain()
  for (let minute = 1; minute <= 3; minute += 1) {
    vi.setSystemTime(Date.now() + MINUTE)
    await machine.sweep()
    await machine.drain()
  }
  const rows = await database.select().from(linkMails)
  expect(rows, why()).toMatchObject([{ exportId: stored.id, mailDueAt: null }])
  expect(rows[0]?.settledAt, why()).not.toBeNull()
  expect([...machine.mails.keys()], why()).toEqual([`${stored.id}-${rows[0]?.id ?? ''}`])
  for (const bodies of machine.mails.values()) expect(bodies.size, why()).toBe(1)
  expect(machine.conflicts, why()).toBe(0)
  const { calls } = machine.faults
  vi.useRealTimers()
  vi.restoreAllMocks()
  await database.delete(exports)
  return calls
}

describe('a mail with fresh links', () => {
  it.each(WAYS)('is sent once although a call does %s', { timeout: 600_000 }, async (way) => {
    const stage = await setStage(0)
    let calls = Number.POSITIVE_INFINITY
    let runs = 0
    for (let at = 1; at <= calls; at += 1, runs += 1)
      calls = await play(stage, (call) => (call === at ? way : null))
    console.info(`link mail faults: ${way}: ${String(runs)} runs`)
    expect(calls).toBeGreaterThan(10)
  })
})
