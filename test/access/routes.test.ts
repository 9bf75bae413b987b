import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeAll, describe, expect, it } from 'vitest'
import { sessions } from '../../src/db/schema.ts'
import { endpoints } from '../../src/endpoints.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { rememberSession } from '../../src/platform/session.ts'
import { newAccessKey, newToken } from '../../src/platform/token.ts'
import { call, codeOf } from '../support/api.ts'
import { HOUR } from '../support/clock.ts'
import { type Dump, dumpDatabase } from '../support/dump.ts'
import { insertUser } from '../support/factories.ts'
import { createWorld, openKey, openSession, type Person, type World } from '../support/world.ts'
import { createEstate, type Estate } from './estate.ts'
import { contentOf, pathOf, ROWS } from './rows.ts'
import { HOME, home } from '../support/home.ts'

let world: World
let estate: Estate
let before: Dump

type Columns = Partial<typeof sessions.$inferInsert>

/** A session in KV whose row in D1 says something else; null: D1 has no row. */
async function contradicted(columns: Columns | null): Promise<string> {
  const token = await openSession(world.ana)
  const isIt = eq(sessions.id, await sha256Hex(token))
  const database = drizzle(home)
  await (columns === null
    ? database.delete(sessions).where(isIt)
    : database.update(sessions).set(columns).where(isIt))
  return token
}

/** Makers of the tokens that must not open anything. */
const MAKE: Record<string, () => string | null | Promise<string>> = {
  missing: () => null,
  empty: () => '',
  'of the wrong alphabet': () => `${world.ana.session.slice(0, -1)}=`,
  'too short': () => world.ana.session.slice(1),
  'too long': () => `${world.ana.session}A`,
  // The last character of 43 carries four bits: the next letter would decode to the same 32 bytes.
  'another spelling of a live one': () =>
    world.ana.session.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
  'a list with a live one': () => `${world.ana.session}, ${world.ana.session}`,
  'the hash of a live one': () => sha256Hex(world.ana.session),
  unknown: newToken,
  expired: () => openSession(world.ana, -1),
  'expired in D1 while KV says otherwise': () => contradicted({ expiresAt: 1 }),
  'revoked while KV still remembers': () => contradicted({ revokedAt: 1 }),
  'deleted in D1 while KV still remembers': () => contradicted(null),
  "in KV with another user's id": async () => {
    const token = await openSession(world.ana)
    const { id: userId, companyId } = world.gus
    const now = Date.now()
    const caller = {
      tokenHash: await sha256Hex(token),
      userId,
      companyId,
      expiresAt: now + HOUR,
      database: HOME,
    } as const
    await rememberSession(env.SESSIONS, caller, now)
    return token
  },
  'of somebody deactivated': async () => {
    const gone = await insertUser({ companyId: world.companyId, role: 'ADMIN', active: false })
    return openSession(gone)
  },
  'an unknown key': newAccessKey,
  'a key without its prefix': async () => (await openKey(world.ana, 'WRITE')).slice('apk_'.length),
  'a session with the prefix of keys': () => `apk_${world.ana.session}`,
  'a key that has expired while KV says otherwise': () => openKey(world.ana, 'WRITE', { expiresAt: 1 }),
  'a key that was ended while KV still remembers': () => openKey(world.ana, 'WRITE', { revokedAt: 1 }),
  'a READ key that was ended while KV still remembers': () => openKey(world.ana, 'READ', { revokedAt: 1 }),
  'the key of somebody else than KV says': () => openKey(world.ana, 'WRITE', { userId: world.marc.id }),
  'a key of somebody deactivated': async () =>
    openKey(await insertUser({ companyId: world.companyId, role: 'ADMIN', active: false }), 'WRITE'),
}

/** Live keys, of which an EMPLOYEE's was made with a higher role. Their use is noted already. */
const keys = new Map<string, string>()
/** The tokens, made once for all tests. */
const refused = new Map<string, string | null>()

beforeAll(async () => {
  world = await createWorld()
  estate = await createEstate(world.ana, world.marc, 'own')
  for (const [what, make] of Object.entries(MAKE)) refused.set(what, await make())
  const used = { lastUsedAt: Date.now() }
  keys.set('READ', await openKey(world.ana, 'READ', used))
  keys.set('WRITE', await openKey(world.ana, 'WRITE', used))
  keys.set('EMPLOYEE', await openKey(world.eli, 'WRITE', used))
  before = await dumpDatabase()
})

