import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { linkMail } from '../../src/exports/email.ts'
import { ACTIONS, call, createAction, createPlan, PLANS, type Reply } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { letPass, MINUTE } from '../support/clock.ts'
import { askForExport, deliverExport, readExport } from '../support/exports.ts'
import { insertPlan } from '../support/factories.ts'
import { leaksIn } from '../support/leaks.ts'
import { logged } from '../support/log.ts'
import { createWorld, type World } from '../support/world.ts'
import { DATABASES, home } from '../support/home.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

/** A word of the tests' own data and errors: in a log or an answer of a failure it is a leak. */
const CANARY = 'canary-4711-tweet'

function logSince(start: number): string {
  return logged.slice(start).join('\n')
}

describe('the check of the log', () => {
  const line = (members: object) => [JSON.stringify({ kind: 'request', ...members })]

  it('lets good lines pass', async () => {
    const start = logged.length
    await createPlan(world.ana)
    expect(logged.length).toBeGreaterThan(start)
    expect(leaksIn(logged.slice(start))).toEqual([])
    const isSeveral = Object.keys(DATABASES).length > 1
    expect(logSince(start).includes('"database":')).toBe(isSeveral)
  })

  it.each([
    [{ database: 'DB_2 of Acme' }],
    [{ email: 'x' }],
    [{ route: '/api/v1/downloads/64f8a0e2d5b7c9a1e3f4a5b6/plan.xlsx' }],
    [{ requestId: 'ana@acme.test' }],
    [{ code: '12345678' }],
    [{ errors: ['Failed query: select 1 params: secret'] }],
    [{ frames: ['at x (file.ts:1:1) ana@acme.test'] }],
    [{ step: 'a'.repeat(42) + 'A' }],
    [{ userId: '0'.repeat(64) }],
    [{ status: { body: 'x' } }],
  ])('stops %j', (members) => {
    expect(leaksIn(line(members))).not.toEqual([])
  })

  it('stops a line that is no JSON', () => {
    expect(leaksIn(['Error: something'])).toHaveLength(1)
  })
})

describe('when a part of the service fails', () => {
  const INSIDES = /SQL|D1|KV|R2|queue:|constraint|stack|\.ts\b|binding|SESSIONS|EXPORTS|drizzle|canary/i

  function expectSilent(reply: Reply, start: number): void {
    expect(reply.status).toBe(500)
    const { requestId, ...rest } = reply.body
    expect(rest).toEqual({
      type: 'urn:action-plans:problem:internal',
      title: 'Something went wrong on our side',
      status: 500,
      detail: 'Something went wrong on our side.',
      code: 'INTERNAL',
    })
    expect(reply.text.replace(String(requestId), '')).not.toMatch(INSIDES)
    expect(logSince(start)).toContain(String(requestId))
    expect(logSince(start)).not.toContain(CANARY)
    expect(logSince(start)).not.toContain(world.ana.session)
    expect(leaksIn(logged.slice(start))).toEqual([])
  }

  it.each<[string, () => Promise<Reply>]>([
    ['write', () => call(world.ana, 'POST', PLANS, { body: { title: CANARY } })],
    ['read', () => call(world.ana, 'GET', `${ACTIONS}?q=${CANARY}`)],
  ])('D1 at a %s, neither answer nor log tells the statement or its parameters', async (_, request) => {
    const start = logged.length
    vi.spyOn(home, 'batch').mockRejectedValue(new Error(`D1_ERROR: near "${CANARY}": SQLITE_ERROR`))
    expectSilent(await request(), start)
  })

  it('D1 refusing a statement while it runs, neither answer nor log tells what it said', async () => {
    const start = logged.length
    const plan = await createPlan(world.ana)
    await home
      .prepare(`CREATE TRIGGER refuse BEFORE INSERT ON actions BEGIN SELECT RAISE(ABORT, '${CANARY}'); END`)
      .run()
    const reply = await call(world.ana, 'POST', ACTIONS, { body: { planId: plan.id, title: CANARY } })
    await home.prepare('DROP TRIGGER refuse').run()
    expectSilent(reply, start)
  })

  it('KV, neither answer nor log tells what it said', async () => {
    const start = logged.length
    vi.spyOn(env.SESSIONS, 'get').mockRejectedValue(new Error(`KV GET failed: ${CANARY}`))
    expectSilent(await call(world.ana, 'GET', PLANS), start)
  })

  it('the queue, neither answer nor log tells what it said', async () => {
    const start = logged.length
    const plan = await createPlan(world.ana, { title: CANARY })
    vi.spyOn(env.EXPORTS, 'send').mockRejectedValue(new Error(`queue: ${CANARY}`))
    const reply = await call(world.ana, 'POST', `${PLANS}/${plan.id}/excel`)
    expect([reply.status, reply.body.code]).toEqual([503, 'QUEUE_UNAVAILABLE'])
    expect(reply.text).not.toContain(CANARY)
    expect(logSince(start)).not.toContain(CANARY)
  })

  it('R2 or the mail provider, neither the export nor the log tells what they said', async () => {
    const start = logged.length
    const plan = await createPlan(world.ana, { title: CANARY })
    const asked = await askForExport(world.ana, plan.id)
    vi.spyOn(env.FILES, 'put').mockRejectedValueOnce(new Error(`R2: ${CANARY}`))
    await deliverExports(background)
    letPass(MINUTE)
    background.answerMail(() => new Response(`{"message":"${CANARY} ${world.ana.email}"}`, { status: 500 }))
    await deliverExport(asked)
    letPass(MINUTE)
    background.answerMail(() => new Response(CANARY, { status: 422 }))
    await deliverExport(asked)
    const { failure } = await readExport(asked)
    expect(failure?.code).toBe('MAIL_REFUSED')
    expect(JSON.stringify(failure)).not.toContain(CANARY)
    expect(logSince(start)).not.toContain(CANARY)
    expect(leaksIn(logged.slice(start))).toEqual([])
  })
})

