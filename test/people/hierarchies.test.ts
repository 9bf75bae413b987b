import { beforeEach, describe, expect, it } from 'vitest'
import type { ActionView } from '../../src/actions/schemas.ts'
import type { HierarchyView } from '../../src/people/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  HIERARCHIES,
  namedPaths,
  type Reply,
  type Slice,
} from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

async function add(name: string, parentId?: string): Promise<HierarchyView> {
  const reply = await call<HierarchyView>(world.ana, 'POST', HIERARCHIES, { body: { name, parentId } })
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

async function patch(id: string, body: object, headers = {}): Promise<Reply<HierarchyView>> {
  return call<HierarchyView>(world.ana, 'PATCH', `${HIERARCHIES}/${id}`, { body, headers })
}

async function tree(): Promise<HierarchyView[]> {
  const { body } = await call<Slice<HierarchyView>>(world.noa, 'GET', HIERARCHIES)
  expect([body.from, body.to, body.total]).toEqual([0, body.result.length, body.result.length])
  return body.result
}

async function read(id: string): Promise<Reply<HierarchyView>> {
  return call<HierarchyView>(world.noa, 'GET', `${HIERARCHIES}/${id}`)
}

describe('the tree', () => {
  it('comes flat, depth first, with the number of children', async () => {
    const spain = await add('Spain')
    const france = await add('France')
    const madrid = await add('Madrid', spain.id)
    const lyon = await add('Lyon', france.id)
    const retiro = await add('Retiro', madrid.id)
    const sevilla = await add('Sevilla', spain.id)
    const found = await tree()
    for (const [index, { parentId }] of found.entries()) {
      // Every area directly follows its parent or something inside it.
      if (parentId !== null) expect(ancestors(found, index - 1)).toContain(parentId)
    }
    expect(new Map(found.map(({ name, childCount }) => [name, childCount]))).toEqual(
      new Map([
        ['Spain', 2],
        ['France', 1],
        ['Madrid', 1],
        ['Lyon', 0],
        ['Retiro', 0],
        ['Sevilla', 0],
      ]),
    )
    expect(retiro).toEqual({ id: retiro.id, name: 'Retiro', parentId: madrid.id, childCount: 0 })
    expect([lyon.parentId, sevilla.parentId, spain.parentId]).toEqual([france.id, spain.id, null])
    expect((await read(spain.id)).body).toEqual({ ...spain, childCount: 2 })
  })

  it('may be one long chain', async () => {
    let parent: string | undefined
    for (let depth = 0; depth < 60; depth += 1) parent = (await add(`d${String(depth)}`, parent)).id
    expect((await tree()).map(({ name }) => name)).toEqual(
      Array.from({ length: 60 }, (_, depth) => `d${String(depth)}`),
    )
  })

  it.each([
    [{}, ['name']],
    [{ name: '', parentId: 'x' }, ['name', 'parentId']],
    [{ name: 'a\nb' }, ['name']],
  ])('refuses %j', async (body, paths) => {
    const reply = await call(world.ana, 'POST', HIERARCHIES, { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })

  it('is read by managers and changed by an ADMIN, each in the own company', async () => {
    const mine = await add('Mine')
    for (const [method, path, body] of [
      ['POST', HIERARCHIES, { name: 'x' }],
      ['PATCH', `${HIERARCHIES}/${mine.id}`, { name: 'x' }],
      ['DELETE', `${HIERARCHIES}/${mine.id}`, undefined],
    ] as const) {
      expect((await call(world.noa, method, path, { body })).status).toBe(403)
    }
    expect((await call(world.gus, 'GET', `${HIERARCHIES}/${mine.id}`)).status).toBe(404)
    expect((await call(world.gus, 'DELETE', `${HIERARCHIES}/${mine.id}`)).status).toBe(404)
    const reply = await call(world.gus, 'POST', HIERARCHIES, { body: { name: 'x', parentId: mine.id } })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['parentId']])
  })
})

/** The area at `index` and all above it. */
function ancestors(areas: readonly HierarchyView[], index: number): string[] {
  const area = areas[index]
  if (!area) return []
  return [
    area.id,
    ...ancestors(
      areas,
      areas.findIndex(({ id }) => id === area.parentId),
    ),
  ]
}

describe('moving', () => {
  it('changes name and parent, to the root and back, null meaning no change', async () => {
    const [top, low] = [await add('Top'), await add('Low')]
    expect((await patch(low.id, { parentId: top.id, name: 'Lower' })).body).toEqual({
      ...{ ...low, name: 'Lower', parentId: top.id },
    })
    expect((await patch(low.id, { parentId: null, name: null, toRoot: false })).body.parentId).toBe(top.id)
    expect((await patch(low.id, { toRoot: true })).body.parentId).toBeNull()
    const both = await patch(low.id, { toRoot: true, parentId: top.id })
    expect([both.status, namedPaths(both)]).toEqual([400, ['toRoot']])
    expect((await patch(low.id, { parentId: '0'.repeat(24) })).status).toBe(400)
  })

  it('never makes a cycle: not into itself, nor into anything inside it', async () => {
    const a = await add('a')
    const b = await add('b', a.id)
    const c = await add('c', b.id)
    for (const parentId of [a.id, b.id, c.id]) {
      const reply = await patch(a.id, { parentId })
      expect([reply.status, codeOf(reply)]).toEqual([409, 'HIERARCHY_CYCLE'])
    }
    expect((await patch(c.id, { parentId: a.id })).status).toBe(200)
    expect((await tree()).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  it('never makes one by two moves at once, in forty runs', async () => {
    const [a, b] = [await add('a'), await add('b')]
    const below = await add('below b', b.id)
    for (let run = 0; run < 40; run += 1) {
      const replies = await Promise.all([
        patch(a.id, { parentId: run % 2 === 0 ? b.id : below.id }),
        patch(b.id, { parentId: a.id }),
      ])
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
      expect((await tree()).length).toBe(3)
      await patch(a.id, { toRoot: true })
      await patch(b.id, { toRoot: true })
    }
  })
})

describe('deleting', () => {
  it('is refused while something lies inside, also when that comes at the same moment', async () => {
    const [top, other] = [await add('Top'), await add('Other')]
    const low = await add('Low', top.id)
    const refused = await call(world.ana, 'DELETE', `${HIERARCHIES}/${top.id}`)
    expect([refused.status, codeOf(refused)]).toEqual([409, 'HIERARCHY_NOT_EMPTY'])
    for (let run = 0; run < 10; run += 1) {
      const parent = await add('Parent')
      const [moved, deleted] = await Promise.all([
        patch(other.id, { parentId: parent.id }),
        call(world.ana, 'DELETE', `${HIERARCHIES}/${parent.id}`),
      ])
      expect([
        [200, 409],
        [400, 204],
      ]).toContainEqual([moved.status, deleted.status])
    }
    expect((await call(world.ana, 'DELETE', `${HIERARCHIES}/${low.id}`)).status).toBe(204)
    expect((await call(world.ana, 'DELETE', `${HIERARCHIES}/${top.id}`)).status).toBe(204)
    expect((await call(world.ana, 'DELETE', `${HIERARCHIES}/${top.id}`)).status).toBe(404)
  })

  it('takes just that target from actions, whose ETag changes', async () => {
    const areas = [await add('one'), await add('two'), await add('three')]
    const plan = await createPlan(world.marc)
    const action = await createAction(world.marc, plan.id, { hierarchyIds: areas.map(({ id }) => id) })
    const path = `${ACTIONS}/${action.id}`
    const tag = (await call(world.marc, 'GET', path)).headers.get('ETag') ?? ''
    await call(world.ana, 'DELETE', `${HIERARCHIES}/${areas[1]?.id ?? ''}`)
    const { body } = await call<ActionView>(world.marc, 'GET', path)
    expect(body).toEqual({ ...action, hierarchyIds: [areas[0]?.id, areas[2]?.id] })
    const late = await call(world.marc, 'PATCH', path, { body: { title: 'x' }, headers: { 'If-Match': tag } })
    expect(late.status).toBe(412)
    const filtered = await call<Slice<ActionView>>(
      world.marc,
      'GET',
      `${ACTIONS}?hierarchyId=${areas[2]?.id ?? ''}`,
    )
    expect(filtered.body.total).toBe(1)
  })
})

describe('ETags', () => {
  it('change with the name, the parent and the number of children', async () => {
    const top = await add('Top')
    const tags = new Set<string | null>()
    const look = async () => tags.add((await read(top.id)).headers.get('ETag'))
    await look()
    const low = await add('Low', top.id)
    await look()
    await add('Low too', top.id)
    await look()
    await patch(top.id, { name: 'Up' })
    await look()
    expect(tags.size).toBe(4)
    const tag = (await read(top.id)).headers.get('ETag') ?? ''
    await patch(low.id, { toRoot: true })
    expect((await patch(top.id, { name: 'x' }, { 'If-Match': tag })).status).toBe(412)
    expect(
      (await call(world.ana, 'DELETE', `${HIERARCHIES}/${top.id}`, { headers: { 'If-Match': tag } })).status,
    ).toBe(412)
  })
})
