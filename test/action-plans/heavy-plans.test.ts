/** Plans too heavy to be read at once: answered in portions, as they were at one moment, and in turn. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import { ACTIONS, call, codeOf, createAction, createPlan, PLANS, type Slice } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

const MIB = 1024 * 1024

let world: World
let plan: PlanView
let path: string

beforeEach(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC', description: 'told in full' })
  path = `${PLANS}/${plan.id}`
  for (const title of ['first', 'second', 'third']) await createAction(world.marc, plan.id, { title })
  await pretendHeavy(900_000)
})

/** As if each of the actions weighed so much: what is heavy is decided by the weights that are kept. */
async function pretendHeavy(bytes: number): Promise<void> {
  await env.DB.prepare('UPDATE actions SET content_bytes = ? WHERE plan_id = ?').bind(bytes, plan.id).run()
}

/** Lets `work` happen when D1 has been asked so many times. */
function afterBatch(count: number, work: () => Promise<unknown>): void {
  const batch = env.DB.batch.bind(env.DB)
  let calls = 0
  vi.spyOn(env.DB, 'batch').mockImplementation(async (statements) => {
    const results = await batch(statements)
    calls += 1
    if (calls === count) await work()
    return results
  })
}

const readings: [string, () => Promise<PlanView | undefined>][] = [
  ['read', async () => (await call<PlanView>(world.marc, 'GET', path)).body],
  ['listed', async () => (await call<Slice<PlanView>>(world.marc, 'GET', PLANS)).body.result[0]],
  [
    'listed by a filter',
    async () =>
      (await call<Slice<PlanView>>(world.marc, 'GET', `${PLANS}?status=NOT_STARTED`)).body.result[0],
  ],
  ['changed by nothing', async () => (await call<PlanView>(world.marc, 'PATCH', path, { body: {} })).body],
]

describe.each(readings)('a heavy plan that is %s', (_how, read) => {
  it('is what a light one is', async () => {
    const heavy = await read()
    await pretendHeavy(1000)
    expect(heavy).toEqual(await read())
    expect(heavy?.actions.map(({ title }) => title)).toEqual(['first', 'second', 'third'])
    expect(heavy?.description).toBe('told in full')
  })

  it('is as it was at one moment, though somebody writes while it is read', async () => {
    const calls = vi.spyOn(env.DB, 'batch')
    await read()
    const batches = calls.mock.calls.length
    calls.mockRestore()
    expect(batches).toBeGreaterThan(3)
    for (let count = 1; count < batches; count += 1) {
      const title = `written after ${String(count)}`
      const titles = (seen: PlanView | undefined) => seen?.actions.map((action) => action.title)
      const before = titles(await read())
      afterBatch(count, () =>
        env.DB.prepare(
          "UPDATE actions SET title = ?, tree_revision = tree_revision + 1 WHERE plan_id = ? AND title <> 'second'",
        )
          .bind(title, plan.id)
          .run(),
      )
      const seen = titles(await read())
      vi.restoreAllMocks()
      const after = titles(await read())
      expect(after).toEqual([title, 'second', title])
      // All of it from before, or all of it from after.
      expect([before, after]).toContainEqual(seen)
    }
  })
})

it('keeps its tag, whatever it weighs, until something of it changes', async () => {
  const heavy = await call(world.marc, 'GET', path)
  const tag = heavy.headers.get('ETag') ?? ''
  expect((await call(world.marc, 'GET', path, { headers: { 'If-None-Match': tag } })).status).toBe(304)
  await pretendHeavy(1000)
  expect((await call(world.marc, 'GET', path)).headers.get('ETag')).toBe(tag)
  const changed = await call(world.marc, 'PATCH', path, {
    body: { title: 'Other' },
    headers: { 'If-Match': tag },
  })
  expect([changed.status, changed.headers.get('ETag') === tag]).toEqual([200, false])
})

