/** What a company can store is bounded: 409 with the limit's name; what is larger already may be read and shrink. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import readme from '../../README.md?raw'
import type { ActionView } from '../../src/actions/schemas.ts'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { LIMIT_NAMES, LIMITS } from '../../src/platform/limits.ts'
import { Budget } from '../../src/platform/admission.ts'
import {
  ACTIONS,
  call,
  createAction,
  createPlan,
  HIERARCHIES,
  PLANS,
  type Reply,
  takeStep,
  USERS,
} from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { createWorld, type World } from '../support/world.ts'

const MIB = 1024 * 1024

let world: World
let plan: PlanView
let action: ActionView

beforeEach(async () => {
  catchBackground()
  world = await createWorld()
  plan = await createPlan(world.marc)
  action = await createAction(world.marc, plan.id, { description: 'x'.repeat(100) })
})

/** Pretends that so much is there already. */
async function set(table: 'plans' | 'actions' | 'companies', id: string, fields: Record<string, number>) {
  const assignments = Object.entries(fields).map(([column, value]) => `${column} = ${String(value)}`)
  await env.DB.prepare(`UPDATE ${table} SET ${assignments.join(', ')} WHERE id = ?`)
    .bind(id)
    .run()
}

const said = ({ status, body }: Reply) => [status, body.code, body.limit]
const post = (path: string, body: object) => call(world.marc, 'POST', path, { body })
const patch = (path: string, body: object) => call(world.marc, 'PATCH', path, { body })
const addAction = (fields: object = {}) => post(ACTIONS, { planId: plan.id, title: 'x', ...fields })
const addNote = (text = 'x') => post(`${ACTIONS}/${action.id}/notes`, { text })

describe('a plan of 12 MiB', () => {
  const full = [409, 'PLAN_FULL', 'bytesPerPlan']
  const most = LIMITS.bytesPerPlan.most

  it('takes an action that just fits, and none that weighs a byte more', async () => {
    const weight = 550 + 420 + 1
    await set('plans', plan.id, { content_bytes: most - weight })
    expect(said(await addAction({ description: 'y' }))).toEqual(full)
    expect((await addAction()).status).toBe(200)
    expect(said(await addAction())).toEqual(full)
  })

  it('grows by no PATCH either, of itself or of an action, and shrinks by any', async () => {
    await set('plans', plan.id, { content_bytes: most + 1000 })
    expect(said(await patch(`${PLANS}/${plan.id}`, { description: 'longer' }))).toEqual(full)
    expect(said(await patch(`${ACTIONS}/${action.id}`, { description: 'x'.repeat(101) }))).toEqual(full)
    expect((await patch(`${ACTIONS}/${action.id}`, { description: 'x'.repeat(99) })).status).toBe(200)
    expect((await patch(`${PLANS}/${plan.id}`, { visibility: 'PUBLIC' })).status).toBe(200)
    expect((await takeStep(world.marc, action.id, 'COMPLETED')).status).toBe(200)
    expect((await call(world.marc, 'GET', `${PLANS}/${plan.id}`)).status).toBe(200)
    expect((await call(world.marc, 'DELETE', `${ACTIONS}/${action.id}`)).status).toBe(204)
  })

  it('takes no action in from another plan', async () => {
    const other = await createPlan(world.marc)
    await set('plans', other.id, { content_bytes: most - 100 })
    expect(said(await patch(`${ACTIONS}/${action.id}`, { planId: other.id }))).toEqual(full)
  })

  it('takes exactly one of two actions at once that fit only singly', async () => {
    await set('plans', plan.id, { content_bytes: most - 1500 })
    const replies = await Promise.all([addAction(), addAction()])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  it('counts JSON bytes of texts and focus ids, 550 an action, 420 an assignee, 60 an area or focus item', async () => {
    const before = await weightOf(plan.id)
    const { body: area } = await call(world.ana, 'POST', HIERARCHIES, { body: { name: 'x' } })
    await createAction(world.marc, plan.id, {
      title: '"',
      description: 'a\né😀',
      assigneeIds: [world.marc.id, world.noa.id],
      hierarchyIds: [area.id],
      focusItems: [{ focusType: 'HI' }, { focusType: 'SCORE', focusId: 'abc' }],
    })
    expect((await weightOf(plan.id)) - before).toBe(550 + 2 + (1 + 2 + 2 + 4) + 2 * 420 + 3 * 60 + 3)
  })
})

async function weightOf(planId: string): Promise<number> {
  const row = await env.DB.prepare('SELECT content_bytes AS bytes FROM plans WHERE id = ?')
    .bind(planId)
    .first<{ bytes: number }>()
  return row?.bytes ?? NaN
}

describe('notes', () => {
  it.each([
    ['notesPerAction', () => set('actions', action.id, { note_count: 1000 })],
    ['noteBytesPerAction', () => set('actions', action.id, { note_bytes: 2 * MIB })],
    ['noteBytesPerPlan', () => set('plans', plan.id, { note_bytes: 32 * MIB })],
  ] as const)('are at most what %s says', async (limit, fill) => {
    const { body: note } = await addNote()
    await fill()
    expect(said(await addNote())).toEqual([409, 'NOTES_FULL', limit])
    expect(
      (await call(world.marc, 'DELETE', `${ACTIONS}/${action.id}/notes/${String(note.id)}`)).status,
    ).toBe(204)
  })

  it('come along with an action only where there is room for them', async () => {
    await addNote('a note')
    const other = await createPlan(world.marc)
    await set('plans', other.id, { note_bytes: 32 * MIB - 5 })
    expect(said(await patch(`${ACTIONS}/${action.id}`, { planId: other.id }))).toEqual([
      409,
      'NOTES_FULL',
      'noteBytesPerPlan',
    ])
    await set('plans', other.id, { note_bytes: 32 * MIB - 6 })
    expect((await patch(`${ACTIONS}/${action.id}`, { planId: other.id })).status).toBe(200)
  })
})

it('areas are at most 10,000 in a company', async () => {
  await set('companies', world.companyId, { hierarchy_count: 10_000 })
  const reply = await call(world.ana, 'POST', HIERARCHIES, { body: { name: 'x' } })
  expect(said(reply)).toEqual([409, 'AREAS_FULL', 'areasPerCompany'])
})

describe('a company that keeps as much as it may', () => {
  const full = [409, 'COMPANY_FULL', 'bytesPerCompany']
  const vars = { COMPANY_MAX_MIB: '2' }
  const as = (method: string, path: string, body?: object, headers = {}) =>
    call(world.ana, method, path, { body, vars, headers })

  beforeEach(async () => {
    plan = await createPlan(world.ana, { description: 'long' })
    action = await createAction(world.ana, plan.id, { description: 'x'.repeat(100) })
    await set('companies', world.companyId, { stored_bytes: 2 * MIB })
  })

  it.each([
    ['a plan', () => as('POST', PLANS, { title: 'x' })],
    ['a plan with a key', () => as('POST', PLANS, { title: 'x' }, { 'Idempotency-Key': 'full' })],
    ['an action', () => as('POST', ACTIONS, { planId: plan.id, title: 'x' })],
    ['a note', () => as('POST', `${ACTIONS}/${action.id}/notes`, { text: 'x' })],
    ['an area', () => as('POST', HIERARCHIES, { name: 'x' })],
    ['a user', () => as('POST', USERS, { name: 'x', email: 'full@x.test', role: 'EMPLOYEE' })],
    ['an export', () => as('POST', `${PLANS}/${plan.id}/excel`)],
    ['a longer text', () => as('PATCH', `${PLANS}/${plan.id}`, { description: 'longer' })],
    ['a longer name', () => as('PATCH', '/api/v1/company/me', { name: 'Ana María' })],
  ])('takes no %s', async (_what, ask) => {
    expect(said(await ask())).toEqual(full)
  })

  it('lets everything be read, done, shortened and deleted, and then takes more', async () => {
    const replies = [
      await as('GET', `${PLANS}/${plan.id}`),
      await as('POST', `${ACTIONS}/${action.id}/transitions`, { to: 'COMPLETED' }),
      await as('PATCH', `${ACTIONS}/${action.id}`, { description: 'short' }),
      await as('PATCH', `${PLANS}/${plan.id}`, { visibility: 'PUBLIC', description: 'l' }),
      await call(null, 'POST', '/api/v1/sign-in-codes', { body: { email: world.ana.email }, vars }),
      await as('DELETE', `${ACTIONS}/${action.id}`),
      await as('POST', PLANS, { title: 'x' }),
    ]
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 202, 204, 200])
  })

  it('takes one of two at once that fit only singly', async () => {
    await set('companies', world.companyId, { stored_bytes: 2 * MIB - 1000 })
    const replies = await Promise.all([as('POST', PLANS, { title: 'x' }), as('POST', PLANS, { title: 'x' })])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
  })
})

