/** Each trigger about audiences in the smallest history that needs it, and what the database refuses. */
import { beforeEach, describe, expect, it } from 'vitest'
import { FOCUS_TYPES } from '../../src/db/enums.ts'
import { ACTIONS, call, createAction, createPlan, PLANS, takeStep, USERS } from '../support/api.ts'
import { expectKept, readTables } from '../support/audiences.ts'
import { insertAction, insertActions, insertPlan } from '../support/factories.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

const PUBLIC = { visibility: 'PUBLIC' } as const
const PRIVATE = { visibility: 'PRIVATE' } as const
const HI = { focusItems: [{ focusType: 'HI' as const }] }

type Fields = Partial<Parameters<typeof insertAction>[0]>

let world: World

beforeEach(async () => {
  world = await createWorld()
})

async function isKept(): Promise<void> {
  expectKept(await readTables(world.companyId), [world.ana, world.marc, world.noa])
}

/** A request that succeeds, after which everything that is kept must be right. */
async function does(who: Person, method: string, path: string, body?: object): Promise<void> {
  const { status, text } = await call(who, method, path, { body })
  expect(status, text).toBeLessThan(300)
  await isKept()
}

describe('audiences and counts are right after', () => {
  it('a new action', async () => {
    const { id } = await createPlan(world.marc, PUBLIC)
    await createAction(world.noa, id, HI)
    await isKept()
    await createAction(world.noa, id, { ...PRIVATE, assigneeIds: [world.noa.id, world.ana.id] })
    await isKept()
  })

  it('a new action whose creator does not read its plan', async () => {
    const { companyId, marc, noa } = world
    const plan = await insertPlan({ companyId, createdBy: marc.id, ...PRIVATE })
    await insertAction({ plan, createdBy: noa.id, ...PUBLIC })
    await isKept()
  })

  it('steps', async () => {
    const { id } = await createPlan(world.marc, PUBLIC)
    const action = await createAction(world.marc, id)
    for (const step of ['IN_PROGRESS', 'COMPLETED', 'NOT_STARTED', 'CANCELLED']) {
      expect((await takeStep(world.marc, action.id, step)).status).toBe(200)
      await isKept()
    }
  })

  it('a change of focus items', async () => {
    const { id } = await createPlan(world.marc, PUBLIC)
    const action = await createAction(world.marc, id, HI)
    const focusItems = [{ focusType: 'ENPS' }, { focusType: 'SCORE', focusId: 's' }]
    await does(world.marc, 'PATCH', `${ACTIONS}/${action.id}`, { focusItems })
    await does(world.marc, 'PATCH', `${ACTIONS}/${action.id}`, { focusItems: [] })
  })

  it('a change of visibility', async () => {
    const { id } = await createPlan(world.marc, PUBLIC)
    const action = await createAction(world.noa, id, { ...HI, assigneeIds: [world.ana.id] })
    await does(world.noa, 'PATCH', `${ACTIONS}/${action.id}`, PRIVATE)
    await does(world.noa, 'PATCH', `${ACTIONS}/${action.id}`, PUBLIC)
  })

  it('a move', async () => {
    const { marc, noa } = world
    const open = await createPlan(marc, PUBLIC)
    const closed = await createPlan(marc, PRIVATE)
    const action = await createAction(marc, open.id, { ...HI, assigneeIds: [marc.id, noa.id] })
    await does(marc, 'PATCH', `${ACTIONS}/${action.id}`, { planId: closed.id })
    await does(marc, 'PATCH', `${ACTIONS}/${action.id}`, { planId: open.id })
  })

  it.each<[string, (who: Person) => Fields]>([
    ['is private', () => PRIVATE],
    ['is of another type', () => ({ actionType: 'COMPANY' })],
    [
      'has another status',
      ({ id }) => ({ assignees: [{ userId: id, status: 'COMPLETED', startedAt: 1, finishedAt: 1 }] }),
    ],
  ])('what happens to an action beside one that %s', async (_what, difference) => {
    const { companyId, marc } = world
    const [one, other] = [await createPlan(marc, PUBLIC), await createPlan(marc, PUBLIC)]
    const fields = { plan: { ...one, companyId }, createdBy: marc.id, focusItems: HI.focusItems }
    const beside = await insertAction({ ...fields, ...difference(marc) })
    const rows = Array.from({ length: 3 }, () => ({ ...fields, assignees: [{ userId: marc.id }] }))
    const [changed = beside, moved = beside, deleted = beside] = await insertActions(rows)
    await does(marc, 'PATCH', `${ACTIONS}/${changed.id}`, { focusItems: [] })
    await does(marc, 'PATCH', `${ACTIONS}/${moved.id}`, { planId: other.id })
    await does(marc, 'DELETE', `${ACTIONS}/${deleted.id}`)
    // The last of its kind in its plan leaves it, changes and goes.
    await does(marc, 'PATCH', `${ACTIONS}/${moved.id}`, { planId: one.id })
    await does(marc, 'PATCH', `${ACTIONS}/${moved.id}`, { planId: other.id })
    await does(marc, 'PATCH', `${ACTIONS}/${moved.id}`, { planId: one.id })
    await does(marc, 'PATCH', `${ACTIONS}/${moved.id}`, { focusItems: [] })
    await does(marc, 'PATCH', `${ACTIONS}/${moved.id}`, HI)
    await does(marc, 'DELETE', `${ACTIONS}/${moved.id}`)
    await does(marc, 'PATCH', `${ACTIONS}/${beside.id}`, { planId: other.id })
  })

  it('the deletion of one of two actions with the same focus types, whichever these are', async () => {
    const { companyId, marc } = world
    const plan = await insertPlan({ companyId, createdBy: marc.id, ...PUBLIC })
    const types = FOCUS_TYPES.map((focusType) => ({ focusType, focusId: 'f' }))
    const sets = Array.from({ length: 8 }, (_, bits) => types.filter((_type, index) => (bits >> index) & 1))
    for (const focusItems of sets) {
      const pair = await insertActions([focusItems, focusItems].map((items) => ({ plan, focusItems: items })))
      for (const { id } of pair) await does(world.ana, 'DELETE', `${ACTIONS}/${id}`)
    }
  })

  it('several changes at once', async () => {
    const { marc, noa } = world
    const [one, other] = [await createPlan(marc, PUBLIC), await createPlan(marc, PRIVATE)]
    const { id } = await createAction(marc, one.id, { ...HI, assigneeIds: [marc.id, noa.id] })
    const beside = await createAction(marc, other.id, HI)
    expect((await takeStep(marc, beside.id, 'IN_PROGRESS')).status).toBe(200)
    // The state of the action goes with the only assignee who has begun.
    const begin = async (who: Person) => {
      expect((await takeStep(marc, id, 'IN_PROGRESS', who.id)).status).toBe(200)
    }
    const change = async (body: object) => does(marc, 'PATCH', `${ACTIONS}/${id}`, body)
    await begin(noa)
    await change({ ...PRIVATE, assigneeIds: [marc.id] })
    await begin(marc)
    await change({ planId: other.id, focusItems: [], assigneeIds: [noa.id] })
    await begin(noa)
    await change({ ...HI, assigneeIds: [marc.id] })
    await begin(marc)
    await change({ planId: one.id, ...PUBLIC, assigneeIds: [noa.id] })
  })

  it('a change of assignees', async () => {
    const { marc, noa, ana } = world
    const { id } = await createPlan(marc)
    const action = await createAction(marc, id)
    await does(marc, 'PATCH', `${ACTIONS}/${action.id}`, { assigneeIds: [noa.id, ana.id, marc.id] })
    await does(marc, 'PATCH', `${ACTIONS}/${action.id}`, { assigneeIds: [ana.id] })
  })

  it('a change of assignees by a creator who does not read the plan', async () => {
    const { companyId, marc, noa, ana } = world
    const plan = await insertPlan({ companyId, createdBy: marc.id, ...PRIVATE })
    const action = await insertAction({ plan, createdBy: noa.id, ...PUBLIC, assignees: [{ userId: ana.id }] })
    for (const assignees of [[noa, ana], [marc], [ana], [marc]]) {
      await does(noa, 'PATCH', `${ACTIONS}/${action.id}`, { assigneeIds: assignees.map(({ id }) => id) })
    }
    await does(noa, 'DELETE', `${ACTIONS}/${action.id}`)
  })

  it('the deletion of an action', async () => {
    const { marc, noa } = world
    const { id } = await createPlan(marc)
    const action = await createAction(marc, id, { ...HI, assigneeIds: [marc.id, noa.id] })
    await createAction(marc, id)
    await does(marc, 'DELETE', `${ACTIONS}/${action.id}`)
  })

  it('the deletion of a plan', async () => {
    const { marc, noa } = world
    const { id } = await createPlan(marc)
    await createAction(marc, id, { assigneeIds: [noa.id] })
    await does(marc, 'DELETE', `${PLANS}/${id}`)
  })

  it('a change of visibility of a plan with actions of several people', async () => {
    const { ana, marc, noa } = world
    const { id } = await createPlan(marc, PUBLIC)
    await createAction(marc, id)
    await createAction(noa, id, { ...HI, assigneeIds: [ana.id] })
    await createAction(noa, id, { ...PUBLIC, actionType: 'MANAGER', focusItems: [{ focusType: 'ENPS' }] })
    await createAction(ana, id, { ...PRIVATE, actionType: 'COMPANY', assigneeIds: [marc.id] })
    await does(marc, 'PATCH', `${PLANS}/${id}`, PRIVATE)
    await does(marc, 'PATCH', `${PLANS}/${id}`, PUBLIC)
  })

  it('a reassignment', async () => {
    const { ana, marc, noa } = world
    const { id } = await createPlan(marc)
    const action = await createAction(marc, id, { assigneeIds: [marc.id, noa.id, ana.id] })
    await createAction(marc, id, { ...PUBLIC, ...HI, assigneeIds: [ana.id] })
    // A state that is terminal stays with whoever created the action.
    expect((await takeStep(marc, action.id, 'COMPLETED')).status).toBe(200)
    await does(ana, 'POST', `${USERS}/${marc.id}/reassignments`, { toUserId: noa.id })
  })

  it('a reassignment of an action to the creator of its plan', async () => {
    const { ana, marc, noa } = world
    const { id } = await createPlan(marc, PUBLIC)
    await createAction(noa, id, HI)
    await does(marc, 'PATCH', `${PLANS}/${id}`, PRIVATE)
    await does(ana, 'POST', `${USERS}/${noa.id}/reassignments`, { toUserId: marc.id })
  })
})

