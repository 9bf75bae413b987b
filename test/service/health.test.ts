import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { newMeter } from '../../src/platform/database.ts'
import { checkHealth } from '../../src/service/health.ts'
import { call } from '../support/api.ts'
import { MINUTE } from '../support/clock.ts'
import { DATABASES } from '../support/home.ts'

const databases = Object.fromEntries(Object.keys(DATABASES).map((name) => [name, true]))
const WELL = { d1: true, databases, kv: true, r2: true, queue: true }
/** The contract: how long an outcome is kept. */
const KEPT_MILLISECONDS = 10_000

describe('/healthz', () => {
  it('is well', async () => {
    const { status, body } = await call(null, 'GET', '/healthz')
    expect([status, body]).toEqual([200, { status: 'ok', parts: { ...WELL, publicUrl: true } }])
  })

  it('says which part does not answer, and looks again only after a while', async () => {
    const later = Date.now() + MINUTE
    const check = (milliseconds: number) => checkHealth(env, newMeter(), later + milliseconds)
    vi.spyOn(env.FILES, 'head').mockRejectedValueOnce(new Error('down'))
    const ill = { ...WELL, r2: false }
    expect(await check(0)).toEqual(ill)
    expect(await check(KEPT_MILLISECONDS - 1)).toEqual(ill)
    expect(await check(KEPT_MILLISECONDS)).toEqual(WELL)
  })
})
