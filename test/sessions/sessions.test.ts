import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256Hex } from '../../src/platform/hash.ts'
import { sweepAll } from '../../src/sweep.ts'
import { call, codeOf, namedPaths, PLANS, type Reply } from '../support/api.ts'
import { type Background, catchBackground, deliver } from '../support/background.ts'
import { createWorld, openSession, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

function askFor(email: string, headers: Record<string, string> = {}): Promise<Reply> {
  return call(null, 'POST', '/api/v1/sign-in-codes', { body: { email }, headers })
}

function signIn(email: string, code: string): Promise<Reply<{ sessionId: string; expiresAt: string }>> {
  return call(null, 'POST', '/api/v1/sessions', { body: { email, code } })
}

/** Delivers what waits and reads the newest code. */
async function receiveCode(): Promise<string> {
  for (const body of background.codes.splice(0)) await deliver('action-plans-sign-in-mail', body)
  return /\b\d{8}\b/.exec(background.mails.at(-1)?.text ?? '')?.[0] ?? ''
}

function wrong(code: string): string {
  return code === '00000000' ? '00000001' : '00000000'
}

describe('signing in', () => {
  it('takes the code from the mail once and opens a session', async () => {
    expect((await askFor(world.marc.email.toUpperCase())).status).toBe(202)
    const code = await receiveCode()
    expect(background.mails.map(({ to }) => to)).toEqual([[world.marc.email]])
    const reply = await signIn(world.marc.email, code)
    expect(reply.status, reply.text).toBe(200)
    expect(reply.body).toMatchObject({
      user: { id: world.marc.id, email: world.marc.email, role: 'MANAGER' },
    })
    expect(reply.body.sessionId).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect((await call(reply.body.sessionId, 'GET', PLANS)).status).toBe(200)
    const again = await signIn(world.marc.email, code)
    expect([again.status, codeOf(again as Reply)]).toEqual([401, 'SIGN_IN_FAILED'])
  })

  it('writes the mail in Spanish to who prefers it', async () => {
    await askFor(world.marc.email, { 'Accept-Language': 'ca;q=0.9, es-ES, en;q=0.8' })
    await receiveCode()
    expect(background.mails[0]?.subject).toBe('Tu código de acceso')
  })

  it('answers strangers and the inactive just the same, and mails nobody', async () => {
    await env.DB.prepare('UPDATE users SET active = 0 WHERE id = ?').bind(world.noa.id).run()
    const known = await askFor(world.marc.email)
    for (const email of ['stranger@example.test', world.noa.email]) {
      const reply = await askFor(email)
      expect([reply.status, reply.text]).toEqual([known.status, known.text])
    }
    expect(background.codes).toHaveLength(3)
    await receiveCode()
    expect(background.mails.map(({ to }) => to)).toEqual([[world.marc.email]])
  })

  it('stores and queues no code, and no address of strangers', async () => {
    await askFor(world.marc.email)
    const queued = JSON.stringify(background.codes)
    const code = await receiveCode()
    await askFor('stranger@example.test')
    const { results } = await env.DB.prepare('SELECT * FROM sign_in_codes').all()
    expect(queued + JSON.stringify(results)).not.toContain(code)
    expect(JSON.stringify(results)).not.toContain('stranger')
  })

  it('kills a code after five wrong tries, in parallel too', async () => {
    await askFor(world.marc.email)
    const code = await receiveCode()
    const tries = await Promise.all(Array.from({ length: 30 }, () => signIn(world.marc.email, wrong(code))))
    expect(tries.every(({ status }) => status === 401)).toBe(true)
    expect((await signIn(world.marc.email, code)).status).toBe(401)
  })

  it('accepts the right code after four wrong tries', async () => {
    await askFor(world.marc.email)
    const code = await receiveCode()
    for (let tries = 0; tries < 4; tries += 1) await signIn(world.marc.email, wrong(code))
    expect((await signIn(world.marc.email, code)).status).toBe(200)
  })

  it('opens one session of ten parallel requests with one code', async () => {
    await askFor(world.marc.email)
    const code = await receiveCode()
    const replies = await Promise.all(Array.from({ length: 5 }, () => signIn(world.marc.email, code)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('refuses a code after ten minutes and one of somebody else', async () => {
    await askFor(world.marc.email)
    const code = await receiveCode()
    expect((await signIn(world.noa.email, code)).status).toBe(401)
    vi.useFakeTimers({ now: Date.now() + 600_001, toFake: ['Date'] })
    expect((await signIn(world.marc.email, code)).status).toBe(401)
  })

  it.each([
    [{}, ['email', 'code']],
    [{ email: 'no address', code: '1234567' }, ['email', 'code']],
    [{ email: 7, code: 12345678 }, ['email', 'code']],
  ])('refuses %j', async (body, paths) => {
    const reply = await call(null, 'POST', '/api/v1/sessions', { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })

  it('tries a failing provider again and drops a code that is too old to be of use', async () => {
    await askFor(world.marc.email)
    const [body] = background.codes
    background.answerMail(() => new Response('', { status: 503 }))
    const first = await deliver('action-plans-sign-in-mail', body)
    expect(first.acked).toBe(false)
    expect(first.retryAfter).toBeLessThanOrEqual(5)
    vi.useFakeTimers({ now: Date.now() + 600_001, toFake: ['Date'] })
    expect((await deliver('action-plans-sign-in-mail', body, 2)).acked).toBe(true)
    expect(background.mails).toEqual([])
  })
})

describe('a code whose message is lost', () => {
  const DUE = 15_000

  beforeEach(async () => {
    await env.DB.prepare('DELETE FROM sign_in_codes').run()
  })

  async function sweepAfter(milliseconds: number): Promise<unknown[]> {
    vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ['Date'] })
    background.codes.length = 0
    await sweepAll(env)
    return background.codes.splice(0)
  }

  it('is sent by the sweep, once in a while, until the provider has it', async () => {
    await askFor(world.marc.email)
    const [message] = background.codes
    expect(await sweepAfter(DUE - 1000)).toEqual([])
    expect(await sweepAfter(1000)).toEqual([message])
    expect(await sweepAfter(DUE - 1000)).toEqual([])
    expect(await sweepAfter(1000)).toEqual([message])
    await deliver('action-plans-sign-in-mail', message)
    await deliver('action-plans-sign-in-mail', message)
    expect(background.mails).toHaveLength(1)
    expect(await sweepAfter(DUE)).toEqual([])
  })

  it('waits for the retry that is due anyhow', async () => {
    await askFor(world.marc.email)
    const message = background.codes[0]
    background.answerMail(() => new Response('', { status: 429, headers: { 'Retry-After': '120' } }))
    expect((await deliver('action-plans-sign-in-mail', message)).retryAfter).toBe(120)
    expect(await sweepAfter(120_000)).toEqual([])
    expect(await sweepAfter(DUE)).toEqual([message])
  })

  it.each([
    ['refused', () => new Response('', { status: 422 })],
    ['accepted', null],
  ])('is left alone once it was %s', async (_, answer) => {
    await askFor(world.marc.email)
    background.answerMail(answer)
    await deliver('action-plans-sign-in-mail', background.codes[0])
    expect(await sweepAfter(DUE)).toEqual([])
  })

  it('is left alone when it is a stranger`s, used, or too old', async () => {
    await askFor('nobody@example.test')
    expect(await sweepAfter(DUE)).toEqual([])
    await askFor(world.marc.email)
    await env.DB.prepare('UPDATE sign_in_codes SET consumed_at = 1').run()
    expect(await sweepAfter(DUE)).toEqual([])
    await askFor(world.marc.email)
    expect(await sweepAfter(600_000)).toEqual([])
  })
})

describe('a session', () => {
  it.each([['', 'x', 'A'.repeat(43), 'A'.repeat(42), `${'A'.repeat(42)}B`, 'é'.repeat(43)]])(
    'that is malformed or unknown is refused',
    async (...tokens) => {
      for (const token of tokens) {
        const reply = await call(null, 'GET', PLANS, { headers: { SessionId: token } })
        expect([reply.status, codeOf(reply)], token).toEqual([401, 'UNAUTHENTICATED'])
        if (token !== '') expect(reply.text).not.toContain(token)
      }
    },
  )

  it('is stored as a hash only', async () => {
    const { results } = await env.DB.prepare('SELECT * FROM sessions').all()
    const { keys } = await env.SESSIONS.list()
    const stored = JSON.stringify(results) + JSON.stringify(keys)
    expect(stored).toContain(await sha256Hex(world.marc.session))
    expect(stored).not.toContain(world.marc.session)
  })

  it('that is over is refused, whatever KV still remembers', async () => {
    const token = await openSession(world.marc, 1000)
    vi.useFakeTimers({ now: Date.now() + 1001, toFake: ['Date'] })
    expect((await call(token, 'GET', PLANS)).status).toBe(401)
  })

  it('ends with signing out, and all of mine with signing out everywhere', async () => {
    const [one, two] = [await openSession(world.marc), await openSession(world.marc)]
    const put = (await env.SESSIONS.get(await sha256Hex(one))) ?? ''
    expect((await call(one, 'DELETE', '/api/v1/sessions/current')).status).toBe(204)
    // As at a place where KV has not heard of it yet.
    await env.SESSIONS.put(await sha256Hex(one), put)
    expect((await call(one, 'GET', PLANS)).status).toBe(401)
    expect((await call(one, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(401)
    expect((await call(two, 'DELETE', '/api/v1/sessions')).status).toBe(204)
    expect((await call(world.marc, 'GET', PLANS)).status).toBe(401)
    expect((await call(world.noa, 'GET', PLANS)).status).toBe(200)
  })

  it('feels a demotion and a deactivation with its next request', async () => {
    await call(world.ana, 'PATCH', `/api/v1/company/users/${world.marc.id}`, { body: { role: 'EMPLOYEE' } })
    expect((await call(world.marc, 'GET', PLANS)).status).toBe(403)
    expect((await call(world.marc, 'GET', '/api/v1/company/me')).status).toBe(200)
    await call(world.ana, 'PATCH', `/api/v1/company/users/${world.marc.id}`, { body: { active: false } })
    expect((await call(world.marc, 'GET', '/api/v1/company/me')).status).toBe(401)
  })
})
