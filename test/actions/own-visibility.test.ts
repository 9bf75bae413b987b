/** Whether an action follows its plan's visibility or has one of its own. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ActionView } from '../../src/actions/schemas.ts'
import type { Visibility } from '../../src/db/enums.ts'
import { ACTIONS, call, createAction, createPlan, namedPaths, PLANS, type Reply } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let plans: Record<Visibility, string>

beforeAll(async () => {
  world = await createWorld()
  const [open, closed] = [
    await createPlan(world.marc, { visibility: 'PUBLIC' }),
    await createPlan(world.marc, { visibility: 'PRIVATE' }),
  ]
  plans = { PUBLIC: open.id, PRIVATE: closed.id }
})

interface Wish {
  visibility?: Visibility | null
  followsPlanVisibility?: boolean | null
}

const post = (planId: string, wish: object): Promise<Reply<ActionView>> =>
  call<ActionView>(world.marc, 'POST', ACTIONS, { body: { planId, title: 'x', ...wish } })
const patch = ({ id }: { id: string }, body: object): Promise<Reply<ActionView>> =>
  call<ActionView>(world.marc, 'PATCH', `${ACTIONS}/${id}`, { body })
const shown = ({ body }: Reply<ActionView>) => [body.visibility, body.followsPlanVisibility]

const [FOLLOW, OWN] = [{ followsPlanVisibility: true }, { followsPlanVisibility: false }]
const [OPEN, CLOSED] = [{ visibility: 'PUBLIC' }, { visibility: 'PRIVATE' }] as const

describe('a new action in a PUBLIC plan', () => {
  it.each<[Wish, Visibility, boolean]>([
    [{}, 'PUBLIC', true],
    [{ visibility: null, followsPlanVisibility: null }, 'PUBLIC', true],
    [OPEN, 'PUBLIC', false],
    [CLOSED, 'PRIVATE', false],
    [FOLLOW, 'PUBLIC', true],
    [{ ...FOLLOW, ...OPEN }, 'PUBLIC', true],
    [OWN, 'PUBLIC', false],
    [{ ...OWN, ...OPEN }, 'PUBLIC', false],
    [{ ...OWN, ...CLOSED }, 'PRIVATE', false],
  ])('with %j is %s, following: %s', async (wish, visibility, follows) => {
    const reply = await post(plans.PUBLIC, wish)
    expect(shown(reply)).toEqual([visibility, follows])
    expect((await call(world.marc, 'GET', `${ACTIONS}/${reply.body.id}`)).body).toEqual(reply.body)
  })

  it.each<[object, string[]]>([
    [{ ...FOLLOW, ...CLOSED }, ['visibility']],
    [{ ...FOLLOW, ...CLOSED, title: '' }, ['title', 'visibility']],
    [{ followsPlanVisibility: 'yes' }, ['followsPlanVisibility']],
  ])('with %j is refused', async (wish, paths) => {
    const reply = await post(plans.PUBLIC, wish)
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })

  it('is answered to a repeated request as the first time', async () => {
    const send = () =>
      call<ActionView>(world.marc, 'POST', ACTIONS, {
        body: { planId: plans.PUBLIC, title: 'x', ...OWN },
        headers: { 'Idempotency-Key': 'own' },
      })
    const first = await send()
    expect([(await send()).text, first.body.followsPlanVisibility]).toEqual([first.text, false])
  })
})

describe('an action of a PUBLIC plan that', () => {
  it.each<[string, Wish, object, Visibility, boolean]>([
    ['follows', {}, {}, 'PUBLIC', true],
    ['follows', {}, OPEN, 'PUBLIC', true],
    ['follows', {}, CLOSED, 'PRIVATE', false],
    ['follows', {}, FOLLOW, 'PUBLIC', true],
    ['follows', {}, { ...FOLLOW, ...OPEN }, 'PUBLIC', true],
    ['follows', {}, OWN, 'PUBLIC', false],
    ['follows', {}, { ...OWN, ...OPEN }, 'PUBLIC', false],
    ['follows', {}, { ...OWN, ...CLOSED }, 'PRIVATE', false],
    ['is PRIVATE', CLOSED, {}, 'PRIVATE', false],
    ['is PRIVATE', CLOSED, OPEN, 'PUBLIC', false],
    ['is PRIVATE', CLOSED, FOLLOW, 'PUBLIC', true],
    ['is PRIVATE', CLOSED, { ...FOLLOW, ...OPEN }, 'PUBLIC', true],
    ['is PRIVATE', CLOSED, OWN, 'PRIVATE', false],
    ['is PUBLIC itself', OPEN, OPEN, 'PUBLIC', false],
    ['is PUBLIC itself', OPEN, OWN, 'PUBLIC', false],
    ['is PUBLIC itself', OPEN, FOLLOW, 'PUBLIC', true],
  ])('%s (%j) is after %j %s, following: %s', async (_, wish, change, visibility, follows) => {
    const action = await createAction(world.marc, plans.PUBLIC, { ...wish })
    const reply = await patch(action, change)
    expect(shown(reply)).toEqual([visibility, follows])
    const isSame = visibility === action.visibility && follows === action.followsPlanVisibility
    expect(reply.body.updatedAt === action.updatedAt).toBe(isSame)
    expect((await call(world.marc, 'GET', `${ACTIONS}/${action.id}`)).body).toEqual(reply.body)
  })

  it.each<[object, string[]]>([
    [{ ...FOLLOW, ...CLOSED }, ['visibility']],
    [{ ...FOLLOW, ...CLOSED, title: '' }, ['title', 'visibility']],
  ])('is there is not changed by %j', async (change, paths) => {
    const action = await createAction(world.marc, plans.PUBLIC)
    const reply = await patch(action, change)
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })
})

describe('an action that moves to a PRIVATE plan', () => {
  it.each<[Wish, object, Visibility, boolean]>([
    [{}, {}, 'PRIVATE', true],
    [{}, FOLLOW, 'PRIVATE', true],
    [{}, CLOSED, 'PRIVATE', true],
    [{}, OPEN, 'PUBLIC', false],
    [{}, OWN, 'PUBLIC', false],
    [OPEN, {}, 'PUBLIC', false],
    [OPEN, FOLLOW, 'PRIVATE', true],
  ])('made with %j, moved with %j, is %s, following: %s', async (wish, change, visibility, follows) => {
    const action = await createAction(world.marc, plans.PUBLIC, { ...wish })
    const reply = await patch(action, { planId: plans.PRIVATE, ...change })
    expect(shown(reply)).toEqual([visibility, follows])
  })

  it('as it was read, following another visibility, is asked to say which', async () => {
    const action = await createAction(world.marc, plans.PUBLIC)
    const read = { visibility: action.visibility, followsPlanVisibility: true }
    const reply = await patch(action, { ...read, planId: plans.PRIVATE })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['visibility']])
  })
})

it('what follows again changes with its plan and is read by whom the plan is read', async () => {
  const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  const action = await createAction(world.marc, plan.id, CLOSED)
  const status = async () => (await call(world.noa, 'GET', `${ACTIONS}/${action.id}`)).status
  expect(await status()).toBe(403)
  await patch(action, FOLLOW)
  expect(await status()).toBe(200)
  await call(world.marc, 'PATCH', `${PLANS}/${plan.id}`, { body: CLOSED })
  expect(await status()).toBe(403)
})

it('the visibility of a plan shows to nobody who may not read it', async () => {
  for (const visibility of ['PUBLIC', 'PRIVATE']) {
    const body = { planId: plans.PRIVATE, title: 'x', visibility, ...FOLLOW }
    expect((await call(world.noa, 'POST', ACTIONS, { body })).status).toBe(403)
  }
})
