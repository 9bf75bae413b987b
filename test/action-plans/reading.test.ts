import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import {
  call,
  codeOf,
  createAction,
  createPlan,
  namedPaths,
  PLANS,
  type Slice,
  takeStep,
} from '../support/api.ts'
import { insertActions } from '../support/factories.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

let world: World

async function list(query: string, who: Person = world.marc): Promise<Slice<PlanView>> {
  const reply = await call<Slice<PlanView>>(who, 'GET', `${PLANS}${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

it.each(['x', '0'.repeat(24), 'ABCDEF'.repeat(4), '%00', "'; DROP TABLE plans --"])(
  'finds no plan by the id %s',
  async (id) => {
    const { ana } = await createWorld()
    const reply = await call(ana, 'GET', `${PLANS}/${encodeURIComponent(id)}`)
    expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND'])
  },
)

describe('the percentage of a plan', () => {
  it('counts all actions, hidden ones and filtered ones too, rounded down', async () => {
    world = await createWorld()
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const mine = await createAction(world.marc, plan.id, { title: 'seen' })
    await createAction(world.noa, plan.id, { visibility: 'PRIVATE', title: 'hidden' })
    await createAction(world.marc, plan.id, { title: 'third' })
    await takeStep(world.marc, mine.id, 'COMPLETED')
    const read = await call<PlanView>(world.marc, 'GET', `${PLANS}/${plan.id}`)
    expect([read.body.completionPercent, read.body.actions.length]).toEqual([33, 2])
    const filtered = await list('?status=COMPLETED')
    expect(filtered.result.map((item) => [item.completionPercent, item.actions.length])).toEqual([[33, 1]])
  })
})

describe('a slice of plans', () => {
  /** The ids of those that marc may read, newest first. */
  const readable: string[] = []

  beforeAll(async () => {
    world = await createWorld()
    for (let index = 0; index < 12; index += 1) {
      const [isMine, isPublic] = [index % 2 === 0, index % 3 === 0]
      const { id } = await createPlan(isMine ? world.marc : world.noa, {
        visibility: isPublic ? 'PUBLIC' : 'PRIVATE',
      })
      if (isMine || isPublic) readable.unshift(id)
    }
  })

  it('holds all that the caller may read, newest first', async () => {
    const all = await list('?to=100')
    expect(all.result.map(({ id }) => id)).toEqual(readable)
    expect(all.total).toBe(8)
  })

  it('tells where it ends, and the next goes on there', async () => {
    const all = await list('?to=100')
    const first = await list('?from=0&to=3')
    const rest = await list('?from=3&to=50')
    expect([first.from, first.to, rest.from, rest.to]).toEqual([0, 3, 3, all.total])
    expect([...first.result, ...rest.result]).toEqual(all.result)
  })

  it('that begins past the end is empty', async () => {
    expect((await list('?from=99')).result).toEqual([])
    expect((await list('?from=2147483647')).result).toEqual([])
  })

  it('ends with the last plan if none is asked for', async () => {
    expect((await list('')).to).toBe(8)
  })

  it.each([
    ['from=-1', 'from'],
    ['from=a', 'from'],
    ['from=1.0', 'from'],
    ['from=', 'from'],
    ['from=2147483648', 'from'],
    ['to=9999999999999999999999', 'to'],
    ['from=5&to=4', 'to'],
    ['from=0&to=101', 'to'],
  ])('is refused for ?%s', async (query, path) => {
    const reply = await call(world.marc, 'GET', `${PLANS}?${query}`)
    expect([reply.status, namedPaths(reply).at(0)]).toEqual([400, path])
  })

  it('with a wrong end is refused together with a wrong filter', async () => {
    const reply = await call(world.marc, 'GET', `${PLANS}?from=5&to=4&status=x`)
    expect(namedPaths(reply).sort()).toEqual(['status', 'to'])
  })

  it('ends early rather than grow past 12 MiB', async () => {
    const { ana } = await createWorld()
    const fields = { createdBy: ana.id, description: '"'.repeat(5000) }
    for (let count = 0; count < 3; count += 1) {
      const plan = await createPlan(ana)
      await insertActions(Array.from({ length: 450 }, () => ({ plan, ...fields })))
    }
    const first = await call<Slice<PlanView>>(ana, 'GET', `${PLANS}?to=100`)
    expect(first.text.length).toBeLessThan(12 * 1024 * 1024 + 200)
    expect([first.body.to, first.body.total]).toEqual([2, 3])
    expect((await list('?from=1&to=100', ana)).to).toBe(3)
  })
})
