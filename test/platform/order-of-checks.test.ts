import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { call, codeOf, createPlan, namedPaths, PLANS } from '../support/api.ts'
import { createWorld, openSession, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

const BAD = { body: '{"title":7}' }

it('asks for path, method, session, role, input, resource, right, If-Match and state, in this order', async () => {
  const mine = await createPlan(world.marc)
  const path = `${PLANS}/${mine.id}`
  const stale = { 'If-Match': '"stale"' }
  const cases: [string, Parameters<typeof call>, number, string][] = [
    ['unknown path without a session', [null, 'DELETE', '/api/v1/company/nothing', BAD], 404, 'NOT_FOUND'],
    ['trailing slash', [world.marc, 'GET', `${PLANS}/`], 404, 'NOT_FOUND'],
    ['wrong method without a session', [null, 'PUT', path, BAD], 405, 'METHOD_NOT_ALLOWED'],
    ['no session, bad body, unknown id', [null, 'PATCH', `${PLANS}/x`, BAD], 401, 'UNAUTHENTICATED'],
    ['wrong role, bad body', [world.eli, 'PATCH', path, BAD], 403, 'FORBIDDEN'],
    [
      'wrong role, bad content type',
      [world.eli, 'POST', PLANS, { ...BAD, headers: { 'Content-Type': 'text/plain' } }],
      403,
      'FORBIDDEN',
    ],
    [
      'MANAGER where ADMIN is needed, bad body',
      [world.marc, 'POST', '/api/v1/company/users', BAD],
      403,
      'FORBIDDEN',
    ],
    [
      'size before content type and shape',
      [world.marc, 'POST', PLANS, { body: 'x'.repeat(102_401), headers: { 'Content-Type': 'text/plain' } }],
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'content type before shape',
      [world.marc, 'POST', PLANS, { body: '[', headers: { 'Content-Type': 'text/plain' } }],
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'wrong role before the size of a body that nobody asked for',
      [
        world.eli,
        'POST',
        `${path}/excel`,
        { body: 'x'.repeat(102_401), headers: { 'Idempotency-Key': 'k' } },
      ],
      403,
      'FORBIDDEN',
    ],
    [
      'its size before an unknown id',
      [world.marc, 'POST', `${PLANS}/${'0'.repeat(24)}/excel`, { body: 'x'.repeat(102_401) }],
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'bad body before unknown id',
      [world.marc, 'PATCH', `${PLANS}/${'0'.repeat(24)}`, BAD],
      400,
      'VALIDATION_FAILED',
    ],
    [
      'unknown id before right',
      [world.noa, 'PATCH', `${PLANS}/${'0'.repeat(24)}`, { body: {}, headers: stale }],
      404,
      'NOT_FOUND',
    ],
    ['right before If-Match', [world.noa, 'PATCH', path, { body: {}, headers: stale }], 403, 'FORBIDDEN'],
    ['If-Match', [world.marc, 'PATCH', path, { body: {}, headers: stale }], 412, 'PRECONDITION_FAILED'],
  ]
  for (const [name, request, status, code] of cases) {
    const reply = await call(...request)
    expect([reply.status, codeOf(reply)], name).toEqual([status, code])
    expect(reply.headers.get('Content-Type'), name).toBe('application/problem+json')
    expect(reply.headers.get('WWW-Authenticate'), name).toBe(status === 401 ? 'SessionId' : null)
    expect(reply.body.requestId, name).toBe(reply.headers.get('X-Request-Id'))
  }
})

it('refuses a session that D1 has ended although KV remembers it, before it looks at the body', async () => {
  const token = await openSession(world.marc)
  await env.DB.prepare('UPDATE sessions SET revoked_at = 1 WHERE user_id = ?').bind(world.marc.id).run()
  for (const [method, path, body] of [
    ['GET', PLANS, undefined],
    ['POST', PLANS, BAD.body],
    ['POST', `${PLANS}/${'0'.repeat(24)}/excel`, 'x'.repeat(102_401)],
    ['POST', PLANS, '{"title":"x"}'],
    ['GET', `${PLANS}?from=x`, undefined],
  ] as const) {
    const reply = await call(token, method, path, body === undefined ? {} : { body })
    expect(reply.status, `${method} ${path}`).toBe(401)
  }
})

it.each([
  ['[]', ''],
  ['null', ''],
  ['"text"', ''],
  ['{"title":', ''],
  ['', ''],
  ['['.repeat(50_000), ''],
])('refuses the body %.20s', async (body) => {
  const reply = await call(world.marc, 'POST', PLANS, {
    body,
    headers: { 'Content-Type': 'application/json' },
  })
  expect([reply.status, codeOf(reply), namedPaths(reply)]).toEqual([400, 'MALFORMED_BODY', ['']])
})

it('takes application/json with parameters and a body of exactly 100 KiB', async () => {
  const frame = '{"title":"x","other":""}'
  const body = `{"title":"x","other":"${'y'.repeat(102_400 - frame.length)}"}`
  const headers = { 'Content-Type': 'Application/JSON; charset=utf-8' }
  expect((await call(world.marc, 'POST', PLANS, { body, headers })).status).toBe(200)
  expect((await call(world.marc, 'POST', PLANS, { body: `${body} `, headers })).status).toBe(413)
})

it('answers OPTIONS, HEAD and the headers that every answer has', async () => {
  const plan = await createPlan(world.marc)
  const options = await call(null, 'OPTIONS', `${PLANS}/${plan.id}`)
  expect([options.status, options.headers.get('Allow')]).toEqual([204, 'GET, HEAD, PATCH, DELETE, OPTIONS'])
  const get = await call(world.marc, 'GET', `${PLANS}/${plan.id}`)
  const head = await call(world.marc, 'HEAD', `${PLANS}/${plan.id}`)
  expect([head.status, head.text, head.headers.get('ETag')]).toEqual([200, '', get.headers.get('ETag')])
  const wrong = await call(world.marc, 'PUT', `${PLANS}/${plan.id}`)
  expect([wrong.status, wrong.headers.get('Allow')]).toEqual([405, 'GET, HEAD, PATCH, DELETE, OPTIONS'])
  for (const reply of [options, get, head, wrong, await call(null, 'GET', '/nowhere')]) {
    expect(reply.headers.get('Cache-Control')).toBe('no-store, no-transform')
    expect(reply.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(reply.headers.get('Strict-Transport-Security')).toContain('max-age=')
    expect(reply.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
  }
})
