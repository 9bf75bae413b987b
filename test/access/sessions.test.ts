import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newToken } from '../../src/platform/token.ts'
import { call, codeOf, PLANS } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { letPass } from '../support/clock.ts'
import { dumpDatabase, dumpKeys } from '../support/dump.ts'
import { enter, mailedCode, SESSIONS } from '../support/sign-in.ts'
import { createWorld, openSession, type Person, type World } from '../support/world.ts'

const ME = '/api/v1/company/me'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

async function signIn({ email }: Person, headers: Record<string, string> = {}): Promise<string> {
  const reply = await enter(email, await mailedCode(background, email), headers)
  expect(reply.status, reply.text).toBe(200)
  return reply.body.sessionId
}

async function statusOf(who: Person | string, path = ME): Promise<number> {
  return (await call(who, 'GET', path)).status
}

describe('the token of a session', () => {
  it('is kept as a hash alone: it is nowhere in D1, KV or the queue', async () => {
    const token = await signIn(world.ana)
    expect(await statusOf(token)).toBe(200)
    const stored = JSON.stringify([await dumpDatabase(), await dumpKeys(env.SESSIONS), background.codes])
    expect(stored).not.toContain(token)
    expect(stored).toContain(await sha256Hex(token))
  })

  it('has 256 random bits in 43 characters', async () => {
    const tokens = [await signIn(world.ana), await signIn(world.ana), await signIn(world.marc)]
    expect(new Set(tokens).size).toBe(3)
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('cannot be chosen beforehand by a header or a cookie', async () => {
    const planted = newToken()
    const token = await signIn(world.ana, { SessionId: planted, Cookie: `SessionId=${planted}` })
    expect(token).not.toBe(planted)
    expect(await statusOf(planted)).toBe(401)
  })

  it('cannot be chosen beforehand by a member of the body, nor is the one in use given again', async () => {
    const [planted, inUse] = [newToken(), await signIn(world.ana)]
    const code = await mailedCode(background, world.ana.email)
    const body = { email: world.ana.email, code, sessionId: planted, id: planted }
    const reply = await call<{ sessionId: string }>(inUse, 'POST', SESSIONS, { body })
    expect([planted, inUse]).not.toContain(reply.body.sessionId)
    expect(await statusOf(planted)).toBe(401)
  })

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(42), `${'A'.repeat(42)}B`, 'é'.repeat(43)])(
    'is refused, and not repeated, when it is malformed or unknown: %j',
    async (token) => {
      const reply = await call(null, 'GET', PLANS, { headers: { SessionId: token } })
      expect([reply.status, codeOf(reply)]).toEqual([401, 'UNAUTHENTICATED'])
      if (token !== '') expect(reply.text).not.toContain(token)
    },
  )

  it.each<[string, number, (token: string) => string]>([
    ['blanks after it', 200, (token) => `${token}  `],
    ['tabs and blanks around it', 200, (token) => `\t${token} \t`],
    ['a word after it', 401, (token) => `${token} x`],
  ])('with %s is answered %i', async (_, status, spelled) => {
    expect(await statusOf(spelled(world.ana.session))).toBe(status)
  })

  it.each<[string, (token: string) => [query: string, headers: Record<string, string>]]>([
    ['the query', (token) => [`?SessionId=${token}`, {}]],
    ['a cookie', (token) => ['', { Cookie: `SessionId=${token}` }]],
    ['Authorization without Bearer', (token) => ['', { Authorization: token }]],
    ['another scheme', (token) => ['', { Authorization: `Basic ${token}` }]],
    ['another spelling of its header', (token) => ['', { 'Session-Id': token }]],
  ])('counts for nothing in %s', async (_, put) => {
    const [query, headers] = put(world.ana.session)
    expect((await call(null, 'GET', ME + query, { headers })).status).toBe(401)
  })
})

describe('whatever KV still remembers, a session is refused', () => {
  it('when its time is over', async () => {
    const token = await openSession(world.marc, 1000)
    letPass(1001)
    expect(await statusOf(token)).toBe(401)
  })

  it('with the very next request after signing out, and no other session is', async () => {
    const [token, other] = [await signIn(world.ana), await signIn(world.ana)]
    const id = await sha256Hex(token)
    const remembered = (await env.SESSIONS.get(id)) ?? ''
    expect((await call(token, 'DELETE', `${SESSIONS}/current`)).status).toBe(204)
    // KV spreads slowly: elsewhere it still knows the session.
    await env.SESSIONS.put(id, remembered)
    expect(await statusOf(token)).toBe(401)
    expect((await call(token, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(401)
    expect(await statusOf(other)).toBe(200)
  })

  it('with the very next request after signing out everywhere, and nobody else`s is', async () => {
    const token = await signIn(world.ana)
    expect((await call(token, 'DELETE', SESSIONS)).status).toBe(204)
    expect([await statusOf(token), await statusOf(world.ana)]).toEqual([401, 401])
    expect(await statusOf(world.marc)).toBe(200)
  })
})

describe('the very next request of a session', () => {
  const change = async (body: object) => {
    const reply = await call(world.ana, 'PATCH', `/api/v1/company/users/${world.noa.id}`, { body })
    expect(reply.status, reply.text).toBe(200)
  }

  it('has the rights of a user who was demoted', async () => {
    expect(await statusOf(world.noa, PLANS)).toBe(200)
    await change({ role: 'EMPLOYEE' })
    expect(await statusOf(world.noa, PLANS)).toBe(403)
    expect((await call(world.noa, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(403)
    expect(await statusOf(world.noa)).toBe(200)
  })

  it('is refused to a user who was deactivated', async () => {
    await change({ active: false })
    expect(await statusOf(world.noa)).toBe(401)
    expect((await call(world.noa, 'PATCH', ME, { body: { name: 'x' } })).status).toBe(401)
  })
})
