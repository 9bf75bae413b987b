/** Plans too heavy to be read at once are answered in portions, as they were at one moment, and one after the other. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  PLANS,
  type Reply,
  type Slice,
  tagOf,
} from '../support/api.ts'
import { insertActions } from '../support/factories.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

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

/** Sets the kept weight of each action in the plan, which decides whether the plan is heavy. */
async function pretendHeavy(bytes: number, planId = plan.id): Promise<void> {
  await home.prepare('UPDATE actions SET content_bytes = ? WHERE plan_id = ?').bind(bytes, planId).run()
}

/** Runs `work` after the `count`-th batch that D1 is asked from now on. */
function afterBatch(count: number, work: () => Promise<unknown>): void {
  const batch = home.batch.bind(home)
  let calls = 0
  vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
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
  it('has the same content as when it was light', async () => {
    const heavy = await read()
    await pretendHeavy(1000)
    expect(heavy).toEqual(await read())
    expect(heavy?.actions.map(({ title }) => title)).toEqual(['first', 'second', 'third'])
    expect(heavy?.description).toBe('told in full')
  })

  it('is shown as it was at one moment, whenever somebody writes during the reading', async () => {
    const calls = vi.spyOn(home, 'batch')
    await read()
    const batches = calls.mock.calls.length
    calls.mockRestore()
    expect(batches).toBeGreaterThan(3)
    for (let count = 1; count < batches; count += 1) {
      const title = `written after ${String(count)}`
      const titles = (seen: PlanView | undefined) => seen?.actions.map((action) => action.title)
      const before = titles(await read())
      afterBatch(count, () =>
        home
          .prepare(
            "UPDATE actions SET title = ?, tree_revision = tree_revision + 1 WHERE plan_id = ? AND title <> 'second'",
          )
          .bind(title, plan.id)
          .run(),
      )
      const seen = titles(await read())
      vi.restoreAllMocks()
      const after = titles(await read())
      expect(after).toEqual([title, 'second', title])
      // Titles of before and of after in one answer would be of two moments.
      expect([before, after]).toContainEqual(seen)
    }
  })
})

it.each(readings.slice(0, 3))(
  'a plan of 10 MB that changes whenever somebody looks is shown whole at last, %s',
  async (_how, read) => {
    const fields = { plan: { ...plan, companyId: world.companyId }, createdBy: world.marc.id }
    const actions = await insertActions(
      Array.from({ length: 2000 }, () => ({ ...fields, description: 'x'.repeat(5000) })),
    )
    const batch = home.batch.bind(home)
    vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
      const results = await batch(statements)
      await home
        .prepare('UPDATE actions SET tree_revision = tree_revision + 1 WHERE plan_id = ?')
        .bind(plan.id)
        .run()
      return results
    })
    const seen = await read()
    vi.restoreAllMocks()
    expect(seen?.actions).toHaveLength(3 + actions.length)
    expect(seen?.description).toBe('told in full')
  },
  60_000,
)

describe('the tag of a heavy plan', () => {
  it('makes a 304', async () => {
    const tag = await tagOf(world.marc, path)
    expect((await call(world.marc, 'GET', path, { headers: { 'If-None-Match': tag } })).status).toBe(304)
  })

  it('stays when the plan becomes light', async () => {
    const tag = await tagOf(world.marc, path)
    await pretendHeavy(1000)
    expect(await tagOf(world.marc, path)).toBe(tag)
  })

  it('changes with the plan', async () => {
    const tag = await tagOf(world.marc, path)
    const change = { body: { title: 'Other' }, headers: { 'If-Match': tag } }
    const changed = await call(world.marc, 'PATCH', path, change)
    expect([changed.status, changed.headers.get('ETag') === tag]).toEqual([200, false])
  })
})

