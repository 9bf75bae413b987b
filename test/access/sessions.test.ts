import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newToken } from '../../src/platform/session.ts'
import { call, codeOf, type Reply } from '../support/api.ts'
import { type Background, catchBackground, deliver } from '../support/background.ts'
import { dumpDatabase, dumpKeys } from '../support/dump.ts'
import { lineOf } from '../support/log.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

const CODES = '/api/v1/sign-in-codes'
const SESSIONS = '/api/v1/sessions'
const ME = '/api/v1/company/me'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

/** Asks for a code and reads it in the mail that comes of it. */
async function mailedCode(email: string): Promise<string> {
  expect((await call(null, 'POST', CODES, { body: { email } })).status).toBe(202)
  await deliver('action-plans-sign-in-mail', background.codes.shift())
  return /\b\d{8}\b/.exec(background.mails.at(-1)?.text ?? '')?.[0] ?? ''
}

interface SignedIn {
  sessionId: string
}

async function signIn(person: Person, headers: Record<string, string> = {}): Promise<string> {
  const code = await mailedCode(person.email)
  const reply = await call<SignedIn>(null, 'POST', SESSIONS, { body: { email: person.email, code }, headers })
  expect(reply.status, reply.text).toBe(200)
  return reply.body.sessionId
}

/** A code that this one is not. */
function wrong(code: string): string {
  return String((Number(code) + 1) % 100_000_000).padStart(8, '0')
}

async function tryCode(email: string, code: string): Promise<number> {
  return (await call(null, 'POST', SESSIONS, { body: { email, code } })).status
}

