import { beforeEach, describe, expect, it } from 'vitest'
import { call, codeOf, createPlan, namedPaths, PLANS, tagOf, USERS } from '../support/api.ts'
import { createWorld, openKey, openSession, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

const BAD = { body: '{"title":7}' }

const NOBODYS = `${PLANS}/${'0'.repeat(24)}`
const TEXT = { 'Content-Type': 'text/plain' }
const STALE = { body: {}, headers: { 'If-Match': '"stale"' } }
const LARGE = { body: 'x'.repeat(102_401), headers: { ...TEXT, 'Idempotency-Key': 'k' } }

describe('a request at fault in several ways is refused for', () => {
  // In the requests, `mine` stands for the path of a plan of marc's.
  it.each<[string, 'marc' | 'noa' | 'eli' | null, string, Parameters<typeof call>[3], string]>([
    ['its path, before the session', null, 'DELETE /api/v1/company/nothing', BAD, '404 NOT_FOUND'],
    ['a trailing slash', 'marc', `GET ${PLANS}/`, {}, '404 NOT_FOUND'],
    ['its method, before the session', null, 'PUT mine', BAD, '405 METHOD_NOT_ALLOWED'],
    ['its session, before body and id', null, `PATCH ${PLANS}/x`, BAD, '401 UNAUTHENTICATED'],
    ['its role, before the body', 'eli', 'PATCH mine', BAD, '403 FORBIDDEN'],
    ['its role, before the type', 'eli', `POST ${PLANS}`, { ...BAD, headers: TEXT }, '403 FORBIDDEN'],
    ['its role, before the size of a needless body', 'eli', 'POST mine/excel', LARGE, '403 FORBIDDEN'],
    ['not being an ADMIN, before the body', 'marc', `POST ${USERS}`, BAD, '403 FORBIDDEN'],
    ['its size, before type and shape', 'marc', `POST ${PLANS}`, LARGE, '413 BODY_TOO_LARGE'],
    ['its size, before an unknown id', 'marc', `POST ${NOBODYS}/excel`, LARGE, '413 BODY_TOO_LARGE'],
    [
      'its type, before the shape',
      'marc',
      `POST ${PLANS}`,
      { body: '[', headers: TEXT },
      '415 UNSUPPORTED_MEDIA_TYPE',
    ],
    ['its body, before an unknown id', 'marc', `PATCH ${NOBODYS}`, BAD, '400 VALIDATION_FAILED'],
    ['an unknown id, before the right', 'noa', `PATCH ${NOBODYS}`, STALE, '404 NOT_FOUND'],
    ['an unknown parameter, before an unknown id', 'marc', `GET ${NOBODYS}?x=1`, {}, '400 VALIDATION_FAILED'],
    ['its role, before an unknown parameter', 'eli', 'DELETE mine?x=1', {}, '403 FORBIDDEN'],
    ['its session, before an unknown parameter', null, `GET ${PLANS}?x=1`, {}, '401 UNAUTHENTICATED'],
    ['its right, before If-Match', 'noa', 'PATCH mine', STALE, '403 FORBIDDEN'],
    ['If-Match', 'marc', 'PATCH mine', STALE, '412 PRECONDITION_FAILED'],
  ])('%s', async (_, name, request, options, answer) => {
    const mine = `${PLANS}/${(await createPlan(world.marc)).id}`
    const [method = '', path = ''] = request.replace('mine', mine).split(' ')
    const reply = await call(name && world[name], method, path, options)
    expect(`${reply.status} ${String(codeOf(reply))}`).toBe(answer)
    expect(reply.headers.get('Content-Type')).toBe('application/problem+json')
    expect(reply.headers.get('WWW-Authenticate')).toBe(reply.status === 401 ? 'SessionId, Bearer' : null)
    expect(reply.body.requestId).toBe(reply.headers.get('X-Request-Id'))
  })

  it.each([
    ['a READ key', () => openKey(world.marc, 'READ'), '403 FORBIDDEN'],
    ['a READ key of an EMPLOYEE', () => openKey(world.eli, 'READ'), '403 FORBIDDEN'],
    ['a READ key that was ended', () => openKey(world.marc, 'READ', { revokedAt: 1 }), '401 UNAUTHENTICATED'],
    ['a WRITE key', () => openKey(world.marc, 'WRITE'), '415 UNSUPPORTED_MEDIA_TYPE'],
  ])('%s, before the body', async (_, open, answer) => {
    const reply = await call(await open(), 'POST', PLANS, { ...BAD, headers: TEXT })
    expect(`${reply.status} ${String(codeOf(reply))}`).toBe(answer)
  })

  it.each([
    ['GET', PLANS, undefined],
    ['POST', PLANS, BAD.body],
    ['POST', `${NOBODYS}/excel`, LARGE.body],
    ['POST', PLANS, '{"title":"x"}'],
    ['GET', `${PLANS}?from=x`, undefined],
    ['GET', `${PLANS}/x?x=1`, undefined],
    ['POST', PLANS, '{"titel":"x"}'],
  ])('a session that D1 has ended although KV remembers it: %s %s %.20s', async (method, path, body) => {
    const token = await openSession(world.marc)
    await home.prepare('UPDATE sessions SET revoked_at = 1 WHERE user_id = ?').bind(world.marc.id).run()
    expect((await call(token, method, path, { body })).status).toBe(401)
  })
})

describe('a body', () => {
  it.each(['[]', 'null', '"text"', '{"title":', '', '['.repeat(50_000)])(
    'is refused: %.20s',
    async (body) => {
      const headers = { 'Content-Type': 'application/json' }
      const reply = await call(world.marc, 'POST', PLANS, { body, headers })
      expect([reply.status, codeOf(reply), namedPaths(reply)]).toEqual([400, 'MALFORMED_BODY', ['']])
    },
  )

  it('may be 100 KiB of application/json with parameters, and no byte more', async () => {
    const frame = '{"title":"x"}'
    const body = `{"title":"x"${' '.repeat(102_400 - frame.length)}}`
    const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' }
    expect((await call(world.marc, 'POST', PLANS, { body, headers })).status).toBe(200)
    expect((await call(world.marc, 'POST', PLANS, { body: `${body} `, headers })).status).toBe(413)
  })
})

describe('an answer', () => {
  const ALLOWED = 'GET, HEAD, PATCH, DELETE, OPTIONS'
  let path: string

  beforeEach(async () => {
    path = `${PLANS}/${(await createPlan(world.marc)).id}`
  })

  it('to OPTIONS names the methods', async () => {
    const { status, headers } = await call(null, 'OPTIONS', path)
    expect([status, headers.get('Allow')]).toEqual([204, ALLOWED])
  })

  it('to a wrong method names the right ones', async () => {
    const { status, headers } = await call(world.marc, 'PUT', path)
    expect([status, headers.get('Allow')]).toEqual([405, ALLOWED])
  })

  it('to HEAD is that to GET without the body', async () => {
    const head = await call(world.marc, 'HEAD', path)
    const tag = await tagOf(world.marc, path)
    expect([head.status, head.text, head.headers.get('ETag')]).toEqual([200, '', tag])
  })

  it.each(['OPTIONS', 'GET', 'HEAD', 'PUT', 'NOWHERE'])(
    'to %s has the headers of every answer',
    async (method) => {
      const ask = () => call(world.marc, method, path)
      const { headers } = await (method === 'NOWHERE' ? call(null, 'GET', '/nowhere') : ask())
      expect(headers.get('Cache-Control')).toBe('no-store, no-transform')
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Strict-Transport-Security')).toContain('max-age=')
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
    },
  )
})
