import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { DATABASES } from './support/home.ts'
import './support/patience.ts'
import { leaksIn } from './support/leaks.ts'
import { captureLog, logged } from './support/log.ts'

captureLog()

beforeAll(async () => {
  await reset()
  for (const database of Object.values(DATABASES)) await applyD1Migrations(database, env.TEST_MIGRATIONS)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

// Whatever a file tests: the log that it left behind holds nothing that a log must not hold.
afterAll(() => {
  const lines = logged.splice(0)
  expect(leaksIn(lines).slice(0, 20)).toEqual([])
})
