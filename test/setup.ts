import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { captureLog } from './support/log.ts'

beforeAll(async () => {
  await reset()
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
})

beforeEach(() => {
  captureLog()
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})
