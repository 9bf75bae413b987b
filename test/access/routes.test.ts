import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeAll, describe, expect, it } from 'vitest'
import { sessions } from '../../src/db/schema.ts'
import { endpoints } from '../../src/endpoints.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newToken, rememberSession } from '../../src/platform/session.ts'
import { call, codeOf } from '../support/api.ts'
import { HOUR } from '../support/clock.ts'
import { type Dump, dumpDatabase } from '../support/dump.ts'
import { insertUser } from '../support/factories.ts'
import { createWorld, openSession, type Person, type World } from '../support/world.ts'
import { createEstate, type Estate } from './estate.ts'
import { bodyOf, pathOf, ROWS } from './rows.ts'

let world: World
let estate: Estate
let before: Dump

type Columns = Partial<typeof sessions.$inferInsert>

/** A session in KV whose row in D1 says something else; null: D1 has no row. */
async function contradicted(columns: Columns | null): Promise<string> {
  const token = await openSession(world.ana)
  const isIt = eq(sessions.id, await sha256Hex(token))
  const database = drizzle(env.DB)
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
    const caller = { sessionId: await sha256Hex(token), userId, companyId, expiresAt: now + HOUR }
    await rememberSession(env.SESSIONS, caller, now)
    return token
  },
  'of somebody deactivated': async () => {
    const gone = await insertUser({ companyId: world.companyId, role: 'ADMIN', active: false })
    return openSession(gone)
  },
}

/** The tokens, made once for all tests. */
const refused = new Map<string, string | null>()

beforeAll(async () => {
  world = await createWorld()
  estate = await createEstate(world.ana, world.marc, 'own')
  for (const [what, make] of Object.entries(MAKE)) refused.set(what, await make())
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

  it('opens to anyone signed in only oneself and the own sessions', () => {
    const own = endpoints.filter(({ access }) => access === 'session').map(({ operationId }) => operationId)
    expect(own.sort()).toEqual(['getMe', 'getMyData', 'signOut', 'signOutEverywhere', 'updateMe'])
  })
})

const guarded = endpoints.filter(({ access }) => access !== 'public')

describe.each(guarded.map((endpoint) => [endpoint.operationId, endpoint] as const))('%s', (_, endpoint) => {
  const request = async (who: Person | string | null) =>
    call(who, endpoint.method, pathOf(endpoint, estate), { body: bodyOf(endpoint, estate) })

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

  if (endpoint.access !== 'session') {
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
