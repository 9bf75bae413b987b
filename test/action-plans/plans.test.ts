import { beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  namedPaths,
  PLANS,
  type Slice,
  takeStep,
} from '../support/api.ts'
import { insertActions, insertPlan } from '../support/factories.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

async function list(who: Person, query = ''): Promise<Slice<PlanView>> {
  const reply = await call<Slice<PlanView>>(who, 'GET', `${PLANS}${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

describe('creating', () => {
  it('answers the empty plan with its address', async () => {
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
    const body = `{"title":"x","id":"${'0'.repeat(24)}","companyId":"${world.gus.companyId}","createdBy":null,"completionPercent":99,"__proto__":{"visibility":"PUBLIC"},"createdAt":"2000-01-01T00:00:00Z"}`
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
    expect(reply.status).toBe(400)
    expect(namedPaths(reply)).toEqual(paths)
  })

  it('takes 200 characters of any plane', async () => {
    expect((await createPlan(world.marc, { title: '😀'.repeat(200) })).title).toBe('😀'.repeat(200))
  })
})

describe('who may', () => {
  const patch = { body: { description: 'changed' } }

  it.each([
    // plan, who, GET, PATCH, DELETE
    ['PUBLIC', 'marc', 200, 200, 204],
    ['PUBLIC', 'noa', 200, 403, 403],
    ['PUBLIC', 'ana', 200, 200, 204],
    ['PUBLIC', 'eli', 403, 403, 403],
    ['PUBLIC', 'gus', 404, 404, 404],
    ['PRIVATE', 'marc', 200, 200, 204],
    ['PRIVATE', 'noa', 403, 403, 403],
    ['PRIVATE', 'ana', 403, 403, 204],
    ['PRIVATE', 'eli', 403, 403, 403],
    ['PRIVATE', 'gus', 404, 404, 404],
    ['LEGACY', 'marc', 200, 200, 204],
    ['LEGACY', 'noa', 200, 200, 204],
    ['LEGACY', 'ana', 200, 200, 204],
    ['LEGACY', 'eli', 403, 403, 403],
    ['LEGACY', 'gus', 404, 404, 404],
  ] as const)(
    "%s plan of marc's, %s: GET %i, PATCH %i, DELETE %i",
    async (kind, name, get, change, remove) => {
      const who = world[name]
      const id =
        kind === 'LEGACY'
          ? (await insertPlan({ companyId: world.companyId })).id
          : (await createPlan(world.marc, { visibility: kind })).id
      expect((await call(who, 'GET', `${PLANS}/${id}`)).status).toBe(get)
      expect((await call(who, 'PATCH', `${PLANS}/${id}`, patch)).status).toBe(change)
      expect((await call(who, 'DELETE', `${PLANS}/${id}`)).status).toBe(remove)
      expect((await call(world.marc, 'GET', `${PLANS}/${id}`)).status).toBe(remove === 204 ? 404 : 200)
    },
  )

  it('answers 404 for a malformed and an unknown id', async () => {
    for (const id of ['x', '0'.repeat(24), 'ABCDEF'.repeat(4), '%00', "'; DROP TABLE plans --"]) {
      const reply = await call(world.ana, 'GET', `${PLANS}/${encodeURIComponent(id)}`)
      expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND'])
    }
  })
})

describe('changing', () => {
  it('moves updatedAt only if something changed, and takes null as no change', async () => {
    const plan = await createPlan(world.marc, { title: 'Same', description: 'D' })
    const path = `${PLANS}/${plan.id}`
    const same = await call<PlanView>(world.marc, 'PATCH', path, {
      body: { title: 'Same', description: null },
    })
    expect(same.body).toEqual(plan)
    const changed = await call<PlanView>(world.marc, 'PATCH', path, { body: { description: '' } })
    expect(changed.body.description).toBe('')
    expect(Date.parse(changed.body.updatedAt)).toBeGreaterThan(Date.parse(plan.updatedAt))
  })

  it('shows in its answer what the new visibility shows and hides', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    await createAction(world.noa, plan.id, { title: 'Follows the plan' })
    const hidden = await call<PlanView>(world.marc, 'PATCH', `${PLANS}/${plan.id}`, {
      body: { visibility: 'PRIVATE' },
    })
    expect(hidden.body.actions).toEqual([])
    expect(hidden.body).toEqual((await call<PlanView>(world.marc, 'GET', `${PLANS}/${plan.id}`)).body)
    const shown = await call<PlanView>(world.marc, 'PATCH', `${PLANS}/${plan.id}`, {
      body: { visibility: 'PUBLIC' },
    })
    expect(shown.body.actions.map(({ title, visibility }) => [title, visibility])).toEqual([
      ['Follows the plan', 'PUBLIC'],
    ])
  })

  it('deletes the plan with all that hangs on it', async () => {
    const plan = await createPlan(world.marc)
    const action = await createAction(world.marc, plan.id)
    await call(world.marc, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'n' } })
    expect((await call(world.marc, 'DELETE', `${PLANS}/${plan.id}`)).status).toBe(204)
    expect((await call(world.marc, 'GET', `${ACTIONS}/${action.id}`)).status).toBe(404)
    expect((await list(world.marc)).total).toBe(0)
  })
})

describe('the percentage', () => {
  it('counts all actions, hidden ones and filtered ones too, rounded down', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const mine = await createAction(world.marc, plan.id, { title: 'seen' })
    await createAction(world.noa, plan.id, { visibility: 'PRIVATE', title: 'hidden' })
    await createAction(world.marc, plan.id, { title: 'third' })
    await takeStep(world.marc, mine.id, 'COMPLETED')
    const read = await call<PlanView>(world.marc, 'GET', `${PLANS}/${plan.id}`)
    expect([read.body.completionPercent, read.body.actions.length]).toEqual([33, 2])
    const filtered = await list(world.marc, '?status=COMPLETED')
    expect(filtered.result.map((item) => [item.completionPercent, item.actions.length])).toEqual([[33, 1]])
  })
})

describe('filters', () => {
  it('must all hold for one action at once', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    await createAction(world.marc, plan.id, { title: 'alpha', focusItems: [{ focusType: 'ENPS' }] })
    const beta = await createAction(world.marc, plan.id, { title: 'beta', assigneeIds: [world.noa.id] })
    await takeStep(world.noa, beta.id, 'IN_PROGRESS')
    expect((await list(world.marc, '?focusType=ENPS&status=IN_PROGRESS')).total).toBe(0)
    expect((await list(world.marc, `?assigneeId=${world.noa.id}&status=IN_PROGRESS&q=BET`)).total).toBe(1)
    const [found] = (await list(world.marc, '?focusType=ENPS')).result
    expect(found?.actions.map(({ title }) => title)).toEqual(['alpha'])
  })

  it('never let a private action show through filter, count, total or text', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const secret = await createAction(world.noa, plan.id, {
      title: 'Salary talks',
      visibility: 'PRIVATE',
      focusItems: [{ focusType: 'HI' }],
    })
    for (const query of [
      '?q=salary',
      '?focusType=HI',
      `?assigneeId=${world.noa.id}`,
      '?status=NOT_STARTED',
      '?actionType=MANAGER',
    ]) {
      expect(await list(world.marc, query), query).toMatchObject({ total: 0, result: [] })
      expect(await list(world.ana, query), query).toMatchObject({ total: 0, result: [] })
      expect(
        (await list(world.noa, query)).result[0]?.actions.map(({ id }) => id),
        query,
      ).toEqual([secret.id])
    }
    const everything = await call(world.marc, 'GET', PLANS)
    expect(everything.text).not.toContain('Salary')
  })

  it('show nothing of a plan that the assignee may not read', async () => {
    const plan = await createPlan(world.marc)
    await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    expect(await list(world.noa, '?status=NOT_STARTED')).toMatchObject({ total: 0 })
    expect((await call<Slice<unknown>>(world.noa, 'GET', ACTIONS)).body.total).toBe(1)
  })

  it('search all of Unicode without case, special characters meaning themselves', async () => {
    const plan = await createPlan(world.marc)
    await createAction(world.marc, plan.id, { title: 'acción 100%_done\\ *"quoted"', description: 'ΟΔΟΣ' })
    for (const q of ['ACCIÓN', 'ACCIO\u0301N', '100%_', '%_d', '\\ *"Q', '*', 'οδοσ', '  ACCI  ']) {
      expect((await list(world.marc, `?q=${encodeURIComponent(q)}`)).total, q).toBe(1)
    }
    for (const q of ['accion', '100_', '1%0', 'done*', 'quoted\\']) {
      expect((await list(world.marc, `?q=${encodeURIComponent(q)}`)).total, q).toBe(0)
    }
    expect((await list(world.marc, '?q=%20%20')).result[0]?.actions.length).toBe(1)
  })

  it.each([
    'status=DONE',
    'focusType=hi',
    'actionType=',
    'hierarchyId=1',
    'assigneeId=ZZ',
    `q=${'x'.repeat(201)}`,
    'status=EXPIRED&status=EXPIRED',
  ])('refuse ?%s', async (query) => {
    const reply = await call(world.marc, 'GET', `${PLANS}?${query}`)
    expect(reply.status).toBe(400)
    expect(namedPaths(reply)).toEqual([query.split('=')[0]])
  })

  it('match nothing for ids that exist nowhere or elsewhere', async () => {
    await createPlan(world.marc)
    for (const id of ['0'.repeat(24), world.gus.id]) {
      expect((await list(world.marc, `?assigneeId=${id}`)).total).toBe(0)
      expect((await list(world.marc, `?hierarchyId=${id}`)).total).toBe(0)
    }
  })
})

describe('slices', () => {
  it('run newest first, and tell where they end', async () => {
    const ids: string[] = []
    for (let index = 0; index < 12; index += 1) {
      ids.unshift(
        (
          await createPlan(index % 2 === 0 ? world.marc : world.noa, {
            visibility: index % 3 === 0 ? 'PUBLIC' : 'PRIVATE',
          })
        ).id,
      )
    }
    const all = await list(world.marc, '?to=100')
    const first = await list(world.marc, '?from=0&to=3')
    const rest = await list(world.marc, '?from=3&to=50')
    expect([first.from, first.to, rest.from, rest.to]).toEqual([0, 3, 3, all.total])
    expect([...first.result, ...rest.result]).toEqual(all.result)
    expect(all.result.map(({ id }) => id)).toEqual(
      ids.filter((id) => all.result.some((plan) => plan.id === id)),
    )
    expect(all.total).toBe(8)
    expect((await list(world.marc, '?from=99')).result).toEqual([])
    expect((await list(world.marc)).to).toBe(8)
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
  ])('refuse ?%s', async (query, path) => {
    const reply = await call(world.marc, 'GET', `${PLANS}?${query}`)
    expect([reply.status, namedPaths(reply).at(0)]).toEqual([400, path])
  })

  it('take the ends of int32 and name a wrong end beside a wrong filter', async () => {
    expect((await list(world.marc, '?from=2147483647')).result).toEqual([])
    const reply = await call(world.marc, 'GET', `${PLANS}?from=5&to=4&status=x`)
    expect(namedPaths(reply).sort()).toEqual(['status', 'to'])
  })

  it('end early rather than grow past 12 MiB', async () => {
    const description = '"'.repeat(5000)
    const most = 12 * 1024 * 1024
    for (let count = 0; count < 3; count += 1) {
      const plan = await createPlan(world.marc)
      const fields = { plan, createdBy: world.marc.id, description }
      await insertActions(Array.from({ length: 450 }, () => fields))
    }
    const first = await call<Slice<PlanView>>(world.marc, 'GET', `${PLANS}?to=100`)
    expect(first.text.length).toBeLessThan(most + 200)
    expect([first.body.to, first.body.total]).toEqual([2, 3])
    expect((await list(world.marc, '?from=1&to=100')).to).toBe(3)
  })
})
