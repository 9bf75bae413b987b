/** Numbers that rise when another table's write shows in a row: guards compare them, so a race would meet a stale one. */
import { beforeEach, describe, expect, it } from 'vitest'
import { ACTIONS, call, createAction, createPlan, PLANS, USERS } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

const AREAS = '/api/v1/company/hierarchies'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

async function numberOf(column: string, table: string, id: string): Promise<number> {
  const row = await home
    .prepare(`SELECT ${column} AS number FROM ${table} WHERE id = ?`)
    .bind(id)
    .first<{ number: number }>()
  return row?.number ?? NaN
}

/** By how much `number` rises while `what` happens. */
async function riseOf(number: () => Promise<number>, what: () => Promise<{ status: number }>) {
  const before = await number()
  expect((await what()).status).toBeLessThan(300)
  return (await number()) - before
}

describe('the tree revision of an action rises with', () => {
  it('the visibility that it follows, and not with one that it has itself', async () => {
    const plan = await createPlan(world.marc)
    const follows = await createAction(world.marc, plan.id)
    const own = [
      await createAction(world.marc, plan.id, { visibility: 'PRIVATE' }),
      await createAction(world.marc, plan.id, { visibility: 'PUBLIC' }),
    ]
    const ofOwn = async () => Promise.all(own.map(async ({ id }) => numberOf('tree_revision', 'actions', id)))
    const show = (visibility: string) => async () =>
      call(world.marc, 'PATCH', `${PLANS}/${plan.id}`, { body: { visibility } })
    const before = await ofOwn()
    const revision = async () => numberOf('tree_revision', 'actions', follows.id)
    expect(await riseOf(revision, show('PUBLIC'))).toBe(1)
    expect(await riseOf(revision, show('PRIVATE'))).toBe(1)
    expect(await ofOwn()).toEqual(before)
  })

  it('no other creator of its plan, although its audience is another one then', async () => {
    const { ana, marc, noa } = world
    const plan = await createPlan(marc, { visibility: 'PUBLIC' })
    const action = await createAction(noa, plan.id)
    const hidden = await call(marc, 'PATCH', `${PLANS}/${plan.id}`, { body: { visibility: 'PRIVATE' } })
    expect(hidden.status).toBe(200)
    const handOver = async () =>
      call(ana, 'POST', `${USERS}/${marc.id}/reassignments`, { body: { toUserId: noa.id } })
    expect(await riseOf(async () => numberOf('tree_revision', 'actions', action.id), handOver)).toBe(0)
  })

  it('the name and the account of who is assigned', async () => {
    const plan = await createPlan(world.marc)
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    const revision = async () => numberOf('tree_revision', 'actions', action.id)
    const change = async (body: object) =>
      call(world.ana, 'PATCH', `/api/v1/company/users/${world.noa.id}`, { body })
    expect(await riseOf(revision, async () => change({ name: 'Noa II' }))).toBe(1)
    expect(await riseOf(revision, async () => change({ active: false }))).toBe(1)
    expect(await riseOf(revision, async () => change({ role: 'EMPLOYEE' }))).toBe(0)
  })

  it('each note, written and deleted; its row version does not', async () => {
    const plan = await createPlan(world.marc)
    const action = await createAction(world.marc, plan.id)
    const notes = `${ACTIONS}/${action.id}/notes`
    const version = await numberOf('row_version', 'actions', action.id)
    const revision = async () => numberOf('tree_revision', 'actions', action.id)
    let id = ''
    const write = async () => {
      const reply = await call<{ id: string }>(world.marc, 'POST', notes, { body: { text: 'x' } })
      id = reply.body.id
      return reply
    }
    expect(await riseOf(revision, write)).toBe(1)
    expect(await riseOf(revision, async () => call(world.marc, 'DELETE', `${notes}/${id}`))).toBe(1)
    expect(await numberOf('row_version', 'actions', action.id)).toBe(version)
  })
})

it('both numbers of an action rise when an area of it is deleted', async () => {
  const plan = await createPlan(world.marc)
  const { body: area } = await call<{ id: string }>(world.ana, 'POST', AREAS, { body: { name: 'Area' } })
  const action = await createAction(world.marc, plan.id, { hierarchyIds: [area.id] })
  const sum = async () => numberOf('tree_revision + 1000 * row_version', 'actions', action.id)
  expect(await riseOf(sum, async () => call(world.ana, 'DELETE', `${AREAS}/${area.id}`))).toBe(1001)
})

it('the revision of an area rises with each area that comes, leaves or is deleted inside', async () => {
  const add = async (name: string, parentId?: string) =>
    call<{ id: string }>(world.ana, 'POST', AREAS, { body: { name, parentId } })
  const { body: top } = await add('Top')
  const { body: other } = await add('Other')
  const of = (id: string) => async () => numberOf('revision', 'hierarchies', id)
  let child = ''
  const addChild = async () => {
    const reply = await add('Child', top.id)
    child = reply.body.id
    return reply
  }
  const move = async (body: object) => call(world.ana, 'PATCH', `${AREAS}/${child}`, { body })
  expect(await riseOf(of(top.id), addChild)).toBe(1)
  const before = await of(other.id)()
  expect(await riseOf(of(top.id), async () => move({ parentId: other.id }))).toBe(1)
  expect(await of(other.id)()).toBe(before + 1)
  expect(await riseOf(of(other.id), async () => move({ name: 'Renamed' }))).toBe(0)
  expect(await riseOf(of(other.id), async () => call(world.ana, 'DELETE', `${AREAS}/${child}`))).toBe(1)
})
