import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256Hex } from '../../src/platform/hash.ts'
import {
  call,
  codeOf,
  COMPANY,
  createPlan,
  ME,
  namedPaths,
  PLANS,
  type Reply,
  type Slice,
  USERS,
} from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { HOUR, letPass, MINUTE, sweep } from '../support/clock.ts'
import { dumpDatabase, dumpKeys } from '../support/dump.ts'
import { insertAccessKeys } from '../support/factories.ts'
import { logged } from '../support/log.ts'
import { inBetween } from '../support/race.ts'
import { createWorld, openKey, type Person, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

const KEYS = `${COMPANY}/access-keys`
const DAY = 24 * HOUR

interface Key {
  id: string
  name: string
  scope: string
  hint: string
  userId: string
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
}
type CreatedKey = Key & { key: string }

let world: World

beforeEach(async () => {
  world = await createWorld()
})

async function ask(who: Person, body: object = {}, headers = {}): Promise<Reply<CreatedKey>> {
  return call<CreatedKey>(who, 'POST', KEYS, { body: { name: 'Nightly', scope: 'WRITE', ...body }, headers })
}

async function make(who: Person, body: object = {}): Promise<CreatedKey> {
  const reply = await ask(who, body)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

async function statusOf(token: string, path = PLANS): Promise<number> {
  return (await call(token, 'GET', path)).status
}

const listOf = async (who: Person, query = '') => (await call<Slice<Key>>(who, 'GET', `${KEYS}${query}`)).body

describe('a new key', () => {
  it('is shown once, with all that is told of it later', async () => {
    const reply = await ask(world.marc, { name: '  Nightly  ', scope: 'READ' })
    const { key, ...shown } = reply.body
    expect(key).toMatch(/^apk_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
    expect(shown).toEqual({
      ...{ id: expect.stringMatching(/^[0-9a-f]{24}$/) as string, name: 'Nightly', scope: 'READ' },
      ...{ hint: key.slice(-4), userId: world.marc.id, createdAt: expect.any(String) as string },
      expiresAt: new Date(new Date(shown.createdAt).getTime() + 90 * DAY).toISOString(),
      lastUsedAt: null,
    })
    expect(reply.headers.get('Location')).toBe(`${KEYS}/${shown.id}`)
    const read = await call(world.marc, 'GET', `${KEYS}/${shown.id}`)
    expect(read.body).toEqual(shown)
    expect(read.headers.get('ETag')).toBe(reply.headers.get('ETag'))
    expect((await listOf(world.marc)).result).toEqual([shown])
  })

  it('is kept as a hash alone, and goes into no log', async () => {
    const background = catchBackground()
    const start = logged.length
    const { id, key } = await make(world.ana)
    const plan = await createPlan({ ...world.ana, session: key })
    expect((await call(key, 'POST', `${PLANS}/${plan.id}/excel`)).status).toBe(200)
    const refused = await call(key, 'DELETE', `${KEYS}/${id}`)
    const wrong = await call(`${key}x`, 'GET', PLANS)
    expect([refused.status, wrong.status]).toEqual([403, 401])
    const stored = JSON.stringify([await dumpDatabase(), await dumpKeys(env.SESSIONS), background.exports])
    expect(stored).toContain(await sha256Hex(key))
    const secret = key.slice('apk_'.length)
    const told = [refused.text, wrong.text, (await call(world.ana, 'GET', `${ME}/data`)).text]
    for (const text of [stored, ...told, ...logged.slice(start)]) expect(text).not.toContain(secret)
  })

  it('has 256 random bits', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, async () => (await make(world.ana)).key))
    expect(new Set(keys).size).toBe(5)
  })

  it.each([
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ scope: 'ADMIN' }, 'scope'],
    [{ scope: null }, 'scope'],
    [{ expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ expiresAt: '2099-01-01' }, 'expiresAt'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ expiresAt: new Date(Date.now() + 366 * DAY + HOUR).toISOString() }, 'expiresAt'],
  ])('is refused with %j', async (body, name) => {
    const reply = await ask(world.ana, body)
    expect([reply.status, namedPaths(reply)]).toEqual([400, [name]])
  })

  it('is refused for all its members at once', async () => {
    const reply = await ask(world.ana, { name: '', expiresAt: '2020-01-01T00:00:00Z' })
    expect(namedPaths(reply).sort()).toEqual(['expiresAt', 'name'])
  })

  it('lives as long as was asked for, up to 366 days', async () => {
    const now = Date.now()
    letPass(0)
    for (const expiresAt of [now + MINUTE, now + 366 * DAY].map((time) => new Date(time).toISOString()))
      expect((await make(world.ana, { expiresAt })).expiresAt).toBe(expiresAt)
  })

  it('is not for an EMPLOYEE', async () => {
    expect((await ask(world.eli)).status).toBe(403)
  })

  it('is not made where KV cannot store it', async () => {
    vi.spyOn(env.SESSIONS, 'put').mockRejectedValueOnce(new Error('KV is away'))
    expect((await ask(world.ana)).status).toBe(500)
    expect((await listOf(world.ana)).total).toBe(0)
  })

  it('is not made where D1 cannot store it, and can then be asked for again', async () => {
    const batch = home.batch.bind(home)
    let calls = 0
    const spy = vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
      calls += 1
      if (calls === 2) throw new Error('D1 is away')
      return batch(statements)
    })
    const once = { 'Idempotency-Key': 'again' }
    expect((await ask(world.ana, {}, once)).status).toBe(503)
    spy.mockRestore()
    expect(await statusOf((await ask(world.ana, {}, once)).body.key)).toBe(200)
    expect((await listOf(world.ana)).total).toBe(1)
  })

  it('costs KV nothing if it is refused', async () => {
    const put = vi.spyOn(env.SESSIONS, 'put')
    await ask(world.ana, { expiresAt: '2020-01-01T00:00:00Z' })
    await ask(world.eli)
    expect(put).not.toHaveBeenCalled()
  })
})

