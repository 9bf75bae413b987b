import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExportView } from '../../src/exports/schemas.ts'
import { call, codeOf, createAction, createPlan, PLANS, type Reply, type Slice } from '../support/api.ts'
import { type Background, catchBackground, deliver, deliverExports } from '../support/background.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

const EXPORTS = '/api/v1/company/exports'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

async function askFor(who: Person, planId: string, headers: Record<string, string> = {}): Promise<string> {
  const reply = await call(who, 'POST', `${PLANS}/${planId}/excel`, { headers })
  expect([reply.status, reply.text], reply.text).toEqual([200, ''])
  return reply.headers.get('Location') ?? ''
}

async function read(who: Person, location: string): Promise<ExportView> {
  const reply = await call<ExportView>(who, 'GET', location)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

/** The links in the newest mail, as paths. */
function mailedLinks(): string[] {
  const text = background.mails.at(-1)?.text ?? ''
  return [...text.matchAll(/https?:\/\/[^/]+(\/\S+)/g)].map(([, path]) => path ?? '')
}

async function exportOf(
  who: Person,
  fields: Record<string, unknown> = {},
): Promise<{ location: string; link: string }> {
  const plan = await createPlan(who, fields)
  await createAction(who, plan.id)
  const location = await askFor(who, plan.id)
  await deliverExports(background)
  return { location, link: mailedLinks()[0] ?? '' }
}

describe('an export', () => {
  it('goes from QUEUED to SENT with one file and one mail to its requester', async () => {
    const plan = await createPlan(world.marc, { title: 'Bienestar 2027' })
    await createAction(world.marc, plan.id)
    const location = await askFor(world.marc, plan.id)
    expect(await read(world.marc, location)).toMatchObject({
      planId: plan.id,
      planTitle: 'Bienestar 2027',
      status: 'QUEUED',
      progress: { done: 0, total: 0 },
      files: [],
      attempts: 0,
      finishedAt: null,
      expiresAt: null,
      failure: null,
    })
    const [message] = background.exports
    expect(message).toEqual({ companyId: world.companyId, exportId: location.split('/').at(-1) })
    expect(await deliverExports(background)).toEqual([{ acked: true, retryAfter: null }])
    const sent = await read(world.marc, location)
    expect(sent).toMatchObject({
      status: 'SENT',
      progress: { done: 1, total: 1 },
      attempts: 1,
      failure: null,
    })
    expect(sent.files).toMatchObject([{ name: 'bienestar-2027.xlsx' }])
    expect(background.mails).toMatchObject([
      { to: [world.marc.email], subject: 'Action plan “Bienestar 2027”: your Excel export', key: sent.id },
    ])
    const file = await download(mailedLinks()[0] ?? '')
    expect(file.byteLength).toBe(sent.files[0]?.bytes)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', file))
    expect([...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(sent.files[0]?.sha256)
    expect(new Uint8Array(file).slice(0, 2)).toEqual(new Uint8Array([0x50, 0x4b]))
  })

  it('is in Spanish for who prefers it', async () => {
    const plan = await createPlan(world.marc, { title: 'Plan' })
    await askFor(world.marc, plan.id, { 'Accept-Language': 'es' })
    await deliverExports(background)
    expect(background.mails[0]?.subject).toBe('Plan de acción «Plan»: tu exportación a Excel')
  })

  it('comes once however often its message does', async () => {
    const { location } = await exportOf(world.marc)
    const message = { companyId: world.companyId, exportId: location.split('/').at(-1) }
    for (let time = 0; time < 3; time += 1) {
      expect((await deliver('action-plans-exports', message)).acked).toBe(true)
    }
    expect(background.tries).toHaveLength(1)
    expect((await env.FILES.list({ prefix: `exports/${message.exportId ?? ''}/` })).objects).toHaveLength(1)
  })

  it('is seen by its requester alone', async () => {
    const { location } = await exportOf(world.marc, { visibility: 'PUBLIC' })
    for (const [who, status] of [
      [world.ana, 403],
      [world.noa, 403],
      [world.eli, 403],
      [world.gus, 404],
    ] as const) {
      expect((await call(who, 'GET', location)).status).toBe(status)
      expect((await call(who, 'POST', `${location}/links`)).status).toBe(status)
    }
    expect((await call<Slice<unknown>>(world.marc, 'GET', EXPORTS)).body.total).toBe(1)
    expect((await call<Slice<unknown>>(world.ana, 'GET', EXPORTS)).body.total).toBe(0)
  })

  it('is for whoever may read the plan', async () => {
    const plan = await createPlan(world.marc)
    for (const [who, status] of [
      [world.ana, 403],
      [world.noa, 403],
      [world.gus, 404],
    ] as const) {
      expect((await call(who, 'POST', `${PLANS}/${plan.id}/excel`)).status).toBe(status)
    }
    expect(background.exports).toEqual([])
  })

  it('is FAILED with a 503 when the queue does not take it', async () => {
    const plan = await createPlan(world.marc)
    vi.spyOn(env.EXPORTS, 'send').mockRejectedValueOnce(new Error('no queue'))
    const reply = await call(world.marc, 'POST', `${PLANS}/${plan.id}/excel`)
    expect([reply.status, codeOf(reply)]).toEqual([503, 'QUEUE_UNAVAILABLE'])
    const { result } = (await call<Slice<ExportView>>(world.marc, 'GET', EXPORTS)).body
    expect(result).toMatchObject([{ status: 'FAILED', failure: { code: 'QUEUE_UNAVAILABLE' } }])
  })

  it('ends FAILED without a mail when its plan is deleted first', async () => {
    const plan = await createPlan(world.marc)
    const location = await askFor(world.marc, plan.id)
    await call(world.marc, 'DELETE', `${PLANS}/${plan.id}`)
    expect(await read(world.marc, location)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'PLAN_DELETED' },
    })
    expect(await deliverExports(background)).toEqual([{ acked: true, retryAfter: null }])
    expect(background.tries).toEqual([])
  })

  it('ends FAILED without a mail when its requester lost the right to it', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const location = await askFor(world.noa, plan.id)
    await call(world.marc, 'PATCH', `${PLANS}/${plan.id}`, { body: { visibility: 'PRIVATE' } })
    await deliverExports(background)
    expect(await read(world.noa, location)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'ACCESS_LOST' },
    })
    expect(background.tries).toEqual([])
  })
})

