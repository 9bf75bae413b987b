/** One run: the scenario with its faults, played to the end, and what must be true then. */
import { env } from 'cloudflare:workers'
import { drizzle } from 'drizzle-orm/d1'
import { expect, vi } from 'vitest'
import {
  exportActions,
  exportFiles,
  exportNotes,
  exportPlans,
  exports,
  idempotencyRecords,
} from '../../../src/db/schema.ts'
import { objectKey } from '../../../src/exports/files.ts'
import { GIVE_UP_AFTER_MILLISECONDS } from '../../../src/exports/store.ts'
import { PLANS } from '../../support/api.ts'
import { HOUR, MINUTE } from '../../support/clock.ts'
import { type Dump, dumpDatabase } from '../../support/dump.ts'
import { MOST_ACTIONS_IN_A_FILE } from '../../support/exports.ts'
import { wrongWeights } from '../../support/weights.ts'
import type { FaultPlan } from './faults.ts'
import { Machine } from './machine.ts'
import type { Scenario, Stage } from './scenarios.ts'
import { home } from '../../support/home.ts'

const OF_EXPORTS = ['exports', 'export_files', 'export_actions', 'export_notes', 'idempotency_records']
const DAY = 24 * HOUR
/** The contract: how long a row outlives its files. */
const ROW_KEPT = 30 * DAY

export interface Outcome {
  calls: number
  acknowledged: boolean
}

/** What a company stores rises with its exports, and the sweep keeps when it looks for reminders next. */
const KEPT_BY_THE_WAY = /"(stored_bytes|reminders_due_at)":\d+/g

/** All but exports. Of a company's row, what is kept by the way may change, and nothing else. */
async function dumpOthers(): Promise<Dump> {
  const { companies = [], ...rest } = await dumpDatabase(OF_EXPORTS)
  return { ...rest, companies: companies.map((row) => row.replaceAll(KEPT_BY_THE_WAY, '')) }
}

export async function playRun(scenario: Scenario, stage: Stage, plan: FaultPlan): Promise<Outcome> {
  let isDue = scenario.beforeCall !== undefined
  /** All that is not of exports, as it must stay. */
  let others: Dump = {}
  const machine = new Machine({
    plan: (call, name) =>
      plan(call, name) ?? (name === scenario.alwaysFails ? 'throw before the effect' : null),
    ...(scenario.provider ? { provider: scenario.provider } : {}),
    before: async (name) => {
      if (!isDue || name !== scenario.beforeCall) return
      isDue = false
      await scenario.meanwhile?.(stage)
      others = await dumpOthers()
    },
  })
  const response = await machine.request(
    new Request(`https://api.test${PLANS}${scenario.isPortfolio ? '' : `/${stage.planId}`}/excel`, {
      method: 'POST',
      headers: { SessionId: stage.world.noa.session, 'Content-Type': 'application/json' },
      ...(scenario.isPortfolio ? { body: '{}' } : {}),
    }),
  )
  if (scenario.beforeCall === undefined) await scenario.meanwhile?.(stage)
  others = await dumpOthers()
  if (scenario.isDoubled) machine.duplicate()
  await settle(machine)
  if (scenario.isKeptToTheEnd) {
    await age(machine, (Number(env.EXPORT_RETENTION_DAYS) + 1) * DAY)
    await sweepEnough(machine)
  }
  const acknowledged = response?.status === 200
  await check(machine, scenario, acknowledged ? response.headers.get('Location') : null)
  expect(await dumpOthers(), why(machine)).toEqual(others)
  expect((await wrongWeights()).companies, why(machine)).toBeUndefined()
  if (scenario.isKeptToTheEnd) await checkForgotten(machine)
  await cleanUp()
  return { calls: machine.faults.calls, acknowledged }
}

