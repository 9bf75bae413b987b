/** What a company can store is bounded: a 409 names the limit. What is larger already may be read and shrink. */
import { beforeEach, describe, expect, it } from 'vitest'
import readme from '../../README.md?raw'
import type { ActionView } from '../../src/actions/schemas.ts'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { LIMIT_NAMES, LIMITS } from '../../src/platform/limits.ts'
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
import { home } from '../support/home.ts'

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

/** Sets kept counts and weights, as if so much were there already. */
async function set(table: 'plans' | 'actions' | 'companies', id: string, fields: Record<string, number>) {
  const assignments = Object.entries(fields).map(([column, value]) => `${column} = ${String(value)}`)
  await home
    .prepare(`UPDATE ${table} SET ${assignments.join(', ')} WHERE id = ?`)
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

  describe('that is too heavy already', () => {
    beforeEach(async () => {
      await set('plans', plan.id, { content_bytes: most + 1000 })
    })

    it.each<[string, () => Promise<Reply>]>([
      ['of itself', () => patch(`${PLANS}/${plan.id}`, { description: 'longer' })],
      ['of an action', () => patch(`${ACTIONS}/${action.id}`, { description: 'x'.repeat(101) })],
    ])('grows by no PATCH %s', async (_, ask) => {
      expect(said(await ask())).toEqual(full)
    })

    it.each<[string, () => Promise<{ status: number }>, number]>([
      ['a shorter text', () => patch(`${ACTIONS}/${action.id}`, { description: 'x'.repeat(99) }), 200],
      ['another visibility', () => patch(`${PLANS}/${plan.id}`, { visibility: 'PUBLIC' }), 200],
      ['a step', () => takeStep(world.marc, action.id, 'COMPLETED'), 200],
      ['being read', () => call(world.marc, 'GET', `${PLANS}/${plan.id}`), 200],
      ['a deletion', () => call(world.marc, 'DELETE', `${ACTIONS}/${action.id}`), 204],
    ])('allows %s', async (_, ask, status) => {
      expect((await ask()).status).toBe(status)
    })
  })

  it('takes no action in from another plan', async () => {
    const other = await createPlan(world.marc)
    await set('plans', other.id, { content_bytes: most - 100 })
    expect(said(await patch(`${ACTIONS}/${action.id}`, { planId: other.id }))).toEqual(full)
  })

  it('takes exactly one of two actions at once of which only one fits', async () => {
    await set('plans', plan.id, { content_bytes: most - 1500 })
    const replies = await Promise.all([addAction(), addAction()])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  it('weighs JSON bytes of texts and focus ids, 550 an action, 420 an assignee, 60 an area or focus item', async () => {
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
  const row = await home
    .prepare('SELECT content_bytes AS bytes FROM plans WHERE id = ?')
    .bind(planId)
    .first<{ bytes: number }>()
  return row?.bytes ?? NaN
}

describe('notes', () => {
  it.each([
    ['notesPerAction', () => set('actions', action.id, { note_count: 1000 })],
    ['noteBytesPerAction', () => set('actions', action.id, { note_bytes: 2 * MIB })],
    ['noteBytesPerPlan', () => set('plans', plan.id, { note_bytes: 32 * MIB })],
  ] as const)('are at most what %s says, and one may still be deleted', async (limit, fill) => {
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

it('holds at most 10,000 areas in a company', async () => {
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
    action = await createAction(world.ana, plan.id, { description: 'x'.repeat(1000) })
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
  ])('refuses %s', async (_what, ask) => {
    expect(said(await ask())).toEqual(full)
  })

  it.each<[string, () => Promise<Reply>, number]>([
    ['be read', () => as('GET', `${PLANS}/${plan.id}`), 200],
    ['be done', () => as('POST', `${ACTIONS}/${action.id}/transitions`, { to: 'COMPLETED' }), 200],
    ['be shortened', () => as('PATCH', `${ACTIONS}/${action.id}`, { description: 'short' }), 200],
    [
      'be published and shortened',
      () => as('PATCH', `${PLANS}/${plan.id}`, { visibility: 'PUBLIC', description: 'l' }),
      200,
    ],
    [
      'be signed in to',
      () => call(null, 'POST', '/api/v1/sign-in-codes', { body: { email: world.ana.email }, vars }),
      202,
    ],
  ])('lets everything %s', async (_, ask, status) => {
    expect((await ask()).status).toBe(status)
  })

  it('takes more when something is deleted', async () => {
    expect((await as('DELETE', `${ACTIONS}/${action.id}`)).status).toBe(204)
    expect((await as('POST', PLANS, { title: 'x' })).status).toBe(200)
  })

  it('takes exactly one of two plans at once of which only one fits', async () => {
    await set('companies', world.companyId, { stored_bytes: 2 * MIB - 2000 })
    const replies = await Promise.all([as('POST', PLANS, { title: 'x' }), as('POST', PLANS, { title: 'x' })])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
  })
})

it.each([...new Set([...LIMIT_NAMES, ...Object.keys(LIMITS)])])(
  'documents %s in OpenAPI and README',
  async (name) => {
    expect((await call(null, 'GET', '/openapi.json')).text).toContain(name)
    expect(readme).toContain(`\`${name}\``)
  },
)
