import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { describe, expect, it, vi } from 'vitest'
import { companies, reminders } from '../../src/db/schema.ts'
import { HOUR, MINUTE } from '../support/clock.ts'
import { insertAction, insertPlan, insertUsers } from '../support/factories.ts'
import { forgetMornings } from '../support/reminders.ts'
import { createCompany } from '../support/world.ts'
import { type FaultPlan, WAYS } from './faults/faults.ts'
import { Machine } from './faults/machine.ts'
import { home } from '../support/home.ts'

const database = drizzle(home)
const MORNING = Date.UTC(2027, 0, 1, 8)
const PEOPLE = 3

async function createBusyCompany(): Promise<string> {
  const companyId = await createCompany()
  const plan = await insertPlan({ companyId })
  const people = await insertUsers(Array.from({ length: PEOPLE }, () => ({ companyId })))
  const assignees = people.map(({ id: userId }) => ({ userId }))
  await insertAction({ plan, dueDate: MORNING - HOUR, assignees })
  return companyId
}

/**
 * A morning whose first minute has a fault; within the hour each of the people has one mail, and nothing is owed. The day
 * after, on which nothing is new, is quiet.
 * @returns how many calls the first minute made
 */
async function play(companyId: string, plan: FaultPlan): Promise<number> {
  await forgetMornings()
  await database.update(companies).set({ remindersDueAt: 0 }).where(eq(companies.id, companyId))
  const machine = new Machine({ plan })
  const why = () => machine.faults.done.join() || 'without a fault'
  vi.setSystemTime(MORNING)
  await machine.sweep()
  await machine.drain()
  const { calls } = machine.faults
  for (let minute = 1; minute <= 2; minute += 1) {
    vi.setSystemTime(Date.now() + MINUTE)
    await machine.sweep()
    await machine.drain()
  }
  expect(Date.now(), why()).toBeLessThan(MORNING + HOUR)
  const rows = await database.select().from(reminders).where(eq(reminders.companyId, companyId))
  expect(rows, why()).toHaveLength(PEOPLE)
  for (const { mailDueAt, sentAt, content } of rows)
    expect([mailDueAt, sentAt === null, content], why()).toEqual([null, false, ''])
  expect([...machine.mails.keys()].sort(), why()).toEqual(rows.map(({ id }) => `reminder-${id}`).sort())
  for (const bodies of machine.mails.values()) expect(bodies.size, why()).toBe(1)
  expect(machine.conflicts, why()).toBe(0)
  vi.setSystemTime(MORNING + 24 * HOUR)
  await machine.sweep()
  await machine.drain()
  expect(machine.mails.size, why()).toBe(PEOPLE)
  vi.useRealTimers()
  vi.restoreAllMocks()
  return calls
}

describe('a reminder', () => {
  it.each(WAYS)('is sent once although a call does %s', { timeout: 600_000 }, async (way) => {
    const companyId = await createBusyCompany()
    const calls = await play(companyId, () => null)
    for (let at = 1; at <= calls; at += 1) await play(companyId, (call) => (call === at ? way : null))
    console.info(`reminder faults: ${way}: ${String(calls)} runs`)
    expect(calls).toBeGreaterThan(20)
  })
})