describe('a plan that its creator makes PRIVATE during a PATCH of somebody else', () => {
  it('is shown as that PATCH left it, without what the creator wrote since', async () => {
    afterBatch(2, async () => {
      const body = { visibility: 'PRIVATE', description: 'SECRET' }
      expect((await call(world.marc, 'PATCH', path, { body })).status).toBe(200)
    })
    const reply = await call<PlanView>(world.ana, 'PATCH', path, { body: { title: 'By Ana' } })
    vi.restoreAllMocks()
    expect([reply.status, reply.body.title, reply.body.description]).toEqual([200, 'By Ana', 'told in full'])
    expect((await call(world.ana, 'GET', path)).status).toBe(403)
  })

  it('is not shown if that PATCH changes nothing', async () => {
    await call(world.marc, 'PATCH', path, { body: { description: 'SECRET' } })
    await pretendHeavy(1000)
    afterBatch(1, () => call(world.marc, 'PATCH', path, { body: { visibility: 'PRIVATE' } }))
    const refused = await call(world.ana, 'PATCH', path, { body: {} })
    expect([refused.status, refused.text.includes('SECRET')]).toEqual([403, false])
  })
})

describe('a list of plans', () => {
  const list = async (who: Person) => (await call<Slice<PlanView>>(who, 'GET', PLANS)).body

  beforeEach(async () => {
    for (let count = 0; count < 2; count += 1) {
      const { id } = await createPlan(world.ana, { visibility: 'PUBLIC' })
      await createAction(world.ana, id, { visibility: 'PRIVATE' })
      await pretendHeavy(11 * MIB, id)
    }
  })

  it('is whole, however heavy the actions are that the caller may not see', async () => {
    expect(await list(world.marc)).toMatchObject({ to: 3, total: 3 })
  })

  it('ends with what fits for a caller who sees the heavy actions', async () => {
    expect(await list(world.ana)).toMatchObject({ to: 1, total: 3 })
  })
})

describe('a list of heavy actions', () => {
  const list = async (query: string) =>
    (await call<Slice<ActionView>>(world.marc, 'GET', `${ACTIONS}?planId=${plan.id}&${query}`)).body

  it('is the same as of light ones', async () => {
    const heavy = await list('to=3')
    await pretendHeavy(1000)
    expect(heavy).toEqual(await list('to=3'))
  })

  it('has slices without gaps', async () => {
    const pieces = [await list('to=1'), await list('from=1&to=3')].flatMap(({ result }) => result)
    expect(pieces).toEqual((await list('to=3')).result)
  })
})

describe('while a heavy answer is being read', () => {
  let end: () => void
  let first: Promise<Reply>
  /** Light to read, heavy to change. */
  let light: PlanView

  beforeEach(async () => {
    await pretendHeavy(4 * MIB)
    light = await createPlan(world.marc)
    await home
      .prepare('UPDATE plans SET content_bytes = ? WHERE id = ?')
      .bind(4 * MIB, light.id)
      .run()
    // D1 does not answer the second batch of the first request until the test says so.
    const batch = home.batch.bind(home)
    const held = new Promise<void>((resolve) => (end = resolve))
    let calls = 0
    vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
      calls += 1
      if (calls === 2) await held
      return batch(statements)
    })
    first = call(world.marc, 'GET', path)
    await vi.waitFor(() => {
      expect(calls).toBe(2)
    })
  })

  /** Lets the other requests wait as long as they may. */
  async function passTenSeconds(): Promise<void> {
    await scheduler.wait(100)
    vi.useFakeTimers({ now: Date.now() + 11_000, toFake: ['Date'] })
  }

  it('a light one is answered at once', async () => {
    expect((await call(world.gus, 'GET', PLANS)).status).toBe(200)
    end()
    expect((await first).status).toBe(200)
  })

  it('another heavy one waits, and is BUSY after ten seconds', async () => {
    const second = call(world.noa, 'GET', path)
    await passTenSeconds()
    const busy = await second
    expect([busy.status, codeOf(busy)]).toEqual([503, 'BUSY'])
    expect(Number(busy.headers.get('Retry-After'))).toBeGreaterThan(0)
    end()
    expect((await first).status).toBe(200)
    expect((await call(world.noa, 'GET', path)).status).toBe(200)
  })

  it('a change with a heavy answer waits, and has not been done when it is BUSY', async () => {
    const change = call(world.marc, 'PATCH', `${PLANS}/${light.id}`, { body: { title: 'Other' } })
    await passTenSeconds()
    expect((await change).status).toBe(503)
    expect((await call(world.marc, 'GET', `${PLANS}/${light.id}`)).body.title).toBe('A plan')
    end()
    expect((await first).status).toBe(200)
  })
})
