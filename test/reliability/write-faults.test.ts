import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { describe, expect, it, vi } from 'vitest'
import { actions, exports, hierarchies, history, plans, users } from '../../src/db/schema.ts'
import { ACTIONS, PLANS } from '../support/api.ts'
import { HOUR } from '../support/clock.ts'
import { WAYS, type Way } from './faults/faults.ts'
import { insist } from './faults/insist.ts'
import { Machine } from './faults/machine.ts'
import { IS_LONG } from './faults/plans.ts'
import { setStage, type Stage } from './faults/scenarios.ts'
import { home } from '../support/home.ts'

/** Every call in the long run, every fourth in the short one. */
const STEP = IS_LONG ? 1 : 4

const database = drizzle(home)

interface Write {
  name: string
  path: (stage: Stage) => string
  body?: (stage: Stage) => object
  /** Counts what the write has made. */
  made: () => Promise<number>
}

const WRITES: Write[] = [
  {
    name: 'a plan',
    path: () => PLANS,
    body: () => ({ title: 'Once' }),
    made: () => database.$count(plans, eq(plans.title, 'Once')),
  },
  {
    name: 'an action',
    path: () => ACTIONS,
    body: ({ planId }) => ({ planId, title: 'Once' }),
    made: () => database.$count(actions, eq(actions.title, 'Once')),
  },
  {
    name: 'a user',
    path: () => '/api/v1/company/users',
    body: () => ({ email: 'once@example.test', name: 'Once', role: 'EMPLOYEE' }),
    made: () => database.$count(users, eq(users.name, 'Once')),
  },
  {
    name: 'an area',
    path: () => '/api/v1/company/hierarchies',
    body: () => ({ name: 'Once' }),
    made: () => database.$count(hierarchies, eq(hierarchies.name, 'Once')),
  },
  {
    name: 'an export',
    path: ({ planId }) => `${PLANS}/${planId}/excel`,
    made: () => database.$count(exports, eq(exports.status, 'SENT')),
  },
]

async function play(write: Write, at: number, way: Way): Promise<number> {
  const stage = await setStage(1)
  const machine = new Machine({ plan: (call) => (call === at ? way : null) })
  const ask = () => insist(machine, stage.world.ana, write.path(stage), write.body?.(stage))
  const response = await ask()
  const again = await ask()
  expect(again.headers.get('Idempotent-Replayed')).toBe('true')
  expect(again.headers.get('Location')).toBe(response.headers.get('Location'))
  expect(await again.text()).toBe(await response.text())
  const { calls } = machine.faults
  await machine.drain()
  vi.setSystemTime(Date.now() + HOUR)
  await machine.sweep()
  await machine.drain()
  expect(await write.made(), machine.faults.done.join()).toBe(1)
  const entries = await database.$count(history, eq(history.title, 'Once'))
  expect(entries, 'entries of the history').toBe(['a plan', 'an action'].includes(write.name) ? 1 : 0)
  expect(machine.mails.size).toBe(write.name === 'an export' ? 1 : 0)
  vi.useRealTimers()
  vi.restoreAllMocks()
  return calls
}

describe('a write whose n-th call fails, asked for again with its Idempotency-Key', () => {
  it.each(WRITES.map((write) => [write.name, write] as const))(
    'makes %s once',
    { timeout: 300_000 },
    async (_, write) => {
      let runs = 0
      for (const [index, way] of WAYS.entries()) {
        let calls = Number.POSITIVE_INFINITY
        for (let at = 1 + (index % STEP); at <= calls; at += STEP) {
          calls = await play(write, at, way)
          runs += 1
        }
      }
      console.info(`write faults: ${write.name}: ${String(runs)} runs`)
      expect(runs).toBeGreaterThanOrEqual(WAYS.length)
    },
  )
})
