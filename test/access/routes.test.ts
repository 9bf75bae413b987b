import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newToken, rememberSession } from '../../src/platform/session.ts'
import { call, codeOf } from '../support/api.ts'
import { type Dump, dumpDatabase } from '../support/dump.ts'
import { createPerson, createWorld, openSession, type Person, type World } from '../support/world.ts'
import { createEstate, type Estate } from './estate.ts'
import { bodyOf, pathOf, ROWS } from './rows.ts'

let world: World
let estate: Estate
let before: Dump
/** Tokens that must not open anything, by why. */
const refused: Record<string, string> = {}

beforeAll(async () => {
  world = await createWorld()
  estate = await createEstate(world.ana, world.marc, 'own')
  await makeRefusedTokens(world.ana)
  before = await dumpDatabase()
})

async function makeRefusedTokens(ana: Person): Promise<void> {
  const good = ana.session
  refused['of the wrong alphabet'] = `${good.slice(0, -1)}=`
  refused['too short'] = good.slice(1)
  refused['too long'] = `${good}A`
  // The last character of 43 carries four bits: the next letter would decode to the same 32 bytes.
  refused['another spelling of a live one'] =
    good.slice(0, -1) + String.fromCharCode(good.charCodeAt(good.length - 1) + 1)
  refused['a list with a live one'] = `${good}, ${good}`
  refused['the hash of a live one'] = await sha256Hex(good)
  refused.unknown = newToken()
  refused.expired = await openSession(ana, -1)
  refused['expired in D1 while KV says otherwise'] = await openSession(ana)
  refused['revoked while KV still remembers'] = await openSession(ana)
  refused['deleted in D1 while KV still remembers'] = await openSession(ana)
  refused["in KV with another user's id"] = await openSession(ana)
  const set = async (name: string, sql: string) =>
    env.DB.prepare(sql)
      .bind(await sha256Hex(refused[name] ?? ''))
      .run()
  await set('expired in D1 while KV says otherwise', 'UPDATE sessions SET expires_at = 1 WHERE id = ?')
  await set('revoked while KV still remembers', 'UPDATE sessions SET revoked_at = 1 WHERE id = ?')
  await set('deleted in D1 while KV still remembers', 'DELETE FROM sessions WHERE id = ?')
  const sessionId = await sha256Hex(refused["in KV with another user's id"])
  const now = Date.now()
  const { id: userId, companyId } = world.gus
  await rememberSession(env.SESSIONS, { sessionId, userId, companyId, expiresAt: now + 3_600_000 }, now)
  const gone = await createPerson(ana.companyId, 'ADMIN', 'Gone')
  await env.DB.prepare('UPDATE users SET active = 0 WHERE id = ?').bind(gone.id).run()
  refused['of somebody deactivated'] = gone.session
}

describe('the table of endpoints', () => {
  it('has a row for each, and no other', () => {
    expect(Object.keys(ROWS).sort()).toEqual(endpoints.map(({ operationId }) => operationId).sort())
  })

  it('knows every path parameter but file names', () => {
    for (const { path, operationId } of endpoints) {
      const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name).filter((name) => name !== 'file')
      expect(Object.keys(ROWS[operationId]?.path ?? {}), operationId).toEqual(names)
    }
  })

  it('leaves nothing under /api/v1/company open', () => {
    const open = endpoints.filter(
      ({ path, access }) => path.startsWith('/api/v1/company') && access === 'public',
    )
    expect(open).toEqual([])
  })

  it('opens to anyone signed in only oneself and the own sessions', () => {
    const own = endpoints.filter(({ access }) => access === 'session').map(({ operationId }) => operationId)
    expect(own.sort()).toEqual(['getMe', 'signOut', 'signOutEverywhere', 'updateMe'])
  })
})

const guarded = endpoints.filter(({ access }) => access !== 'public')

describe.each(guarded.map((endpoint) => [endpoint.operationId, endpoint] as const))('%s', (_, endpoint) => {
  const request = async (who: Person | string | null) =>
    call(who, endpoint.method, pathOf(endpoint, estate), { body: bodyOf(endpoint, estate) })

  it('refuses who has no session, and whose session is none, with 401 and nothing else', async () => {
    for (const [why, token] of [
      ['missing', null] as const,
      ['empty', ''] as const,
      ...Object.entries(refused),
    ]) {
      const reply = await request(token)
      expect(reply.status, why).toBe(401)
      expect(codeOf(reply), why).toBe('UNAUTHENTICATED')
      if (token) expect(reply.text, why).not.toContain(token)
    }
  })

  it('does not say whether the input was good to who may not ask', async () => {
    const bad = { body: endpoint.body ? '{"' : undefined }
    expect((await call(null, endpoint.method, pathOf(endpoint, estate), bad)).status).toBe(401)
    const revoked = refused['revoked while KV still remembers'] ?? ''
    expect((await call(revoked, endpoint.method, pathOf(endpoint, estate), bad)).status).toBe(401)
  })

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
