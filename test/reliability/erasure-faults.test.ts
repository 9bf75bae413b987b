import { describe, expect, it, vi } from 'vitest'
import { eraseUser, leave } from '../erasure/scene.ts'
import { USERS } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { CALENDAR } from '../support/calendars.ts'
import { MINUTE } from '../support/clock.ts'
import { tracesOf } from '../support/traces.ts'
import { createWorld, type Person } from '../support/world.ts'
import type { FaultPlan } from './faults/faults.ts'
import { Machine } from './faults/machine.ts'
import { IS_LONG, playAll } from './faults/plans.ts'

const EXTENT = IS_LONG ? { tried: Number.POSITIVE_INFINITY, pairs: 20 } : { tried: 3, pairs: 2 }

/** Sends a request until it is answered as it should be. */
async function until(
  machine: Machine,
  { session }: Person,
  method: string,
  path: string,
  status: number,
): Promise<Response> {
  for (let tries = 1; tries <= 5; tries += 1) {
    const request = new Request(`https://api.test${path}`, { method, headers: { SessionId: session } })
    const response = await machine.request(request)
    if (response?.status === status) return response
    expect([undefined, 409, 500, 503], machine.faults.done.join()).toContain(response?.status)
  }
  expect.fail('never answered well')
}

/** A machine whose clock goes on from now, since sessions and files are of now. */
function machineNow(plan: FaultPlan): Machine {
  const now = Date.now()
  const machine = new Machine({ plan })
  vi.setSystemTime(now)
  return machine
}

async function sweepTwice(machine: Machine): Promise<void> {
  for (const _ of [1, 2]) {
    vi.setSystemTime(Date.now() + MINUTE)
    await machine.sweep()
    await machine.drain()
  }
}

/** An erasure that is asked for until it succeeds; returns how many calls the first request and what followed it made. */
async function playErasure(plan: FaultPlan): Promise<number> {
  const world = await createWorld()
  const { person, words } = await leave(world, catchBackground())
  vi.restoreAllMocks()
  const machine = machineNow(plan)
  await until(machine, world.ana, 'POST', `${USERS}/${person.id}/erasure`, 200)
  const { calls } = machine.faults
  await sweepTwice(machine)
  expect(await tracesOf(words), machine.faults.done.join()).toEqual([])
  vi.useRealTimers()
  vi.restoreAllMocks()
  expect((await eraseUser(world, person.id)).status).toBe(200)
  return calls
}

/** A calendar that is asked for until it is there: its address works, until it is ended. */
async function playCalendar(plan: FaultPlan): Promise<number> {
  const { marc } = await createWorld()
  const machine = machineNow(plan)
  const made = await until(machine, marc, 'POST', CALENDAR, 200)
  const { url } = await made.json<{ url: string }>()
  const { pathname } = new URL(url)
  expect((await until(machine, marc, 'GET', pathname, 200)).headers.get('Content-Type')).toContain('calendar')
  await until(machine, marc, 'DELETE', CALENDAR, 204)
  const { calls } = machine.faults
  await until(machine, marc, 'GET', pathname, 404)
  vi.useRealTimers()
  vi.restoreAllMocks()
  return calls
}

describe('whichever call fails,', () => {
  it('an erasure that is asked for again leaves no trace', { timeout: 600_000 }, async () => {
    const runs = await playAll(playErasure, EXTENT)
    console.info(`faults: an erasure: ${String(runs)} runs`)
    expect(runs).toBeGreaterThan(10)
  })

  it(
    'a calendar that is asked for again has one address, which ends for good',
    { timeout: 600_000 },
    async () => {
      const runs = await playAll(playCalendar, EXTENT)
      console.info(`faults: a calendar: ${String(runs)} runs`)
      expect(runs).toBeGreaterThan(10)
    },
  )
})
