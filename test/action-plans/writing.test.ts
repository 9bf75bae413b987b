import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { ACTIONS, call, createAction, createPlan, namedPaths, PLANS } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})

describe('creating a plan', () => {
  it('answers it empty, tidied and with its address', async () => {
    const reply = await call<PlanView>(world.marc, 'POST', PLANS, { body: { title: '  Well\u0065\u0301 ' } })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('Location')).toBe(`${PLANS}/${reply.body.id}`)
    expect(reply.body).toMatchObject({
      companyId: world.companyId,
      title: 'Well\u00e9',
      description: '',
      visibility: 'PRIVATE',
      completionPercent: 0,
      actions: [],
      createdBy: world.marc.id,
    })
    expect(reply.body.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(reply.body.id).toMatch(/^[0-9a-f]{24}$/)
  })

  it('ignores members that cannot be set', async () => {
    const body = `{"title":"x","id":"${'0'.repeat(24)}","companyId":"${world.gus.companyId}","createdBy":null,"completionPercent":99,"createdAt":"2000-01-01T00:00:00Z"}`
    const reply = await call<PlanView>(world.marc, 'POST', PLANS, { body })
    expect(reply.body).toMatchObject({
      companyId: world.companyId,
      createdBy: world.marc.id,
      visibility: 'PRIVATE',
    })
    expect(reply.body.id).not.toBe('0'.repeat(24))
    expect(Date.parse(reply.body.createdAt)).toBeGreaterThan(Date.now() - 60_000)
  })

  it.each([
    [{}, ['title']],
    [{ title: '' }, ['title']],
    [{ title: '   ' }, ['title']],
    [{ title: 'x'.repeat(201) }, ['title']],
    [{ title: '😀'.repeat(201) }, ['title']],
    [{ title: 'a\nb' }, ['title']],
    [{ title: 'a\u0007' }, ['title']],
    [{ title: '\ud800' }, ['title']],
    [{ title: 7, description: 8, visibility: 9 }, ['title', 'description', 'visibility']],
    [{ title: 'x', visibility: 'public' }, ['visibility']],
    [{ title: 'x', description: 'y'.repeat(5001) }, ['description']],
    [{ title: 'x', description: 'a\u0000' }, ['description']],
  ])('refuses %j and names every offending member', async (body, paths) => {
    const reply = await call(world.marc, 'POST', PLANS, { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })

  it('takes a title of 200 characters of any plane', async () => {
    expect((await createPlan(world.marc, { title: '😀'.repeat(200) })).title).toBe('😀'.repeat(200))
  })
})

describe('changing a plan', () => {
  const patch = ({ id }: PlanView, body: object) =>
    call<PlanView>(world.marc, 'PATCH', `${PLANS}/${id}`, { body })

  it('to what it is already leaves updatedAt alone, as does null', async () => {
    const plan = await createPlan(world.marc, { title: 'Same', description: 'D' })
    expect((await patch(plan, { title: 'Same', description: null })).body).toEqual(plan)
  })

  it('moves updatedAt', async () => {
    const plan = await createPlan(world.marc, { title: 'Same', description: 'D' })
    const changed = await patch(plan, { description: '' })
    expect(changed.body.description).toBe('')
    expect(Date.parse(changed.body.updatedAt)).toBeGreaterThan(Date.parse(plan.updatedAt))
  })

  it('answers what the caller sees of it from then on, with a new visibility more or less', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    await createAction(world.noa, plan.id, { title: 'Follows the plan' })
    const hidden = await patch(plan, { visibility: 'PRIVATE' })
    expect(hidden.body.actions).toEqual([])
    expect(hidden.body).toEqual((await call<PlanView>(world.marc, 'GET', `${PLANS}/${plan.id}`)).body)
    const shown = await patch(plan, { visibility: 'PUBLIC' })
    expect(shown.body.actions.map(({ title, visibility }) => [title, visibility])).toEqual([
      ['Follows the plan', 'PUBLIC'],
    ])
  })
})

describe('deleting a plan', () => {
  it('deletes all that hangs on it', async () => {
    const { total } = (await call(world.marc, 'GET', PLANS)).body
    const plan = await createPlan(world.marc)
    const action = await createAction(world.marc, plan.id)
    await call(world.marc, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'n' } })
    expect((await call(world.marc, 'DELETE', `${PLANS}/${plan.id}`)).status).toBe(204)
    expect((await call(world.marc, 'GET', `${ACTIONS}/${action.id}`)).status).toBe(404)
    expect((await call(world.marc, 'GET', PLANS)).body.total).toBe(total)
  })
})