describe('a failing mail provider', () => {
  it('is tried again with the same bytes, soon first, and as it asks', async () => {
    const plan = await createPlan(world.marc)
    const location = await askFor(world.marc, plan.id)
    const message = background.exports.shift()
    background.answerMail(() => new Response('', { status: 500 }))
    const first = await deliver('action-plans-exports', message)
    expect([first.acked, (first.retryAfter ?? 99) <= 5]).toEqual([false, true])
    expect((await read(world.marc, location)).status).toBe('STORED')
    // A surplus message, from a sweep for example, neither hurries the retry nor starts another chain of them.
    expect(await deliver('action-plans-exports', message)).toEqual({ acked: true, retryAfter: null })
    expect(background.tries).toHaveLength(1)
    let now = Date.now()
    const later = (seconds: number) => {
      now += seconds * 1000
      vi.useFakeTimers({ now, toFake: ['Date'] })
    }
    later(first.retryAfter ?? 0)
    background.answerMail(() => new Response('', { status: 429, headers: { 'Retry-After': '77' } }))
    expect((await deliver('action-plans-exports', message, 2)).retryAfter).toBe(77)
    later(77)
    background.answerMail(() => new Response('{"name":"concurrent_idempotent_requests"}', { status: 409 }))
    const third = await deliver('action-plans-exports', message, 3)
    expect(third.acked).toBe(false)
    await call(world.ana, 'PATCH', '/api/v1/company', { body: { timeZone: 'Asia/Tokyo' } })
    later(third.retryAfter ?? 0)
    background.answerMail(null)
    expect((await deliver('action-plans-exports', message, 4)).acked).toBe(true)
    expect(new Set(background.tries.map(({ key, body }) => key + body)).size).toBe(1)
    expect(await read(world.marc, location)).toMatchObject({ status: 'SENT', attempts: 4 })
  })

  it('is asked again soon also when the build had taken several tries', async () => {
    const plan = await createPlan(world.marc)
    await askFor(world.marc, plan.id)
    const message = background.exports.shift()
    vi.spyOn(env.FILES, 'put')
      .mockRejectedValueOnce(new Error('down'))
      .mockRejectedValueOnce(new Error('down'))
    background.answerMail(() => new Response('', { status: 503 }))
    const waits: number[] = []
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const { retryAfter } = await deliver('action-plans-exports', message, attempt)
      waits.push(retryAfter ?? 0)
      vi.useFakeTimers({ now: Date.now() + (retryAfter ?? 0) * 1000, toFake: ['Date'] })
    }
    expect(background.tries).toHaveLength(2)
    expect(waits[1]).toBeGreaterThan(5)
    expect(waits[2]).toBeLessThanOrEqual(5)
    expect(waits[3]).toBeGreaterThan(5)
  })

  it('tells once of a failure that is not its own, as long as there is somebody to tell', async () => {
    for (const entitled of [true, false]) {
      const plan = await createPlan(world.marc)
      const location = await askFor(world.marc, plan.id)
      const message = background.exports.shift()
      expect((await deliver('action-plans-dead-letters', message)).acked).toBe(true)
      expect(await read(world.marc, location)).toMatchObject({
        status: 'FAILED',
        failure: { code: 'BUILD_FAILED' },
      })
      if (!entitled) await call(world.marc, 'DELETE', `${PLANS}/${plan.id}`)
      await deliverExports(background)
      await deliver('action-plans-exports', message)
      await deliver('action-plans-dead-letters', message)
      expect(background.exports).toEqual([])
      expect(background.mails.map(({ subject }) => subject)).toEqual([
        'Action plan “A plan”: the export failed',
      ])
    }
  })

  it('that refuses is final; the files stay and links can be had', async () => {
    const plan = await createPlan(world.marc)
    const location = await askFor(world.marc, plan.id)
    background.answerMail(() => new Response('', { status: 422 }))
    expect(await deliverExports(background)).toEqual([{ acked: true, retryAfter: null }])
    expect(await read(world.marc, location)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'MAIL_REFUSED' },
    })
    const reply = await call<{ links: { name: string; url: string; expiresAt: string }[] }>(
      world.marc,
      'POST',
      `${location}/links`,
    )
    const [link] = reply.body.links
    expect(
      (await call(null, 'GET', new URL(link?.url ?? '').pathname + new URL(link?.url ?? '').search)).status,
    ).toBe(200)
    expect(Date.parse(link?.expiresAt ?? '')).toBeGreaterThan(Date.now() + 86_000_000)
  })

  it('ends in the dead-letter queue as FAILED with the reason', async () => {
    const plan = await createPlan(world.marc)
    const location = await askFor(world.marc, plan.id)
    const message = background.exports.shift()
    background.answerMail(() => new Response('', { status: 500 }))
    await deliver('action-plans-exports', message)
    expect((await deliver('action-plans-dead-letters', message)).acked).toBe(true)
    expect(await read(world.marc, location)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'MAIL_UNDELIVERABLE' },
    })
    expect(background.tries).toHaveLength(1)
  })
})

