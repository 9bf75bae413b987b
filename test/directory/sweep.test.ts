/** The sweep of several databases: a message for each, and so an invocation with limits of its own. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { DatabaseName } from '../../src/platform/place.ts'
import { type Background, catchBackground, deliver, type Delivery } from '../support/background.ts'
import { letPass, MINUTE, sentSweeps, startCron } from '../support/clock.ts'
import { DATABASES, livingIn } from '../support/home.ts'
import { logged } from '../support/log.ts'
import { retriesOf } from '../support/queues.ts'
import { createWorld } from '../support/world.ts'
import { forgetWork, leaveWork, undone, type Work } from './work.ts'

const NAMES = ['DB', 'DB_2', 'DB_3'] as const
const ACKED: Delivery = { acked: true, retryAfter: null }

let background: Background
/** The databases that were asked, a name for each call. */
let asked: string[]

beforeEach(() => {
  background = catchBackground()
  asked = []
})

/** Notes from here on who is asked. */
function watch(): void {
  for (const [name, d1] of Object.entries(DATABASES)) {
    const batch = d1.batch.bind(d1)
    vi.spyOn(d1, 'batch').mockImplementation((statements) => {
      asked.push(name)
      return batch(statements)
    })
  }
}

/** The databases whose runs have come to their ends since that line of the log. */
function doneSince(start: number): unknown[] {
  const lines = logged.slice(start).map((line) => JSON.parse(line) as { step?: string; database?: string })
  return lines.flatMap(({ step, database }) => (step === 'sweep.done' ? [database] : [])).sort()
}

const send = (body: object) => deliver(env.SWEEPS_QUEUE, body)

describe('the cron with several databases', () => {
  it('sends a message for each, and asks none itself', async () => {
    watch()
    const now = Date.now()
    const bodies = await sentSweeps()
    expect(bodies).toEqual(NAMES.map((database) => ({ database, sentAt: expect.any(Number) as number })))
    for (const { sentAt } of bodies as { sentAt: number }[]) expect(sentAt).toBeGreaterThanOrEqual(now)
    expect(asked).toEqual([])
  })

  it('sends messages however many databases are bound', async () => {
    const further = Array.from({ length: 250 }, (_, index) => [`DB_${String(index + 4)}`, env.DB] as const)
    const bodies = await sentSweeps({ ...env, ...Object.fromEntries(further) })
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(253)
  })

  it('sweeps all of them itself if the queue takes no message', async () => {
    const start = logged.length
    vi.spyOn(env.SWEEPS, 'sendBatch').mockRejectedValue(new Error('Queue sendBatch failed'))
    await startCron(env)
    expect(doneSince(start)).toEqual(NAMES)
    expect(logged.slice(start).join()).toContain('"requestId":"sweep.send"')
  })

  it('with one database sends none, and sweeps it', async () => {
    const start = logged.length
    const alone = Object.entries(env).filter(([name]) => !/^DB_\d+$/.test(name))
    expect(await sentSweeps(Object.fromEntries(alone) as unknown as Env)).toEqual([])
    expect(doneSince(start)).toEqual([undefined])
  })
})

describe('a message of the cron', () => {
  it('has its database swept and asks no other', async () => {
    const start = logged.length
    watch()
    expect(await send({ database: 'DB_2', sentAt: Date.now() })).toEqual(ACKED)
    expect(asked.length).toBeGreaterThan(8)
    expect(new Set(asked)).toEqual(new Set(['DB_2']))
    expect(doneSince(start)).toEqual(['DB_2'])
  })

  it('is dropped if it has waited for minutes, since later ones wait too', async () => {
    watch()
    const sentAt = Date.now()
    letPass(2 * MINUTE)
    expect(await send({ database: 'DB_3', sentAt })).toEqual(ACKED)
    expect(asked).not.toEqual([])
    asked = []
    letPass(2 * MINUTE)
    expect(await send({ database: 'DB_3', sentAt })).toEqual(ACKED)
    expect(asked).toEqual([])
  })

  it('is never tried again, also if its database is not bound', async () => {
    watch()
    expect(retriesOf(env.SWEEPS_QUEUE)).toBe(0)
    expect((await send({ database: 'DB_77', sentAt: Date.now() })).acked).toBe(false)
    for (const body of [{ database: 'DB_2' }, { database: 'DB_2', sentAt: 'x' }, {}])
      expect(await send(body)).toEqual(ACKED)
    expect(asked).toEqual([])
  })
})

describe('while DB_2 neither answers nor fails', () => {
  /** Ends the waiting for it. */
  let giveUp: () => void

  beforeEach(() => {
    const over = new EventTarget()
    giveUp = () => {
      letPass(MINUTE)
      over.dispatchEvent(new Event('over'))
    }
    const start = setTimeout
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((callback) => {
      over.addEventListener('over', () => {
        callback()
      })
      return start(() => undefined, 0)
    })
  })

  function hang(name: DatabaseName): void {
    vi.spyOn(DATABASES[name] ?? env.DB, 'batch').mockImplementation(() => {
      asked.push(name)
      return new Promise(() => undefined)
    })
  }

  it('the work of the others is done all the same', async () => {
    await forgetWork()
    const works: Work[] = []
    for (const name of ['DB', 'DB_3'] as const)
      works.push(await livingIn(name, async () => leaveWork(await createWorld(), background)))
    hang('DB_2')
    const start = logged.length
    const runs = NAMES.map((database) => send({ database, sentAt: Date.now() }))
    for (const work of works) {
      // Whose file it is nobody knows while one does not answer.
      await expect.poll(async () => undone(work), { timeout: 20_000 }).toEqual(['orphan'])
    }
    giveUp()
    expect(await Promise.all(runs)).toEqual([ACKED, ACKED, ACKED])
    expect(doneSince(start).sort()).toEqual(['DB', 'DB_3'])
  })

  it('its own run ends with the first task, and says so', async () => {
    hang('DB_2')
    const start = logged.length
    const run = send({ database: 'DB_2', sentAt: Date.now() })
    await expect.poll(() => asked).toEqual(['DB_2'])
    giveUp()
    expect(await run).toEqual(ACKED)
    expect(asked).toEqual(['DB_2'])
    const failures = logged.slice(start).filter((line) => line.includes('"failure"'))
    expect(failures).toHaveLength(1)
    expect(failures[0]).toContain('DB_2 did not carry out a batch')
    expect(doneSince(start)).toEqual([])
  })
})
