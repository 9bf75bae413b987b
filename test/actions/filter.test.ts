import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import {
  ACTIONS,
  call,
  createAction,
  createPlan,
  namedPaths,
  PLANS,
  type Slice,
  takeStep,
} from '../support/api.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

let world: World

async function list(who: Person, query: string): Promise<Slice<PlanView>> {
  const reply = await call<Slice<PlanView>>(who, 'GET', `${PLANS}?${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

describe('several filters', () => {
  beforeAll(async () => {
    world = await createWorld()
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    await createAction(world.marc, plan.id, { title: 'alpha', focusItems: [{ focusType: 'ENPS' }] })
    const beta = await createAction(world.marc, plan.id, { title: 'beta', assigneeIds: [world.noa.id] })
    await takeStep(world.noa, beta.id, 'IN_PROGRESS')
  })

  it('match no plan in which each holds for another action', async () => {
    expect((await list(world.marc, 'focusType=ENPS&status=IN_PROGRESS')).total).toBe(0)
  })

  it('match a plan in which all hold for one action', async () => {
    expect((await list(world.marc, `assigneeId=${world.noa.id}&status=IN_PROGRESS&q=BET`)).total).toBe(1)
  })

  it('leave in a plan only the actions that match', async () => {
    const [found] = (await list(world.marc, 'focusType=ENPS')).result
    expect(found?.actions.map(({ title }) => title)).toEqual(['alpha'])
  })
})

describe('a private action in a plan that all managers read', () => {
  let secret: { id: string }

  beforeAll(async () => {
    world = await createWorld()
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    secret = await createAction(world.noa, plan.id, {
      title: 'Salary talks',
      visibility: 'PRIVATE',
      focusItems: [{ focusType: 'HI' }],
    })
  })

  it.each(['q=salary', 'focusType=HI', 'assigneeId=', 'status=NOT_STARTED', 'actionType=MANAGER'])(
    'shows through ?%s to its creator alone, in results and totals',
    async (start) => {
      const query = start === 'assigneeId=' ? start + world.noa.id : start
      expect(await list(world.marc, query)).toMatchObject({ total: 0, result: [] })
      expect(await list(world.ana, query)).toMatchObject({ total: 0, result: [] })
      const [found] = (await list(world.noa, query)).result
      expect(found?.actions.map(({ id }) => id)).toEqual([secret.id])
    },
  )

  it('shows in no text that the others get', async () => {
    expect((await call(world.marc, 'GET', PLANS)).text).not.toContain('Salary')
  })
})

it('shows nothing of a plan that the assignee of an action in it may not read', async () => {
  const { marc, noa } = await createWorld()
  const plan = await createPlan(marc)
  await createAction(marc, plan.id, { assigneeIds: [noa.id] })
  expect(await list(noa, 'status=NOT_STARTED')).toMatchObject({ total: 0 })
  expect((await call<Slice<unknown>>(noa, 'GET', ACTIONS)).body.total).toBe(1)
})

describe('q', () => {
  beforeAll(async () => {
    world = await createWorld()
    const plan = await createPlan(world.marc)
    await createAction(world.marc, plan.id, { title: 'acción 100%_done\\ *"quoted"', description: 'ΟΔΟΣ' })
  })

  const totalOf = async (q: string) => (await list(world.marc, `q=${encodeURIComponent(q)}`)).total

  it.each(['ACCIÓN', 'ACCIO\u0301N', '100%_', '%_d', '\\ *"Q', '*', 'οδοσ', '  ACCI  '])(
    'finds %j: no case in all of Unicode, special characters mean themselves',
    async (q) => {
      expect(await totalOf(q)).toBe(1)
    },
  )

  it.each(['accion', '100_', '1%0', 'done*', 'quoted\\'])('does not find %j', async (q) => {
    expect(await totalOf(q)).toBe(0)
  })

  it.each([
    ['title', 'zep', 'pelin'],
    ['title', 'zq', 'qz'],
    ['description', 'lorem', 'ipsum'],
  ])('follows a change of the %s, and ends with the action', async (member, before, after) => {
    const plan = await createPlan(world.marc)
    const action = await createAction(world.marc, plan.id, { [member]: before })
    expect(await totalOf(before)).toBe(1)
    await call(world.marc, 'PATCH', `${ACTIONS}/${action.id}`, { body: { [member]: after } })
    expect([await totalOf(before), await totalOf(after)]).toEqual([0, 1])
    await call(world.marc, 'DELETE', `${PLANS}/${plan.id}`)
    expect(await totalOf(after)).toBe(0)
  })

  it('of nothing but spaces is no filter', async () => {
    expect((await list(world.marc, 'q=%20%20')).result[0]?.actions.length).toBe(1)
  })
})

describe('a wrong filter', () => {
  it.each([
    'status=DONE',
    'focusType=hi',
    'actionType=',
    'hierarchyId=1',
    'assigneeId=ZZ',
    `q=${'x'.repeat(201)}`,
    'status=EXPIRED&status=EXPIRED',
  ])('is refused: ?%s', async (query) => {
    const reply = await call(world.marc, 'GET', `${PLANS}?${query}`)
    expect([reply.status, namedPaths(reply)]).toEqual([400, [query.split('=')[0]]])
  })
})

it.each(['assigneeId', 'hierarchyId'])(
  'finds nothing by %s of what is nowhere or elsewhere',
  async (name) => {
    await createPlan(world.marc)
    for (const id of ['0'.repeat(24), world.gus.id]) {
      expect((await list(world.marc, `${name}=${id}`)).total).toBe(0)
    }
  },
)

it('keeps no trigrams of a deleted action', async () => {
  const { marc } = await createWorld()
  const plan = await createPlan(marc)
  const action = await createAction(marc, plan.id, { title: 'zyzzyva' })
  const candidates = async () =>
    home.prepare(`SELECT rowid FROM action_texts WHERE action_texts MATCH '"zyz"'`).all()
  expect((await candidates()).results).toHaveLength(1)
  expect((await call(marc, 'DELETE', `${ACTIONS}/${action.id}`)).status).toBe(204)
  expect((await candidates()).results).toEqual([])
})
