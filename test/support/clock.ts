/** The worker's clock and cron in the test's hands; test/setup.ts gives the real clock back after each test. */
import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import worker from '../../src/index.ts'
import { deliver } from './background.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Moves the clock on. Only dates follow it: timers keep running. */
export function letPass(milliseconds: number): void {
  vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ['Date'] })
}

/** Runs the cron's handler, and delivers what it has sent for each of several databases. */
export async function sweep(inEnv: Env = env): Promise<void> {
  const bodies = await sentSweeps(inEnv)
  await Promise.all(bodies.map((body) => deliver(env.SWEEPS_QUEUE, body, 1, inEnv)))
}

/** Runs the cron's handler; the bodies of the messages that it has sent. */
export async function sentSweeps(inEnv: Env = env): Promise<unknown[]> {
  const bodies: unknown[] = []
  const SWEEPS: Queue = Object.assign(Object.create(null) as Queue, {
    async sendBatch(messages: Iterable<MessageSendRequest>) {
      const portion = [...messages]
      // The platform takes no more.
      if (portion.length > 100) throw new Error('Too many messages')
      bodies.push(...portion.map(({ body }) => body))
    },
  })
  await startCron({ ...inEnv, SWEEPS })
  return bodies
}

/** Runs the cron's handler alone. */
export async function startCron(inEnv: Env): Promise<void> {
  await worker.scheduled(createScheduledController({ scheduledTime: new Date(), cron: '* * * * *' }), inEnv)
}