describe('the table of endpoints', () => {
  it('has a row for each, and no other', () => {
    expect(Object.keys(ROWS).sort()).toEqual(endpoints.map(({ operationId }) => operationId).sort())
  })

  it.each(endpoints.map(({ operationId, path }) => [operationId, path]))(
    'knows every path parameter of %s but file names',
    (operationId, path) => {
      const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name).filter((name) => name !== 'file')
      expect(Object.keys(ROWS[operationId]?.path ?? {})).toEqual(names)
    },
  )

  it('leaves nothing under /api/v1/company open', () => {
    const open = endpoints.filter(
      ({ path, access }) => path.startsWith('/api/v1/company') && access === 'public',
    )
    expect(open).toEqual([])
  })

  it('keeps access keys from all but reading under access keys, webhooks, users, company and oneself, pings and retries excepted', () => {
    const own = /^\/api\/v1\/company(\/(access-keys|webhooks|users|me)(\/|$)|$)/
    const closed = endpoints.filter(
      ({ access, method, path }) =>
        access !== 'public' &&
        ((own.test(path) && method !== 'GET' && !/\/(ping|retries)$/.test(path)) ||
          !path.startsWith('/api/v1/company')),
    )
    const names = closed.map(({ operationId }) => operationId)
    expect(names.length).toBeGreaterThan(8)
    const shut = endpoints.filter(({ access, openToKeys }) => access !== 'public' && !openToKeys)
    expect(shut.map(({ operationId }) => operationId).sort()).toEqual([...names, 'getMyData'].sort())
  })

  it('opens to anyone signed in only oneself and the own sessions', () => {
    const own = endpoints.filter(({ access }) => access === 'session').map(({ operationId }) => operationId)
    expect(own.sort()).toEqual([
      'createCalendar',
      'deleteCalendar',
      'getMe',
      'getMyData',
      'signOut',
      'signOutEverywhere',
      'updateMe',
    ])
  })
})

const guarded = endpoints.filter(({ access }) => access !== 'public')

describe.each(guarded.map((endpoint) => [endpoint.operationId, endpoint] as const))('%s', (_, endpoint) => {
  const request = async (who: Person | string | null) =>
    call(who, endpoint.method, pathOf(endpoint, estate), { body: contentOf(endpoint, estate) })

  it.each(Object.keys(MAKE))('refuses a token that is %s with 401 and nothing else', async (what) => {
    const token = refused.get(what) ?? null
    const reply = await request(token)
    expect([reply.status, codeOf(reply)]).toEqual([401, 'UNAUTHENTICATED'])
    if (token) expect(reply.text).not.toContain(token)
  })

  it.each(['missing', 'revoked while KV still remembers'])(
    'does not say whether the input was good to who may not ask, the token being %s',
    async (what) => {
      const bad = { body: endpoint.body ? '{"' : undefined }
      const reply = await call(refused.get(what) ?? null, endpoint.method, pathOf(endpoint, estate), bad)
      expect(reply.status).toBe(401)
    },
  )

  const refusedKeys = ['READ', 'WRITE'].filter(
    (scope) => !endpoint.openToKeys || (scope === 'READ' && endpoint.method !== 'GET'),
  )
  for (const scope of refusedKeys) {
    it(`refuses a ${scope} key with 403, whatever the input`, async () => {
      const key = keys.get(scope) ?? ''
      const reply = await request(key)
      expect([reply.status, codeOf(reply)]).toEqual([403, 'FORBIDDEN'])
      const bad = { body: endpoint.body ? '[]' : undefined }
      expect((await call(key, endpoint.method, `${pathOf(endpoint, estate)}?x=1`, bad)).status).toBe(403)
    })
  }

  if (endpoint.openToKeys && endpoint.method === 'GET') {
    it('answers a READ key', async () => {
      expect((await request(keys.get('READ') ?? '')).status).toBe(200)
    })
  }

  if (endpoint.access !== 'session') {
    it('refuses a key of a user who has become an EMPLOYEE with 403', async () => {
      expect((await request(keys.get('EMPLOYEE') ?? '')).status).toBe(403)
    })

    it('refuses an EMPLOYEE with 403, whatever the input', async () => {
      expect((await request(world.eli)).status).toBe(403)
      const bad = { body: endpoint.body ? '[]' : undefined }
      expect((await call(world.eli, endpoint.method, pathOf(endpoint, estate), bad)).status).toBe(403)
    })
  }

  if (endpoint.access === 'admin') {
    it('refuses a MANAGER with 403', async () => {
      expect((await request(world.noa)).status).toBe(403)
    })
  }
})

describe('after all refusals', () => {
  it('nothing has changed', async () => {
    expect(await dumpDatabase()).toEqual(before)
  })
})