describe('a session', () => {
  it('is kept as a hash alone: its token is nowhere in D1, KV or the queue', async () => {
    const token = await signIn(world.ana)
    expect((await call(token, 'GET', ME)).status).toBe(200)
    const stored = JSON.stringify([await dumpDatabase(), await dumpKeys(env.SESSIONS), background.codes])
    expect(stored).not.toContain(token)
    expect(stored).toContain(await sha256Hex(token))
  })

  it('has 256 random bits in 43 characters', async () => {
    const tokens = [await signIn(world.ana), await signIn(world.ana), await signIn(world.marc)]
    expect(new Set(tokens).size).toBe(3)
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('cannot be fixed beforehand: signing in always opens a new one', async () => {
    const planted = newToken()
    const token = await signIn(world.ana, { SessionId: planted, Cookie: `SessionId=${planted}` })
    expect(token).not.toBe(planted)
    expect((await call(planted, 'GET', ME)).status).toBe(401)
    const code = await mailedCode(world.ana.email)
    const body = { email: world.ana.email, code, sessionId: planted, id: planted }
    const reply = await call<SignedIn>(token, 'POST', SESSIONS, { body })
    expect(reply.body.sessionId).not.toBe(planted)
    expect(reply.body.sessionId).not.toBe(token)
    expect((await call(planted, 'GET', ME)).status).toBe(401)
  })

  it('counts without the blanks around it, which are no part of a header', async () => {
    for (const token of [`${world.ana.session}  `, `\t${world.ana.session} \t`])
      expect((await call(token, 'GET', ME)).status).toBe(200)
    expect((await call(`${world.ana.session} x`, 'GET', ME)).status).toBe(401)
  })

  it('counts only in its own header', async () => {
    const { session } = world.ana
    const ways: [string, Record<string, string>][] = [
      [`${ME}?SessionId=${session}`, {}],
      [ME, { Cookie: `SessionId=${session}` }],
      [ME, { Authorization: `Bearer ${session}` }],
      [ME, { 'Session-Id': session }],
    ]
    for (const [path, headers] of ways)
      expect((await call(null, 'GET', path, { headers })).status, path).toBe(401)
  })

  it('is refused with the very next request after sign-out, whatever KV remembers', async () => {
    const token = await signIn(world.ana)
    const other = await signIn(world.ana)
    const id = await sha256Hex(token)
    const remembered = (await env.SESSIONS.get(id)) ?? ''
    expect((await call(token, 'DELETE', `${SESSIONS}/current`)).status).toBe(204)
    await env.SESSIONS.put(id, remembered)
    expect((await call(token, 'GET', ME)).status).toBe(401)
    expect((await call(other, 'GET', ME)).status).toBe(200)
    expect((await call(other, 'DELETE', SESSIONS)).status).toBe(204)
    for (const ended of [other, world.ana.session]) expect((await call(ended, 'GET', ME)).status).toBe(401)
    expect((await call(world.marc, 'GET', ME)).status).toBe(200)
  })

  it('follows deactivation and demotion with the next request', async () => {
    const users = `/api/v1/company/users/${world.noa.id}`
    const plans = '/api/v1/company/action-plans'
    expect((await call(world.noa, 'GET', plans)).status).toBe(200)
    expect((await call(world.ana, 'PATCH', users, { body: { role: 'EMPLOYEE' } })).status).toBe(200)
    expect((await call(world.noa, 'GET', plans)).status).toBe(403)
    expect((await call(world.noa, 'POST', plans, { body: { title: 'x' } })).status).toBe(403)
    expect((await call(world.ana, 'PATCH', users, { body: { active: false } })).status).toBe(200)
    expect((await call(world.noa, 'GET', ME)).status).toBe(401)
    expect((await call(world.noa, 'PATCH', ME, { body: { name: 'x' } })).status).toBe(401)
  })
})

describe('a code', () => {
  it('opens one session, once', async () => {
    const code = await mailedCode(world.ana.email)
    const tries = await Promise.all(Array.from({ length: 4 }, () => tryCode(world.ana.email, code)))
    expect(tries.sort()).toEqual([200, 401, 401, 401])
    expect(await tryCode(world.ana.email, code)).toBe(401)
  })

  it('is dead after five wrong tries, also the right one', async () => {
    const code = await mailedCode(world.ana.email)
    for (let tries = 0; tries < 5; tries += 1) expect(await tryCode(world.ana.email, wrong(code))).toBe(401)
    expect(await tryCode(world.ana.email, code)).toBe(401)
  })

  it('still works after four', async () => {
    const code = await mailedCode(world.ana.email)
    for (let tries = 0; tries < 4; tries += 1) expect(await tryCode(world.ana.email, wrong(code))).toBe(401)
    expect(await tryCode(world.ana.email, code)).toBe(200)
  })

  it('is dead after five wrong tries at once', async () => {
    const code = await mailedCode(world.ana.email)
    const guesses = await Promise.all(Array.from({ length: 40 }, () => tryCode(world.ana.email, wrong(code))))
    expect(new Set(guesses)).toEqual(new Set([401]))
    expect(await tryCode(world.ana.email, code)).toBe(401)
    const row = await env.DB.prepare('SELECT max(tries) AS tries FROM sign_in_codes WHERE email_hash = ?')
      .bind(await sha256Hex(world.ana.email))
      .first<{ tries: number }>()
    expect(row?.tries).toBe(5)
  })

  it('lives its own life beside others: each opens a session, in any order', async () => {
    const codes: string[] = []
    for (let count = 0; count < 8; count += 1) codes.push(await mailedCode(world.ana.email))
    for (const code of [...codes.slice(4), ...codes.slice(0, 4)]) {
      expect(await tryCode(world.ana.email, code)).toBe(200)
      expect(await tryCode(world.ana.email, code)).toBe(401)
      // That was a wrong try, of which the others bear few.
      await env.DB.prepare('UPDATE sign_in_codes SET tries = tries - 1').run()
    }
  })

  it('bears the wrong tries at its siblings, but not the right ones', async () => {
    const [first, second] = [await mailedCode(world.ana.email), await mailedCode(world.ana.email)]
    for (let tries = 0; tries < 4; tries += 1) expect(await tryCode(world.ana.email, wrong(second))).toBe(401)
    expect(await tryCode(world.ana.email, first)).toBe(200)
    expect(await tryCode(world.ana.email, second)).toBe(200)
    const [third, fourth] = [await mailedCode(world.ana.email), await mailedCode(world.ana.email)]
    for (let tries = 0; tries < 5; tries += 1) expect(await tryCode(world.ana.email, wrong(third))).toBe(401)
    expect([await tryCode(world.ana.email, third), await tryCode(world.ana.email, fourth)]).toEqual([
      401, 401,
    ])
  })

  it('is still good when KV failed, however often, and so is another', async () => {
    const [first, second] = [await mailedCode(world.ana.email), await mailedCode(world.ana.email)]
    for (let tries = 0; tries < 4; tries += 1) expect(await tryCode(world.ana.email, wrong(first))).toBe(401)
    const put = vi.spyOn(env.SESSIONS, 'put').mockRejectedValue(new Error('down'))
    for (let tries = 0; tries < 6; tries += 1) expect(await tryCode(world.ana.email, first)).toBe(500)
    put.mockRestore()
    expect(await tryCode(world.ana.email, first)).toBe(200)
    expect(await tryCode(world.ana.email, second)).toBe(200)
  })

  it('of one person opens nobody else`s session', async () => {
    const code = await mailedCode(world.ana.email)
    await mailedCode(world.marc.email)
    expect(await tryCode(world.marc.email, code)).toBe(401)
    expect(await tryCode(world.gus.email, code)).toBe(401)
  })

  it('is not kept: neither D1, KV nor a queue message holds it', async () => {
    const { email } = world.ana
    expect((await call(null, 'POST', CODES, { body: { email } })).status).toBe(202)
    const queued = JSON.stringify(background.codes)
    await deliver('action-plans-sign-in-mail', background.codes.shift())
    const code = /\b\d{8}\b/.exec(background.mails.at(-1)?.text ?? '')?.[0] ?? 'none'
    expect(JSON.stringify([queued, await dumpDatabase(), await dumpKeys(env.SESSIONS)])).not.toContain(code)
    expect(queued).not.toContain(email)
  })
})

describe('known and unknown addresses', () => {
  const essence = ({ status, text, headers }: Reply) => [
    status,
    text.replace(/"requestId":"[^"]*"/, ''),
    [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name)),
  ]

  it('get the same answers, down to headers and queue messages', async () => {
    const known = world.ana.email
    const unknown = `un${known}`
    const ask = (email: string) => call(null, 'POST', CODES, { body: { email } })
    expect(essence(await ask(known))).toEqual(essence(await ask(unknown)))
    expect(background.codes).toHaveLength(2)
    const enter = (email: string) => call(null, 'POST', SESSIONS, { body: { email, code: '00000000' } })
    const [left, right] = [await enter(known), await enter(unknown)]
    expect(codeOf(left)).toBe('SIGN_IN_FAILED')
    expect(essence(left)).toEqual(essence(right))
  })

  it('and those of people who are not active any more, too; but only the known get mail', async () => {
    await env.DB.prepare('UPDATE users SET active = 0 WHERE id = ?').bind(world.noa.id).run()
    for (const email of [world.noa.email, `un${world.ana.email}`]) {
      expect((await call(null, 'POST', CODES, { body: { email } })).status).toBe(202)
      await deliver('action-plans-sign-in-mail', background.codes.shift())
    }
    expect(background.tries).toEqual([])
    await mailedCode(world.ana.email)
    expect(background.mails.map(({ to }) => to)).toEqual([[world.ana.email]])
  })

  it('cost the same: as many calls, rows and messages', async () => {
    const cost = async (path: string, body: object) => {
      const reply = await call(null, 'POST', path, { body })
      const line = lineOf(reply.headers.get('X-Request-Id'))
      return [reply.status, line?.d1Calls, line?.kvReads, line?.rowsWritten, background.codes.length]
    }
    const known = world.ana.email
    const unknown = `un${known}`
    const asked = await cost(CODES, { email: known })
    background.codes.length = 0
    expect(asked).toEqual([202, 1, 0, expect.any(Number), 1])
    expect(await cost(CODES, { email: unknown })).toEqual(asked)
    background.codes.length = 0
    const tried = await cost(SESSIONS, { email: known, code: '00000000' })
    expect(tried).toEqual([401, 1, 0, expect.any(Number), 0])
    expect(await cost(SESSIONS, { email: unknown, code: '00000000' })).toEqual(tried)
  })
})

describe('in an hour', () => {
  const ON = { RATE_LIMITS: 'on' } as const

  /** Asks for a code from an address; the answer is always the same. Whether a mail came of it. */
  async function asks(email: string, address: string): Promise<boolean> {
    const before = background.mails.length
    const headers = { 'CF-Connecting-IP': address }
    const reply = await call(null, 'POST', CODES, { body: { email }, headers, vars: ON })
    expect([reply.status, reply.body.message]).toEqual([202, expect.stringContaining('on its way')])
    await deliver('action-plans-sign-in-mail', background.codes.shift())
    return background.mails.length > before
  }

  it('one address gets five codes for an e-mail address, and then none, for strangers and friends alike', async () => {
    const { email } = world.ana
    for (let code = 1; code <= 5; code += 1) expect(await asks(email, '198.51.100.1')).toBe(true)
    // However it is spelled.
    for (const spelled of [email, email.toUpperCase(), ` ${email} `])
      expect(await asks(spelled, '198.51.100.1')).toBe(false)
    expect(await asks(email, '198.51.100.2')).toBe(true)
    expect(await asks(world.marc.email, '198.51.100.1')).toBe(true)
  })

  it('all addresses together get twenty', async () => {
    const { email } = world.ana
    for (let code = 0; code < 20; code += 1)
      expect(await asks(email, `198.51.101.${code % 10}`), `code ${code + 1}`).toBe(true)
    expect(await asks(email, '198.51.101.50')).toBe(false)
    expect(await asks(world.marc.email, '198.51.101.50')).toBe(true)
  })

  it('parallel requests pass no limit', async () => {
    const { email } = world.ana
    const headers = { 'CF-Connecting-IP': '198.51.102.1' }
    const request = () => call(null, 'POST', CODES, { body: { email }, headers, vars: ON })
    await Promise.all(Array.from({ length: 12 }, request))
    for (const body of background.codes.splice(0)) await deliver('action-plans-sign-in-mail', body)
    expect(background.mails).toHaveLength(5)
  })

  it('and the next hour gives new ones; the last code before the limit still opens a session', async () => {
    const { email } = world.ana
    for (let code = 1; code <= 5; code += 1) await asks(email, '198.51.103.1')
    const code = /\b\d{8}\b/.exec(background.mails.at(-1)?.text ?? '')?.[0] ?? ''
    expect(await asks(email, '198.51.103.1')).toBe(false)
    expect(await tryCode(email, code)).toBe(200)
    expect(await asks(email, '198.51.103.1')).toBe(false)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_001 })
    expect(await asks(email, '198.51.103.1')).toBe(true)
  })

  it('RATE_LIMITS=off lifts the limits on codes, not those on tries', async () => {
    const codes: string[] = []
    for (let count = 0; count < 25; count += 1) codes.push(await mailedCode(world.ana.email))
    const last = codes.at(-1) ?? ''
    expect(background.mails).toHaveLength(25)
    for (let tries = 0; tries < 5; tries += 1) expect(await tryCode(world.ana.email, wrong(last))).toBe(401)
    expect(await tryCode(world.ana.email, last)).toBe(401)
  })
})
