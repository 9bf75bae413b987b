import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  namedPaths,
  PLANS,
  type Slice,
} from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

function post(who: Person, path: string, key: string, body?: unknown) {
  return call(who, 'POST', path, {
    headers: { 'Idempotency-Key': key },
    ...(body === undefined ? {} : { body }),
  })
}

async function endpoints(): Promise<[string, () => unknown][]> {
  const plan = await createPlan(world.ana)
  const action = await createAction(world.ana, plan.id)
  return [
    [PLANS, () => ({ title: 'x' })],
    [ACTIONS, () => ({ planId: plan.id, title: 'x' })],
    [`${ACTIONS}/${action.id}/notes`, () => ({ text: 'x' })],
    ['/api/v1/company/users', () => ({ email: `new-${plan.id}@example.test`, name: 'New', role: 'MANAGER' })],
    ['/api/v1/company/hierarchies', () => ({ name: 'x' })],
    [`${PLANS}/${plan.id}/excel`, () => undefined],
  ]
}

async function dump(table: string): Promise<number> {
  // Table names come from this file alone.
  return (await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>('n')) ?? -1
}

async function rowCounts(): Promise<number[]> {
  return Promise.all(['plans', 'actions', 'notes', 'users', 'hierarchies', 'exports'].map(dump))
}

it('replays the first answer on every endpoint that takes a key, and does nothing again', async () => {
  const background = catchBackground()
  for (const [path, body] of await endpoints()) {
    const first = await post(world.ana, path, 'key 1', body())
    expect(first.status, `${path} ${first.text}`).toBe(200)
    expect(first.headers.get('Idempotent-Replayed')).toBeNull()
    const before = await rowCounts()
    const again = await post(world.ana, path, 'key 1', body())
    expect([again.status, again.text], path).toEqual([200, first.text])
    expect(again.headers.get('Location')).toBe(first.headers.get('Location'))
    expect(again.headers.get('ETag')).toBe(first.headers.get('ETag'))
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await rowCounts(), path).toEqual(before)
  }
  expect(background.exports).toHaveLength(1)
})

it('takes the same members in another order and spelling as the same body', async () => {
  const first = await post(world.ana, PLANS, 'k', '{"title":"Caf\u00e9","visibility":"PUBLIC"}')
  const again = await post(world.ana, PLANS, 'k', '{ "visibility": "PUBLIC", "title": " Cafe\u0301 " }')
  expect([again.status, again.text]).toEqual([200, first.text])
})

it('takes whatever comes with a request that needs no body for its body', async () => {
  catchBackground()
  const plan = await createPlan(world.ana)
  const path = `${PLANS}/${plan.id}/excel`
  const deep = '['.repeat(40_000) + ']'.repeat(40_000)
  for (const [key, body] of Object.entries({ deep, open: '{', text: 'text', list: '[1]' })) {
    const first = await post(world.ana, path, key, body)
    expect(first.status, key).toBe(200)
    const again = await post(world.ana, path, key, body)
    expect(again.headers.get('Location'), key).toBe(first.headers.get('Location'))
    expect((await post(world.ana, path, key, `${body} other`)).status, key).toBe(422)
  }
  const nothing = await post(world.ana, path, 'nothing')
  for (const body of [{}, '{ }', ' null\n', '  ']) {
    const empty = await post(world.ana, path, 'nothing', body)
    expect(empty.headers.get('Location')).toBe(nothing.headers.get('Location'))
  }
})

it('answers 422 to the key with another body', async () => {
  await post(world.ana, PLANS, 'k', { title: 'x' })
  const reply = await post(world.ana, PLANS, 'k', { title: 'y' })
  expect([reply.status, codeOf(reply)]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
})

it('keeps keys per user and endpoint', async () => {
  const plan = await post(world.ana, PLANS, 'k', { title: 'x' })
  const other = await post(world.marc, PLANS, 'k', { title: 'y' })
  const hierarchy = await post(world.ana, '/api/v1/company/hierarchies', 'k', { name: 'x' })
  expect([plan.status, other.status, hierarchy.status]).toEqual([200, 200, 200])
  const action = await createAction(world.ana, String(plan.body.id))
  const second = await createAction(world.ana, String(plan.body.id))
  const notes = await Promise.all(
    [action, second].map(({ id }) => post(world.ana, `${ACTIONS}/${id}/notes`, 'k', { text: 'same' })),
  )
  expect(notes.map(({ headers }) => headers.get('Idempotent-Replayed'))).toEqual([null, null])
})

it('does not keep answers other than 2xx', async () => {
  const missing = '0'.repeat(24)
  expect((await post(world.ana, ACTIONS, 'k', { planId: missing, title: 'x' })).status).toBe(400)
  expect((await post(world.ana, PLANS, 'k', { title: '' })).status).toBe(400)
  expect((await post(world.ana, PLANS, 'k', { title: 'x' })).status).toBe(200)
  vi.spyOn(env.EXPORTS, 'send').mockRejectedValueOnce(new Error('down'))
  const plan = await createPlan(world.ana)
  expect((await post(world.ana, `${PLANS}/${plan.id}/excel`, 'e')).status).toBe(503)
  const retried = await post(world.ana, `${PLANS}/${plan.id}/excel`, 'e')
  expect([retried.status, retried.headers.get('Idempotent-Replayed')]).toEqual([200, null])
})

it('forgets a key after 24 hours', async () => {
  await post(world.ana, PLANS, 'k', { title: 'x' })
  await env.DB.prepare('UPDATE idempotency_records SET created_at = created_at - 86400001').run()
  const reply = await post(world.ana, PLANS, 'k', { title: 'other' })
  expect([reply.status, reply.body.title]).toEqual([200, 'other'])
})

it.each([1, 2, 3, 4, 5])('makes one plan of eight parallel requests with one key (%i)', async () => {
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => post(world.ana, PLANS, 'k', { title: 'once' })),
  )
  expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true)
  expect(new Set(replies.filter(({ status }) => status === 200).map(({ text }) => text)).size).toBe(1)
  expect((await call<Slice<PlanView>>(world.ana, 'GET', PLANS)).body.total).toBe(1)
})

describe('the header', () => {
  it.each(['', 'x'.repeat(256), 'caf\u00e9', 'a\tb'])('refuses %j', async (key) => {
    const reply = await post(world.ana, PLANS, key, { title: 'x' })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['Idempotency-Key']])
  })

  it('takes 255 characters', async () => {
    expect((await post(world.ana, PLANS, '~'.repeat(255), { title: 'x' })).status).toBe(200)
  })
})