it('shows who changed it what he or she left, not what its creator wrote since and keeps to himself', async () => {
  afterBatch(2, async () => {
    const body = { visibility: 'PRIVATE', description: 'SECRET' }
    expect((await call(world.marc, 'PATCH', path, { body })).status).toBe(200)
  })
  const reply = await call<PlanView>(world.ana, 'PATCH', path, { body: { title: 'By Ana' } })
  vi.restoreAllMocks()
  expect([reply.status, reply.body.title, reply.body.description]).toEqual([200, 'By Ana', 'told in full'])
  expect((await call(world.ana, 'GET', path)).status).toBe(403)
  // Nor to who changed nothing.
  await call(world.marc, 'PATCH', path, { body: { visibility: 'PUBLIC' } })
  await pretendHeavy(1000)
  afterBatch(1, () => call(world.marc, 'PATCH', path, { body: { visibility: 'PRIVATE' } }))
  const refused = await call(world.ana, 'PATCH', path, { body: {} })
  expect([refused.status, refused.text.includes('SECRET')]).toEqual([403, false])
})

it('is listed whole beside others, however heavy the actions are that the caller may not see', async () => {
  const others = [
    await createPlan(world.ana, { visibility: 'PUBLIC' }),
    await createPlan(world.ana, { visibility: 'PUBLIC' }),
  ]
  for (const { id } of others) {
    await createAction(world.ana, id, { visibility: 'PRIVATE' })
    await env.DB.prepare('UPDATE actions SET content_bytes = ? WHERE plan_id = ?')
      .bind(11 * MIB, id)
      .run()
  }
  const list = async (who: typeof world.ana) => (await call<Slice<PlanView>>(who, 'GET', PLANS)).body
  expect(await list(world.marc)).toMatchObject({ to: 3, total: 3 })
  // Who sees them gets no more than fits.
  expect(await list(world.ana)).toMatchObject({ to: 1, total: 3 })
})

it('lists heavy actions like light ones, in slices without gaps', async () => {
  const list = async (query: string) =>
    (await call<Slice<ActionView>>(world.marc, 'GET', `${ACTIONS}?planId=${plan.id}&${query}`)).body
  const heavy = await list('to=3')
  const pieces = [await list('to=1'), await list('from=1&to=3')].flatMap(({ result }) => result)
  await pretendHeavy(1000)
  expect(heavy).toEqual(await list('to=3'))
  expect(pieces).toEqual(heavy.result)
})

describe('when others are in work', () => {
  it('waits its turn, and is BUSY after ten seconds; what is light goes on', async () => {
    await pretendHeavy(4 * MIB)
    // One answer never ends: D1 does not answer its second call.
    const batch = env.DB.batch.bind(env.DB)
    let calls = 0
    let end: () => void = () => undefined
    const held = new Promise<void>((resolve) => (end = resolve))
    vi.spyOn(env.DB, 'batch').mockImplementation(async (statements) => {
      calls += 1
      if (calls === 2) await held
      return batch(statements)
    })
    const first = call(world.marc, 'GET', path)
    await vi.waitFor(() => {
      expect(calls).toBe(2)
    })
    const second = call(world.noa, 'GET', path)
    // What waits has not been done.
    const light = await createPlan(world.marc)
    await env.DB.prepare('UPDATE plans SET content_bytes = ? WHERE id = ?')
      .bind(4 * MIB, light.id)
      .run()
    const change = call(world.marc, 'PATCH', `${PLANS}/${light.id}`, { body: { title: 'Other' } })
    await scheduler.wait(100)
    expect((await call(world.gus, 'GET', PLANS)).status).toBe(200)
    vi.useFakeTimers({ now: Date.now() + 11_000, toFake: ['Date'] })
    const busy = await second
    expect([busy.status, codeOf(busy)]).toEqual([503, 'BUSY'])
    expect([
      (await change).status,
      (await call(world.marc, 'GET', `${PLANS}/${light.id}`)).body.title,
    ]).toEqual([503, 'A plan'])
    expect(Number(busy.headers.get('Retry-After'))).toBeGreaterThan(0)
    end()
    expect((await first).status).toBe(200)
    expect((await call(world.noa, 'GET', path)).status).toBe(200)
  })
})
