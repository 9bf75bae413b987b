import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  HIERARCHIES,
  namedPaths,
  PLANS,
  type Slice,
  USERS,
} from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

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

/** Everything that a POST can make, and with what body; `ids` are those of a plan and an action. */
const ENDPOINTS: [string, (ids: Ids) => string, (ids: Ids) => object | undefined][] = [
  ['a plan', () => PLANS, () => ({ title: 'x' })],
  ['an action', () => ACTIONS, ({ plan }) => ({ planId: plan, title: 'x' })],
  ['a note', ({ action }) => `${ACTIONS}/${action}/notes`, () => ({ text: 'x' })],
  [
    'a user',
    () => USERS,
    ({ plan }) => ({ email: `new-${plan}@example.test`, name: 'New', role: 'MANAGER' }),
  ],
  ['a hierarchy', () => HIERARCHIES, () => ({ name: 'x' })],
  ['an export', ({ plan }) => `${PLANS}/${plan}/excel`, () => undefined],
]

interface Ids {
  plan: string
  action: string
}

async function rowCounts(): Promise<(number | null)[]> {
  const tables = ['plans', 'actions', 'notes', 'users', 'hierarchies', 'exports']
  return Promise.all(
    tables.map((table) => home.prepare(`SELECT count(*) AS number FROM ${table}`).first<number>('number')),
  )
}

/** The path of an export of a new plan: a POST that needs no body. */
async function exportPath(): Promise<string> {
  return `${PLANS}/${(await createPlan(world.ana)).id}/excel`
}

describe('a POST with the key of an earlier one', () => {
  it.each(ENDPOINTS)('for %s gives the first answer again and does nothing', async (_, pathOf, bodyOf) => {
    const background = catchBackground()
    const plan = await createPlan(world.ana)
    const ids = { plan: plan.id, action: (await createAction(world.ana, plan.id)).id }
    const [path, body] = [pathOf(ids), bodyOf(ids)]
    const first = await post(world.ana, path, 'key 1', body)
    expect(first.status, first.text).toBe(200)
    expect(first.headers.get('Idempotent-Replayed')).toBeNull()
    const before = await rowCounts()
    const again = await post(world.ana, path, 'key 1', body)
    expect([again.status, again.text]).toEqual([200, first.text])
    expect(again.headers.get('Location')).toBe(first.headers.get('Location'))
    expect(again.headers.get('ETag')).toBe(first.headers.get('ETag'))
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await rowCounts()).toEqual(before)
    expect(background.exports).toHaveLength(path.endsWith('/excel') ? 1 : 0)
  })

  it('and the same members in another order and spelling is the same', async () => {
    const first = await post(world.ana, PLANS, 'k', '{"title":"Caf\u00e9","visibility":"PUBLIC"}')
    const again = await post(world.ana, PLANS, 'k', '{ "visibility": "PUBLIC", "title": " Cafe\u0301 " }')
    expect([again.status, again.text]).toEqual([200, first.text])
  })

  it('and another body is answered with 422', async () => {
    await post(world.ana, PLANS, 'k', { title: 'x' })
    const reply = await post(world.ana, PLANS, 'k', { title: 'y' })
    expect([reply.status, codeOf(reply)]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  it.each([
    ['deep', '['.repeat(40_000) + ']'.repeat(40_000)],
    ['cut off', '{'],
    ['text', 'text'],
    ['a list', '[1]'],
  ])('and a needless body (%s) is the same only with that body', async (_, body) => {
    catchBackground()
    const path = await exportPath()
    const first = await post(world.ana, path, 'k', body)
    expect(first.status).toBe(200)
    const again = await post(world.ana, path, 'k', body)
    expect(again.headers.get('Location')).toBe(first.headers.get('Location'))
    expect((await post(world.ana, path, 'k', `${body} other`)).status).toBe(422)
  })

  it.each([{}, '{ }', ' null\n', '  '])('and the needless body %j is the same as without', async (body) => {
    catchBackground()
    const path = await exportPath()
    const nothing = await post(world.ana, path, 'nothing')
    const empty = await post(world.ana, path, 'nothing', body)
    expect(empty.headers.get('Location')).toBe(nothing.headers.get('Location'))
  })

  it('after 24 hours is new', async () => {
    await post(world.ana, PLANS, 'k', { title: 'x' })
    await home.prepare('UPDATE idempotency_records SET created_at = created_at - 86400001').run()
    const reply = await post(world.ana, PLANS, 'k', { title: 'other' })
    expect([reply.status, reply.body.title]).toEqual([200, 'other'])
  })

  it.each([
    ['of another user', 'marc', PLANS, { title: 'y' }],
    ['to another endpoint', 'ana', HIERARCHIES, { name: 'x' }],
  ] as const)('%s is new', async (_, name, path, body) => {
    await post(world.ana, PLANS, 'k', { title: 'x' })
    const reply = await post(world[name], path, 'k', body)
    expect([reply.status, reply.headers.get('Idempotent-Replayed')]).toEqual([200, null])
  })

  it('to another resource of the same endpoint is new', async () => {
    const plan = await createPlan(world.ana)
    const actions = [await createAction(world.ana, plan.id), await createAction(world.ana, plan.id)]
    const notes = await Promise.all(
      actions.map(({ id }) => post(world.ana, `${ACTIONS}/${id}/notes`, 'k', { text: 'same' })),
    )
    expect(notes.map(({ headers }) => headers.get('Idempotent-Replayed'))).toEqual([null, null])
  })

  it.each([
    [400, ACTIONS, { planId: '0'.repeat(24), title: 'x' }],
    [400, PLANS, { title: '' }],
  ])('that was answered with %i is new', async (status, path, body) => {
    expect((await post(world.ana, path, 'k', body)).status).toBe(status)
    expect((await post(world.ana, PLANS, 'k', { title: 'x' })).status).toBe(200)
  })

  it('that was answered with 503 is new', async () => {
    vi.spyOn(env.EXPORTS, 'send').mockRejectedValueOnce(new Error('down'))
    const path = await exportPath()
    expect((await post(world.ana, path, 'e')).status).toBe(503)
    const retried = await post(world.ana, path, 'e')
    expect([retried.status, retried.headers.get('Idempotent-Replayed')]).toEqual([200, null])
  })
})

it.each([1, 2, 3, 4, 5])('makes one plan of eight requests at once with one key (run %i)', async () => {
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => post(world.ana, PLANS, 'k', { title: 'once' })),
  )
  expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true)
  expect(new Set(replies.filter(({ status }) => status === 200).map(({ text }) => text)).size).toBe(1)
  expect((await call<Slice<PlanView>>(world.ana, 'GET', PLANS)).body.total).toBe(1)
})

describe('an Idempotency-Key', () => {
  it.each(['', 'x'.repeat(256), 'caf\u00e9', 'a\tb'])('is refused when it is %j', async (key) => {
    const reply = await post(world.ana, PLANS, key, { title: 'x' })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['Idempotency-Key']])
  })

  it('may have 255 characters', async () => {
    expect((await post(world.ana, PLANS, '~'.repeat(255), { title: 'x' })).status).toBe(200)
  })
})