describe('a download', () => {
  it('streams with the headers of a private attachment', async () => {
    const { link } = await exportOf(world.marc, { title: 'Año "2027" — plan/1' })
    const reply = await call(null, 'GET', link)
    expect(reply.status).toBe(200)
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'content-disposition': `attachment; filename="ano-2027-plan-1.xlsx"; filename*=UTF-8''A%C3%B1o%202027%20%E2%80%94%20plan%201.xlsx`,
      'accept-ranges': 'bytes',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
    })
    const head = await call(null, 'HEAD', link)
    expect([head.status, head.text, head.headers.get('ETag')]).toEqual([200, '', reply.headers.get('ETag')])
  })

  it('answers ranges', async () => {
    const { link, location } = await exportOf(world.marc)
    const size = (await read(world.marc, location)).files[0]?.bytes ?? 0
    const range = (header: string, more = {}) =>
      call(null, 'GET', link, { headers: { Range: header, ...more } })
    const first = await range('bytes=0-1')
    expect([first.status, first.text, first.headers.get('Content-Range')]).toEqual([
      206,
      'PK',
      `bytes 0-1/${String(size)}`,
    ])
    expect((await range('bytes=-10')).headers.get('Content-Range')).toBe(
      `bytes ${String(size - 10)}-${String(size - 1)}/${String(size)}`,
    )
    const beyond = await range(`bytes=${String(size)}-`)
    expect([beyond.status, beyond.headers.get('Content-Range')]).toEqual([416, `bytes */${String(size)}`])
    for (const ignored of ['bytes=5-1', 'lines=0-1', 'bytes=0-1,4-5', 'bytes=-']) {
      expect((await range(ignored)).status, ignored).toBe(200)
    }
    expect((await range('bytes=0-1', { 'If-Range': '"other"' })).status).toBe(200)
    expect((await range('bytes=0-1', { 'If-Range': first.headers.get('ETag') ?? '' })).status).toBe(206)
  })

  it('is 410 when expired or gone, 403 when anything is changed, with a page for browsers', async () => {
    const { link, location } = await exportOf(world.marc)
    const page = await call(null, 'GET', `${link}0`, { headers: { Accept: 'text/html,*/*' } })
    expect([page.status, page.headers.get('Content-Type')]).toEqual([403, 'text/html; charset=utf-8'])
    for (const [accept, type] of [
      ['application/json, TEXT/HTML; charset=utf-8', 'text/html; charset=utf-8'],
      ['*/*', 'application/problem+json'],
      ['application/json, text/html;q=0', 'application/problem+json'],
    ] as const) {
      const reply = await call(null, 'GET', `${link}0`, { headers: { Accept: accept } })
      expect(reply.headers.get('Content-Type'), accept).toBe(type)
    }
    const [path, query] = link.split('?')
    for (const changed of [
      `${link}0`,
      `${link}&x=1`,
      `${link}&kid=k2`,
      path ?? '',
      `${path ?? ''}?${query?.split('&').reverse().join('&') ?? ''}`,
    ]) {
      const reply = await call(null, 'GET', changed)
      expect([reply.status, codeOf(reply)], changed).toEqual([403, 'LINK_REFUSED'])
    }
    const bucketKey = `exports/${location.split('/').at(-1) ?? ''}/a-plan.xlsx`
    await env.FILES.delete(bucketKey)
    expect(codeOf(await call(null, 'GET', link))).toBe('FILE_GONE')
    vi.useFakeTimers({ now: Date.now() + 86_401_000, toFake: ['Date'] })
    const late: Reply = await call(null, 'GET', link)
    expect([late.status, codeOf(late)]).toEqual([410, 'LINK_EXPIRED'])
  })
})

async function download(path: string): Promise<ArrayBuffer> {
  const { exports } = await import('cloudflare:workers')
  return (await exports.default.fetch(`https://api.test${path}`)).arrayBuffer()
}