describe('with an Idempotency-Key', () => {
  const once = { 'Idempotency-Key': 'k-1' }

  it('a repeat is refused without the secret, and makes nothing', async () => {
    const first = await ask(world.ana, {}, once)
    const again = await ask(world.ana, {}, once)
    expect([first.status, again.status, codeOf(again)]).toEqual([200, 409, 'SECRET_NOT_REPEATED'])
    expect(again.text).not.toContain('apk_')
    expect((await listOf(world.ana)).total).toBe(1)
    expect(await statusOf(first.body.key)).toBe(200)
  })

  it('a repeat with another body is 422', async () => {
    await ask(world.ana, {}, once)
    const other = await ask(world.ana, { name: 'Another' }, once)
    expect([other.status, codeOf(other)]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect((await listOf(world.ana)).total).toBe(1)
  })

  it('parallel requests make one key', async () => {
    const replies = await Promise.all(Array.from({ length: 4 }, () => ask(world.ana, {}, once)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    expect((await listOf(world.ana)).total).toBe(1)
  })
})

describe('a user has at most 20 live keys', () => {
  const hold = (count: number, who: Person, fields: object = {}) =>
    insertAccessKeys(
      Array.from({ length: count }, () => ({
        ...{ companyId: who.companyId, userId: who.id, keyHash: crypto.randomUUID() },
        ...fields,
      })),
    )

  it('also by requests at once', async () => {
    await hold(18, world.ana)
    const replies = await Promise.all(Array.from({ length: 5 }, () => ask(world.ana)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409, 409])
    const refused = replies.find(({ status }) => status === 409)
    expect(refused?.body).toMatchObject({ code: 'KEYS_FULL', limit: 'keysPerUser' })
  })

  it('also when the last place is taken between read and write', async () => {
    await hold(19, world.ana)
    inBetween(() => hold(1, world.ana))
    expect((await ask(world.ana)).status).toBe(409)
  })

  it('of which those that ended, and those of others, are none', async () => {
    await hold(15, world.ana, { revokedAt: 1 })
    await hold(15, world.ana, { expiresAt: Date.now() - 1 })
    await hold(20, world.marc)
    expect((await ask(world.ana)).status).toBe(200)
    expect((await ask(world.marc)).status).toBe(409)
  })
})

describe('the list', () => {
  it('has one`s own keys, newest first, and for an ADMIN those of all', async () => {
    const first = await make(world.marc)
    const second = await make(world.noa)
    const third = await make(world.marc)
    await make(world.gus)
    const idsOf = async (who: Person, query = '') => (await listOf(who, query)).result.map(({ id }) => id)
    const mine = await idsOf(world.marc)
    expect(mine.toSorted()).toEqual([first.id, third.id].toSorted())
    expect(await idsOf(world.ana)).toEqual([])
    expect((await idsOf(world.ana, '?all=true')).toSorted()).toEqual(
      [first.id, second.id, third.id].toSorted(),
    )
    expect(await idsOf(world.ana, '?all=true&from=1&to=2')).toHaveLength(1)
    expect(await idsOf(world.marc, '?all=false')).toEqual(mine)
  })

  it('of all keys is for an ADMIN', async () => {
    await make(world.marc)
    const reply = await call(world.marc, 'GET', `${KEYS}?all=true`)
    expect([reply.status, codeOf(reply)]).toEqual([403, 'FORBIDDEN'])
    expect((await call(world.marc, 'GET', `${KEYS}?all=yes`)).status).toBe(400)
  })
})

describe('a key ends', () => {
  it('for its user, with the very next request, whatever KV still remembers', async () => {
    const { id, key } = await make(world.marc)
    const hash = await sha256Hex(key)
    const remembered = (await env.SESSIONS.get(hash)) ?? ''
    expect(await statusOf(key)).toBe(200)
    expect((await call(world.marc, 'DELETE', `${KEYS}/${id}`)).status).toBe(204)
    expect(await env.SESSIONS.get(hash)).toBeNull()
    await env.SESSIONS.put(hash, remembered)
    expect(await statusOf(key)).toBe(401)
    expect((await call(key, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(401)
    expect((await call(world.marc, 'GET', `${KEYS}/${id}`)).status).toBe(404)
    expect((await call(world.marc, 'DELETE', `${KEYS}/${id}`)).status).toBe(404)
    expect((await listOf(world.marc)).total).toBe(0)
  })

  it('by an ADMIN, but not by anybody else', async () => {
    const { id, key } = await make(world.marc)
    for (const method of ['GET', 'DELETE']) {
      expect((await call(world.noa, method, `${KEYS}/${id}`)).status).toBe(403)
      expect((await call(world.gus, method, `${KEYS}/${id}`)).status).toBe(404)
    }
    expect((await call(world.ana, 'GET', `${KEYS}/${id}`)).status).toBe(200)
    expect(await statusOf(key)).toBe(200)
    expect((await call(world.ana, 'DELETE', `${KEYS}/${id}`)).status).toBe(204)
    expect(await statusOf(key)).toBe(401)
  })

  it('only if it is as the condition says', async () => {
    const { id, key } = await make(world.marc)
    const tag = (await call(world.marc, 'GET', `${KEYS}/${id}`)).headers.get('ETag') ?? ''
    await call(key, 'GET', PLANS, { settled: true })
    const end = (ifMatch: string) =>
      call(world.marc, 'DELETE', `${KEYS}/${id}`, { headers: { 'If-Match': ifMatch } })
    expect((await end(tag)).status).toBe(412)
    expect((await end('*')).status).toBe(204)
  })

  it('with the deactivation of its user, and for good', async () => {
    const { key } = await make(world.noa)
    const setActive = async (active: boolean) =>
      call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { active } })
    await setActive(false)
    expect(await statusOf(key)).toBe(401)
    await setActive(true)
    expect(await statusOf(key)).toBe(401)
    expect((await listOf(world.ana, '?all=true')).total).toBe(0)
  })

  it('when its time is over', async () => {
    const { key } = await make(world.ana, { expiresAt: new Date(Date.now() + HOUR).toISOString() })
    letPass(HOUR - 1000)
    expect(await statusOf(key)).toBe(200)
    letPass(1001)
    expect(await statusOf(key)).toBe(401)
  })

  it('not with the sessions of its user', async () => {
    const { key } = await make(world.ana)
    expect((await call(world.ana, 'DELETE', '/api/v1/sessions')).status).toBe(204)
    expect(await statusOf(key)).toBe(200)
  })

  it('and is deleted a day later', async () => {
    const ended = await make(world.ana)
    await make(world.ana, { expiresAt: new Date(Date.now() + HOUR).toISOString() })
    const kept = await make(world.ana)
    await call(world.ana, 'DELETE', `${KEYS}/${ended.id}`)
    const stored = async () => {
      await sweep()
      const { results } = await home
        .prepare('SELECT id FROM access_keys WHERE user_id = ?')
        .bind(world.ana.id)
        .all<{ id: string }>()
      return results.map(({ id }) => id)
    }
    expect(await stored()).toHaveLength(3)
    letPass(DAY + MINUTE)
    expect(await stored()).toHaveLength(2)
    letPass(HOUR)
    expect(await stored()).toEqual([kept.id])
  })
})

describe('a key acts as its user', () => {
  it('with the role that the user has at each request', async () => {
    const { key } = await make(world.noa)
    const own = { ...world.noa, session: key }
    expect((await createPlan(own)).createdBy).toBe(world.noa.id)
    const setRole = async (role: string) =>
      call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { role } })
    await setRole('EMPLOYEE')
    expect([await statusOf(key), await statusOf(key, ME)]).toEqual([403, 200])
    await setRole('ADMIN')
    expect(await statusOf(key, `${KEYS}?all=true`)).toBe(200)
  })

  it('also where the role or the scope changes between read and write', async () => {
    const { id, key } = await make(world.noa)
    const write = () => call(key, 'POST', PLANS, { body: { title: 'x' } })
    inBetween(() => home.prepare("UPDATE access_keys SET scope = 'READ' WHERE id = ?").bind(id).run())
    expect((await write()).status).toBe(403)
    await home.prepare("UPDATE access_keys SET scope = 'WRITE' WHERE id = ?").bind(id).run()
    inBetween(() => call(world.noa, 'DELETE', `${KEYS}/${id}`))
    expect((await write()).status).toBe(401)
  })

  it('and a READ key only reads', async () => {
    const key = await openKey(world.ana, 'READ')
    for (const method of ['GET', 'HEAD']) expect((await call(key, method, PLANS)).status).toBe(200)
    expect((await call(key, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(403)
  })
})

describe('when a key was last used', () => {
  /** Unix milliseconds. */
  async function lastUse({ id }: Key): Promise<number | null> {
    const row = await home
      .prepare('SELECT last_used_at AS at FROM access_keys WHERE id = ?')
      .bind(id)
      .first<{ at: number | null }>()
    return row?.at ?? null
  }

  /** Uses the key; how often that was stored. */
  async function use({ key }: CreatedKey, method = 'GET', path = PLANS): Promise<number> {
    const start = logged.length
    const body = method === 'POST' ? { title: 'x' } : undefined
    await call(key, method, path, { body, settled: true })
    return logged.slice(start).filter((line) => line.includes('access-key.used')).length
  }

  it.each(['GET', 'POST'])('is known after a %s', async (method) => {
    const key = await make(world.ana)
    const now = Date.now()
    expect(await use(key, method)).toBe(1)
    expect(await lastUse(key)).toBeGreaterThanOrEqual(now)
  })

  it('is known after a HEAD', async () => {
    const key = await make(world.ana)
    await use(key, 'HEAD')
    await vi.waitFor(async () => {
      expect(await lastUse(key)).not.toBeNull()
    })
  })

  it('is stored once an hour at most', async () => {
    const key = await make(world.ana)
    expect([await use(key), await use(key), await use(key, 'POST')]).toEqual([1, 0, 0])
    const first = await lastUse(key)
    letPass(HOUR - MINUTE)
    expect([await use(key), await lastUse(key)]).toEqual([0, first])
    letPass(2 * MINUTE)
    expect(await use(key)).toBe(1)
    expect(await lastUse(key)).toBeGreaterThan(Number(first) + HOUR - 1)
  })

  it('is stored once where a request reads twice', async () => {
    const key = await make(world.ana)
    const plan = await createPlan(world.ana)
    expect(await use(key, 'DELETE', `${PLANS}/${plan.id}`)).toBe(1)
  })

  it('is stored also for what a key may not do, and for bad input', async () => {
    expect(await use(await make(world.ana, { scope: 'READ' }), 'POST')).toBe(1)
    expect(await use(await make(world.ana), 'GET', `${PLANS}?from=x`)).toBe(1)
  })

  it('fails no request if it cannot be stored', async () => {
    const { key } = await make(world.ana)
    const start = logged.length
    const batch = home.batch.bind(home)
    let calls = 0
    vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
      calls += 1
      if (calls > 1) throw new Error('D1 is away')
      return batch(statements)
    })
    expect((await call(key, 'GET', PLANS, { settled: true })).status).toBe(200)
    expect(calls).toBe(2)
    expect(logged.slice(start).join()).toContain('"kind":"failure"')
  })
})
