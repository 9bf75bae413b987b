import { beforeEach, describe, expect, it } from 'vitest'
import { ACTIONS, call, createAction, createPlan, PLANS, tagOf, takeStep } from '../support/api.ts'
import { letPass, MINUTE, sweep } from '../support/clock.ts'
import { entriesOf } from '../support/entries.ts'
import { inBetween } from '../support/race.ts'
import { wrongWeights } from '../support/weights.ts'
import { createWorld, openKey, type Person, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

const entries = async () => entriesOf(world.companyId)
const types = async () => (await entries()).map(({ type }) => type)

async function startedAction(who: Person, fields: Record<string, unknown> = {}) {
  const plan = await createPlan(who)
  const dueDate = new Date(Date.now() + MINUTE).toISOString()
  const action = await createAction(who, plan.id, { dueDate, ...fields })
  await takeStep(who, action.id, 'IN_PROGRESS')
  return action
}

describe('numbers', () => {
  it('are dense and each given once, while many write at the same time', async () => {
    const { ana, marc } = world
    const plan = await createPlan(ana, { visibility: 'PUBLIC' })
    const action = await createAction(ana, plan.id)
    const path = `${ACTIONS}/${action.id}`
    const writes = Array.from({ length: 6 }, (_, index) => [
      call(ana, 'POST', `${path}/notes`, { body: { text: 'A note' } }),
      call(marc, 'POST', PLANS, { body: { title: `Plan ${String(index)}` } }),
      call(ana, 'PATCH', path, { body: { title: `Title ${String(index)}` } }),
    ]).flat()
    const done = (await Promise.all(writes)).filter(({ status }) => status === 200)
    const numbers = (await entries()).map(({ number }) => number)
    expect(numbers).toEqual(Array.from({ length: 2 + done.length }, (_, index) => index + 1))
    expect(await wrongWeights()).toEqual({})
  })

  it('are counted for each company by itself', async () => {
    await createPlan(world.ana)
    await createPlan(world.gus)
    const [own, other] = [await entries(), await entriesOf(world.gus.companyId)]
    expect([...own, ...other].map(({ number }) => number)).toEqual([1, 1])
  })
})

describe('a write that does not come about leaves nothing', () => {
  it('of two with one entity tag, the one that loses', async () => {
    const { ana } = world
    const path = `${PLANS}/${(await createPlan(ana)).id}`
    const headers = { 'If-Match': await tagOf(ana, path) }
    const replies = await Promise.all(
      ['one', 'two'].map(async (title) => call(ana, 'PATCH', path, { body: { title }, headers })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412])
    expect(await types()).toEqual(['plan.created', 'plan.updated'])
  })

  it('if its guard fails, since the action is gone in between', async () => {
    const { ana } = world
    const action = await createAction(ana, (await createPlan(ana)).id)
    const path = `${ACTIONS}/${action.id}`
    inBetween(() => call(ana, 'DELETE', path))
    expect((await call(ana, 'PATCH', path, { body: { title: 'Late' } })).status).toBe(404)
    expect(await types()).toEqual(['plan.created', 'action.created', 'action.deleted'])
  })

  it('but a write that is decided again tells what it changed in the end', async () => {
    const { ana } = world
    const action = await createAction(ana, (await createPlan(ana)).id)
    const path = `${ACTIONS}/${action.id}`
    inBetween(() => call(ana, 'PATCH', path, { body: { title: 'First' } }))
    expect((await call(ana, 'PATCH', path, { body: { title: 'Second' } })).status).toBe(200)
    expect((await entries()).slice(2).map(({ changes }) => changes)).toEqual([
      { title: { before: 'An action', after: 'First' } },
      { title: { before: 'First', after: 'Second' } },
    ])
  })
})

describe('an expiry', () => {
  it('is told before the write that stores it', async () => {
    const { ana } = world
    const action = await startedAction(ana)
    letPass(2 * MINUTE)
    const dueDate = new Date(Date.now() + MINUTE).toISOString()
    await call(ana, 'PATCH', `${ACTIONS}/${action.id}`, { body: { dueDate } })
    const [expired, updated, ...more] = (await entries()).slice(3)
    expect(more).toEqual([])
    const state = (status: string) => [{ userId: ana.id, status }]
    expect(expired).toMatchObject({
      ...{ type: 'action.expired', via: 'CLOCK', actorId: null, readers: null, title: 'An action' },
      ...{ at: new Date(action.dueDate ?? '').getTime(), recordedAt: Date.now() },
      changes: {
        status: { before: 'IN_PROGRESS', after: 'EXPIRED' },
        assignees: { before: state('IN_PROGRESS'), after: state('EXPIRED') },
      },
    })
    expect(updated).toMatchObject({ type: 'action.updated', via: 'SESSION', actorId: ana.id, at: Date.now() })
    expect(updated?.changes).toEqual({ dueDate: { before: action.dueDate, after: dueDate } })
  })

  it('is told by the clean-up once, to each company in its own order', async () => {
    const { ana, gus } = world
    const sooner = new Date(Date.now() + MINUTE / 2).toISOString()
    const [later, first, other] = [
      await startedAction(ana),
      await startedAction(ana, { dueDate: sooner }),
      await startedAction(gus),
    ]
    letPass(2 * MINUTE)
    await sweep()
    await sweep()
    const facts = (list: Awaited<ReturnType<typeof entriesOf>>) =>
      list
        .filter(({ type }) => type === 'action.expired')
        .map(({ number, actionId, at, via }) => [number, actionId, new Date(at).toISOString(), via])
    expect(facts(await entries())).toEqual([
      [7, first.id, first.dueDate, 'CLOCK'],
      [8, later.id, later.dueDate, 'CLOCK'],
    ])
    expect(facts(await entriesOf(gus.companyId))).toEqual([[4, other.id, other.dueDate, 'CLOCK']])
    expect(await wrongWeights()).toEqual({})
  })
})

it('of what is deleted, the deletion is the last entry', async () => {
  const { ana } = world
  const plan = await createPlan(ana)
  const [first, second] = [await createAction(ana, plan.id), await createAction(ana, plan.id)]
  await call(ana, 'POST', `${ACTIONS}/${second.id}/notes`, { body: { text: 'A note' } })
  await call(ana, 'DELETE', `${PLANS}/${plan.id}`)
  const last = (await entries()).slice(4)
  expect(last.map(({ type, actionId }) => [type, actionId])).toEqual([
    ['action.deleted', first.id],
    ['action.deleted', second.id],
    ['plan.deleted', null],
  ])
})

it('tells that a program wrote, in the name of the user of its key', async () => {
  const key = await openKey(world.marc, 'WRITE')
  const reply = await call(key, 'POST', PLANS, { body: { title: 'By a program' } })
  expect(reply.status, reply.text).toBe(200)
  expect(await entries()).toMatchObject([{ type: 'plan.created', via: 'KEY', actorId: world.marc.id }])
})

it('keeps neither the text of a note nor the name of a person', async () => {
  const { ana, noa } = world
  const action = await createAction(ana, (await createPlan(ana)).id, { assigneeIds: [ana.id] })
  await call(ana, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'Between us' } })
  await call(ana, 'PATCH', `${ACTIONS}/${action.id}`, { body: { assigneeIds: [noa.id] } })
  const { results } = await home.prepare('SELECT changes, title, readers FROM history').all()
  expect(results.length).toBeGreaterThan(3)
  for (const secret of ['Between us', ana.name, noa.name])
    expect(JSON.stringify(results)).not.toContain(secret)
})

it('an action that moves is told with its new plan, whatever else changes', async () => {
  const { ana } = world
  const [from, to] = [await createPlan(ana), await createPlan(ana, { visibility: 'PUBLIC' })]
  const action = await createAction(ana, from.id)
  await call(ana, 'PATCH', `${ACTIONS}/${action.id}`, { body: { planId: to.id, title: 'Moved' } })
  expect((await entries()).at(-1)).toMatchObject({
    ...{ type: 'action.moved', planId: to.id, title: 'Moved', readers: '*' },
    changes: {
      title: { before: 'An action', after: 'Moved' },
      planId: { before: from.id, after: to.id },
      visibility: { before: 'PRIVATE', after: 'PUBLIC' },
    },
  })
})