/** Delivers messages, lets the cron take up what is stuck, and at last passes the time to give exports up. */
async function settle(machine: Machine): Promise<void> {
  await machine.drain()
  for (let round = 0; round < 6 && (await isOpen()); round += 1) await age(machine, 20 * MINUTE)
  if (await isOpen()) await age(machine, GIVE_UP_AFTER_MILLISECONDS + HOUR)
  await sweepEnough(machine)
}

/** Runs the cron more often than a run has faults, so that at least one sweep meets none. */
async function sweepEnough(machine: Machine): Promise<void> {
  for (let round = 0; round < 4; round += 1) await machine.sweep()
}

async function age(machine: Machine, milliseconds: number): Promise<void> {
  vi.setSystemTime(Date.now() + milliseconds)
  await machine.sweep()
  await machine.drain()
  await machine.sweep()
  await machine.drain()
}

async function isOpen(): Promise<boolean> {
  const rows = await exportRows()
  return rows.some(
    ({ status, failureMail }) => ['QUEUED', 'BUILDING', 'STORED'].includes(status) || failureMail === 'OWED',
  )
}

const database = drizzle(home)

const exportRows = () => database.select().from(exports)

const why = (machine: Machine) => machine.faults.done.join('; ') || 'without a fault'

async function check(machine: Machine, scenario: Scenario, location: string | null): Promise<void> {
  const message = why(machine)
  const rows = await exportRows()
  const files = await database.select().from(exportFiles)
  const objects = (await env.FILES.list()).objects.map(({ key }) => key).sort()
  const kept = files.map(({ exportId, name }) => objectKey(exportId, name)).sort()
  expect(rows.length, message).toBeLessThanOrEqual(1)
  if (location !== null)
    expect(
      rows.map(({ id }) => id),
      message,
    ).toEqual([location.split('/').at(-1)])
  expect(machine.conflicts, message).toBe(0)
  for (const bodies of machine.mails.values()) expect(bodies.size, message).toBe(1)
  for (const row of rows) {
    expect(['SENT', 'FAILED', 'EXPIRED'], message).toContain(row.status)
    if (location !== null) expect(row.status, `${message}: ${row.failureCode ?? ''}`).toBe(scenario.ends)
    const mailOfFailure = `${row.id}-failed`
    const otherMails = [...machine.mails.keys()].filter((key) => key !== mailOfFailure)
    expect(otherMails, message).toEqual(row.status === 'FAILED' ? [] : [row.id])
    if (location !== null) expect(machine.mails.has(mailOfFailure), message).toBe(scenario.isTold ?? false)
    expect(row.failureMail, message).not.toBe('OWED')
    const isKept = row.status === 'SENT' || (row.status === 'FAILED' && row.expiresAt !== null)
    const volumes = Math.max(1, Math.ceil(scenario.actions / MOST_ACTIONS_IN_A_FILE))
    expect(objects.length, message).toBe(isKept ? volumes : 0)
    if (isKept) expect(kept, message).toEqual(objects)
  }
  if (rows.length === 0) expect([objects, kept, [...machine.mails]], message).toEqual([[], [], []])
  const leftover = [
    await database.$count(exportActions),
    await database.$count(exportNotes),
    await database.$count(exportPlans),
  ]
  expect(leftover, message).toEqual([0, 0, 0])
}

/** In the end the export's row is gone as well as its files. */
async function checkForgotten(machine: Machine): Promise<void> {
  await age(machine, ROW_KEPT + DAY)
  await age(machine, ROW_KEPT + DAY)
  expect([await exportRows(), (await env.FILES.list()).objects], why(machine)).toEqual([[], []])
}

/** Leaves nothing of exports and of the machine for the next run. */
export async function cleanUp(): Promise<void> {
  vi.useRealTimers()
  vi.restoreAllMocks()
  const { objects } = await env.FILES.list()
  if (objects.length > 0) await env.FILES.delete(objects.map(({ key }) => key))
  await database.batch([database.delete(exports), database.delete(idempotencyRecords)])
}
