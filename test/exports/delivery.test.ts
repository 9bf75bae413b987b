import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { call, createPlan } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { letPass } from '../support/clock.ts'
import { askForExport, type AskedExport, buryExport, deliverExport, readExport } from '../support/exports.ts'
import { SOON_SECONDS } from '../support/queues.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background
let asked: AskedExport

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
  const plan = await createPlan(world.marc)
  asked = await askForExport(world.marc, plan.id)
})

const DOWN = () => new Response('', { status: 500 })
const BUSY = () => new Response('', { status: 429, headers: { 'Retry-After': '77' } })
const STILL_AT_IT = () => new Response('{"name":"concurrent_idempotent_requests"}', { status: 409 })

/** Makes the next try and moves the clock on to the one after that. @returns the seconds in between */
async function tryNow(attempt: number): Promise<number> {
  const { acked, retryAfter } = await deliverExport(asked, attempt)
  expect(acked).toBe(false)
  letPass((retryAfter ?? 0) * 1000)
  return retryAfter ?? 0
}

describe('a mail provider that fails', () => {
  it('is asked again soon, and leaves the export STORED', async () => {
    background.answerMail(DOWN)
    expect(await tryNow(1)).toBeLessThanOrEqual(SOON_SECONDS)
    expect((await readExport(asked)).status).toBe('STORED')
  })

  it('is asked again when it wants to be', async () => {
    background.answerMail(DOWN)
    await tryNow(1)
    background.answerMail(BUSY)
    expect(await tryNow(2)).toBe(77)
  })

  it('is not asked sooner by a surplus message, which a sweep may send, nor more often', async () => {
    background.answerMail(DOWN)
    await deliverExport(asked)
    expect(await deliverExport(asked)).toEqual({ acked: true, retryAfter: null })
    expect(background.tries).toHaveLength(1)
  })

  it('gets the same bytes at every try, also when company and requester have changed', async () => {
    for (const [index, answer] of [DOWN, BUSY, STILL_AT_IT].entries()) {
      background.answerMail(answer)
      await tryNow(index + 1)
    }
    await call(world.ana, 'PATCH', '/api/v1/company', {
      body: { timeZone: 'Asia/Tokyo', name: 'Renamed', language: 'es' },
    })
    await call(world.marc, 'PATCH', '/api/v1/company/me', { body: { name: 'Renamed', language: 'es' } })
    background.answerMail(null)
    expect((await deliverExport(asked, 4)).acked).toBe(true)
    expect(background.tries).toHaveLength(4)
    expect(new Set(background.tries.map(({ key, body }) => key + body)).size).toBe(1)
    expect(await readExport(asked)).toMatchObject({ status: 'SENT', attempts: 4 })
  })

  it('is asked again soon also when the build had taken several tries', async () => {
    vi.spyOn(env.FILES, 'put')
      .mockRejectedValueOnce(new Error('down'))
      .mockRejectedValueOnce(new Error('down'))
    background.answerMail(() => new Response('', { status: 503 }))
    await tryNow(1)
    expect(await tryNow(2)).toBeGreaterThan(SOON_SECONDS)
    expect(background.tries).toEqual([])
    expect(await tryNow(3)).toBeLessThanOrEqual(SOON_SECONDS)
    expect(await tryNow(4)).toBeGreaterThan(SOON_SECONDS)
    expect(background.tries).toHaveLength(2)
  })
})

describe('the mail about a failure', () => {
  it('has the same bytes at every try, also when company and requester have changed', async () => {
    await buryExport(asked)
    background.answerMail(DOWN)
    await tryNow(1)
    await call(world.ana, 'PATCH', '/api/v1/company', { body: { name: 'Renamed', language: 'es' } })
    await call(world.marc, 'PATCH', '/api/v1/company/me', { body: { name: 'Renamed', language: 'es' } })
    background.answerMail(null)
    expect((await deliverExport(asked, 2)).acked).toBe(true)
    expect(background.tries).toHaveLength(2)
    expect(new Set(background.tries.map(({ key, body }) => key + body)).size).toBe(1)
    expect(background.mails[0]?.text).toContain('Hello Marc,')
    expect(background.mails[0]?.text).toContain('-- \nA company\n')
  })
})

describe('every mail', () => {
  it('says that a program wrote it', async () => {
    await deliverExports(background)
    expect(background.mails).toMatchObject([{ headers: { 'Auto-Submitted': 'auto-generated' } }])
  })
})

describe('a mail provider that refuses', () => {
  beforeEach(() => {
    background.answerMail(() => new Response('', { status: 422 }))
  })

  it('is not asked again: the export is FAILED', async () => {
    expect(await deliverExports(background)).toEqual([{ acked: true, retryAfter: null }])
    expect(await readExport(asked)).toMatchObject({ status: 'FAILED', failure: { code: 'MAIL_REFUSED' } })
  })

  it('takes no files away: fresh links to them can be had', async () => {
    await deliverExports(background)
    const { body } = await call<{ links: { url: string; expiresAt: string }[] }>(
      world.marc,
      'POST',
      `${asked.location}/links`,
    )
    const { url = '', expiresAt = '' } = body.links[0] ?? {}
    const { pathname, search } = new URL(url)
    expect((await call(null, 'GET', pathname + search)).status).toBe(200)
    const lifetime = (Date.parse(expiresAt) - Date.now()) / 1000
    expect(lifetime).toBeGreaterThan(Number(env.EXPORT_LINK_TTL_SECONDS) - 60)
  })
})