describe('the database refuses', () => {
  /** Of marc, PRIVATE in a PUBLIC plan of his: it has no audience. Assigned to ana. */
  let action: { id: string }
  let closed: { id: string }

  beforeEach(async () => {
    const { marc, ana } = world
    const open = await createPlan(marc, PUBLIC)
    closed = await createPlan(marc, PRIVATE)
    action = await createAction(marc, open.id, { ...PRIVATE, assigneeIds: [ana.id] })
  })

  /** Inserts a row that differs from that of the action in these columns. */
  const insertCopy = async (table: string, key: string, change: Record<string, unknown>) => {
    const about = home.prepare(`SELECT name FROM pragma_table_info(?)`).bind(table)
    const names = (await about.all<{ name: string }>()).results.map(({ name }) => name)
    const columns = names.map((name) => (name in change ? '?' : name))
    const values = names.filter((name) => name in change).map((name) => change[name])
    const query = `INSERT INTO ${table} (${names.join()}) SELECT ${columns.join()} FROM ${table} WHERE ${key} = ? LIMIT 1`
    return home
      .prepare(query)
      .bind(...values, action.id)
      .run()
  }

  const update = async (change: Record<string, unknown>) => {
    const columns = Object.keys(change).map((name) => `${name} = ?`)
    return home
      .prepare(`UPDATE actions SET ${columns.join()} WHERE id = ?`)
      .bind(...Object.values(change), action.id)
      .run()
  }

  const WRONG_PLACE = 'The audience of the action does not follow from its plan'

  /** Changes after which the audience that the action has is not the right one. */
  const moves = () => [{ visibility: null }, { plan_id: closed.id }]

  it('a new action in a wrong place', async () => {
    for (const wrong of [{ audience: '*' }, { audience: world.marc.id }, ...moves()]) {
      await expect(insertCopy('actions', 'id', { id: 'copy', ...wrong })).rejects.toThrow(WRONG_PLACE)
    }
    await insertCopy('actions', 'id', { id: 'copy' })
    await isKept()
  })

  it('to leave an action in the place that it had', async () => {
    for (const wrong of moves()) await expect(update(wrong)).rejects.toThrow(WRONG_PLACE)
    await update({ created_by: world.noa.id })
    await isKept()
    await update({ plan_id: closed.id })
    await isKept()
    // Its creator is now the one reader of its plan.
    await expect(update({ created_by: world.marc.id })).rejects.toThrow(WRONG_PLACE)
    await update({ created_by: world.marc.id, audience: world.marc.id })
    await isKept()
  })

  it('an assignee without the creator and the times of the action', async () => {
    const insert = async (change: Record<string, unknown>) =>
      insertCopy('action_assignees', 'action_id', change)
    const [marc, noa] = [{ user_id: world.marc.id }, { user_id: world.noa.id }]
    const wrongOnes = [
      { ...noa, is_creator: 1 },
      { ...marc, is_creator: 0 },
      { ...noa, created_at: 0 },
      { ...noa, due_date: 1 },
    ]
    for (const wrong of wrongOnes) {
      await expect(insert(wrong)).rejects.toThrow('does not have the creator and the times of the action')
    }
    await insert(noa)
    await insert({ ...marc, is_creator: 1 })
    await isKept()
  })
})
