/** One run: the scenario with its faults, played to the end, and what must be true then. */
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { PLANS } from '../../support/api.ts'
import { HOUR, MINUTE } from '../../support/clock.ts'
import { type Dump, dumpDatabase } from '../../support/dump.ts'
import { wrongWeights } from '../../support/weights.ts'
import type { FaultPlan } from './faults.ts'
import { Machine } from './machine.ts'
import type { Scenario, Stage } from './scenarios.ts'

const OF_EXPORTS = ['exports', 'export_files', 'export_actions', 'export_notes', 'idempotency_records']
const DAY = 24 * HOUR

interface ExportRow {
  id: string
  status: string
  failure_code: string | null
  failure_mail: string | null
  expires_at: number | null
}

export interface Outcome {
  calls: number
  acknowledged: boolean
}

/** What exports weigh counts in their company, whose row they touch in nothing else. */
async function dumpOthers(): Promise<Dump> {
  const { companies = [], ...rest } = await dumpDatabase(OF_EXPORTS)
  return { ...rest, companies: companies.map((row) => row.replace(/"stored_bytes":\d+/, '')) }
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
    new Request(`https://api.test${PLANS}/${stage.planId}/excel`, {
      method: 'POST',
      headers: { SessionId: stage.world.noa.session },
    }),
  )
  if (scenario.beforeCall === undefined) await scenario.meanwhile?.(stage)
  others = await dumpOthers()
  if (scenario.isDoubled) machine.duplicate()
  await settle(machine)
  if (scenario.isKeptToTheEnd) {
    await age(machine, 8 * DAY)
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

/** Messages, then the cron as often as it takes for what is stuck, and last beyond the time to give up. */
async function settle(machine: Machine): Promise<void> {
  await machine.drain()
  for (let round = 0; round < 6 && (await isOpen()); round += 1) await age(machine, 20 * MINUTE)
  if (await isOpen()) await age(machine, 21 * HOUR)
  await sweepEnough(machine)
}

/** The cron comes again and again; more often than a run has faults, so that one at least is spared. */
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
    ({ status, failure_mail }) =>
      ['QUEUED', 'BUILDING', 'STORED'].includes(status) || failure_mail === 'OWED',
  )
}

async function exportRows(): Promise<ExportRow[]> {
  const { results } = await env.DB.prepare(
    'SELECT id, status, failure_code, failure_mail, expires_at FROM exports',
  ).all<ExportRow>()
  return results
}

const why = (machine: Machine) => machine.faults.done.join('; ') || 'without a fault'

async function check(machine: Machine, scenario: Scenario, location: string | null): Promise<void> {
  const message = why(machine)
  const rows = await exportRows()
  const files = (
    await env.DB.prepare('SELECT export_id, name FROM export_files').all<Record<string, string>>()
  ).results
  const objects = (await env.FILES.list()).objects.map(({ key }) => key).sort()
  const kept = files.map((file) => `exports/${file.export_id ?? ''}/${file.name ?? ''}`).sort()
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
    if (location !== null) expect(row.status, `${message}: ${row.failure_code ?? ''}`).toBe(scenario.ends)
    const expected = row.status === 'FAILED' ? [] : [row.id]
    expect(
      [...machine.mails.keys()].filter((key) => key === row.id),
      message,
    ).toEqual(expected)
    expect(
      [...machine.mails.keys()].filter((key) => key !== row.id && key !== `${row.id}-failed`),
      message,
    ).toEqual([])
    if (location !== null)
      expect(machine.mails.has(`${row.id}-failed`), message).toBe(scenario.isTold ?? false)
    expect(row.failure_mail, message).not.toBe('OWED')
    const isKept = row.status === 'SENT' || (row.status === 'FAILED' && row.expires_at !== null)
    const volumes = scenario.actions > 500 ? 2 : 1
    expect(objects.length, message).toBe(isKept ? volumes : 0)
    if (isKept) expect(kept, message).toEqual(objects)
  }
  if (rows.length === 0) expect([objects, kept, [...machine.mails]], message).toEqual([[], [], []])
  const leftover = await env.DB.prepare(
    'SELECT (SELECT count(*) FROM export_actions) + (SELECT count(*) FROM export_notes) AS n',
  ).first<{ n: number }>()
  expect(leftover?.n, message).toBe(0)
}

/** 30 days after its files even the row is gone. */
async function checkForgotten(machine: Machine): Promise<void> {
  await age(machine, 31 * DAY)
  await age(machine, 31 * DAY)
  expect([await exportRows(), (await env.FILES.list()).objects], why(machine)).toEqual([[], []])
}

/** As it was, for the next run. */
async function cleanUp(): Promise<void> {
  vi.useRealTimers()
  vi.restoreAllMocks()
  const { objects } = await env.FILES.list()
  if (objects.length > 0) await env.FILES.delete(objects.map(({ key }) => key))
  await env.DB.batch([
    env.DB.prepare('DELETE FROM exports'),
    env.DB.prepare('DELETE FROM idempotency_records'),
  ])
}