describe('a mail', () => {
  const EVIL = '"><script>alert(1)</script><img src=x onerror=a>&lt; \' “'

  it.each(['\r\n', '\n', '\r', '\u2028', '\u2029', '\u0085', '\0', '\v'])(
    'cannot be given another header or recipient through a title with %j',
    async (end) => {
      const title = `Hi${end}Bcc: evil@example.test`
      // Straight into D1: the API would refuse such a title.
      const plan = await insertPlan({ companyId: world.companyId, createdBy: world.ana.id, title })
      await askForExport(world.ana, plan.id)
      await deliverExports(background)
      const [mail] = background.mails
      expect(mail?.to).toEqual([world.ana.email])
      expect(mail?.subject).toContain('Hi Bcc: evil@example.test')
      expect(`${mail?.subject ?? ''}${mail?.from ?? ''}`).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
    },
  )

  it('shows user text as text, and links to nothing but the files', async () => {
    const plan = await createPlan(world.ana, { title: EVIL })
    await createAction(world.ana, plan.id, { title: EVIL })
    await askForExport(world.ana, plan.id)
    await deliverExports(background)
    const html = background.mails[0]?.html ?? ''
    expect(html).toContain('&lt;script&gt;')
    expect(html).not.toMatch(/<script|<img|onerror=[^&]*>/)
    const links = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link)
    expect(links).toHaveLength(1)
    expect(links[0]).toMatch(/^http:\/\/localhost:8787\/api\/v1\/downloads\//)
  })

  it('escapes a link too', () => {
    const { html } = linkMail({
      exportId: '0'.repeat(24),
      to: 'a@b.cd',
      locale: 'es',
      companyName: EVIL,
      accentColor: null,
      name: EVIL,
      timeZone: 'UTC',
      planTitle: EVIL,
      completionPercent: 0,
      actionCount: 1,
      overdueCount: 0,
      hasHiddenActions: false,
      files: [{ name: EVIL, bytes: 1, url: 'https://x.test/?a=1&b="><script>' }],
      linkExpiresAt: 0,
      filesExpireAt: 1,
    })
    expect(html).not.toMatch(/<script|<img/)
  })
})