it('every limit is in the OpenAPI document and in the README', async () => {
  const { text } = await call(null, 'GET', '/openapi.json')
  for (const name of [...LIMIT_NAMES, ...Object.keys(LIMITS)]) {
    expect(text).toContain(name)
    expect(readme).toContain(`\`${name}\``)
  }
})

describe('a budget of memory', () => {
  it('grants what fits at once, in the order of asking, and all of it to who wants more', async () => {
    const budget = new Budget(100)
    const order: string[] = []
    const first = await budget.take(60)
    const waiting = [
      budget.take(90).then((grant) => (order.push('90'), grant)),
      budget.take(10).then((grant) => (order.push('10'), grant)),
    ]
    await scheduler.wait(50)
    expect([order, budget.free(Date.now())]).toEqual([[], 40])
    budget.giveBack(first)
    for (const grant of await Promise.all(waiting)) budget.giveBack(grant)
    expect(order).toEqual(['90', '10'])
    budget.giveBack(await budget.take(1000))
    expect(budget.free(Date.now())).toBe(100)
  })

  it('serves who waits, in order, also after a pause that made all seem gone', async () => {
    const budget = new Budget(100)
    const first = await budget.take(100)
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (number) => {
      const grant = await budget.take(60)
      order.push(number)
      budget.giveBack(grant)
    })
    await scheduler.wait(30)
    vi.useFakeTimers({ now: Date.now() + 5000, toFake: ['Date'] })
    await scheduler.wait(30)
    budget.giveBack(first)
    await Promise.all(waiting)
    expect(order.toSorted()).toEqual([1, 2, 3])
  })

  it('takes back what nobody gave back', async () => {
    const budget = new Budget(100)
    await budget.take(100)
    expect([budget.free(Date.now()), budget.free(Date.now() + 61_000)]).toEqual([0, 100])
  })
})
