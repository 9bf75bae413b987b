/** The worker's clock and cron in the test's hands; test/setup.ts gives the real clock back after each test. */
import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import worker from '../../src/index.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Moves the clock on. Only dates follow it: timers keep running. */
export function letPass(milliseconds: number): void {
  vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ['Date'] })
}

/** Runs the cron's handler. */
export async function sweep(inEnv: Env = env): Promise<void> {
  await worker.scheduled(createScheduledController({ scheduledTime: new Date(), cron: '* * * * *' }), inEnv)
}
