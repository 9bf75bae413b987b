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
  tagOf,
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

const pathOf = ({ id }: { id: string }) => `${HIERARCHIES}/${id}`

async function patch(area: { id: string }, body: object, headers = {}): Promise<Reply<HierarchyView>> {
  return call<HierarchyView>(world.ana, 'PATCH', pathOf(area), { body, headers })
}

async function remove(area: { id: string }, headers = {}): Promise<Reply> {
  return call(world.ana, 'DELETE', pathOf(area), { headers })
}

async function tree(): Promise<HierarchyView[]> {
  const { body } = await call<Slice<HierarchyView>>(world.noa, 'GET', HIERARCHIES)
  expect([body.from, body.to, body.total]).toEqual([0, body.result.length, body.result.length])
  return body.result
}

describe('the tree of hierarchies', () => {
  it('comes flat, depth first, with the number of children', async () => {
    const spain = await add('Spain')
    const france = await add('France')
    const madrid = await add('Madrid', spain.id)
    await add('Lyon', france.id)
    await add('Retiro', madrid.id)
    await add('Sevilla', spain.id)
    const found = await tree()
    for (const [index, { parentId }] of found.entries()) {
      // Each directly follows its parent or something inside that.
      if (parentId !== null) expect(ancestors(found, index - 1)).toContain(parentId)
    }
    expect(new Map(found.map(({ name, childCount }) => [name, childCount]))).toEqual(
      new Map(Object.entries({ Spain: 2, France: 1, Madrid: 1, Lyon: 0, Retiro: 0, Sevilla: 0 })),
    )
  })

  it('may be a chain of sixty', async () => {
    const names = Array.from({ length: 60 }, (_, depth) => `d${String(depth)}`)
    let parent: string | undefined
    for (const name of names) parent = (await add(name, parent)).id
    expect((await tree()).map(({ name }) => name)).toEqual(names)
  })
})

/** The area at `index` and all above it. */
function ancestors(areas: readonly HierarchyView[], index: number): string[] {
  const area = areas[index]
  if (!area) return []
  const parent = areas.findIndex(({ id }) => id === area.parentId)
  return [area.id, ...ancestors(areas, parent)]
}

describe('a hierarchy', () => {
  it('is created without children, at the root or in another', async () => {
    const top = await add('Top')
    expect(top).toEqual({ id: top.id, name: 'Top', parentId: null, childCount: 0 })
    const low = await add('Low', top.id)
    expect(low).toEqual({ id: low.id, name: 'Low', parentId: top.id, childCount: 0 })
    await add('Low too', top.id)
    expect((await call(world.noa, 'GET', pathOf(top))).body).toEqual({ ...top, childCount: 2 })
  })

  it.each([
    [{}, ['name']],
    [{ name: '', parentId: 'x' }, ['name', 'parentId']],
    [{ name: 'a\nb' }, ['name']],
  ])('is not created from %j', async (body, paths) => {
    const reply = await call(world.ana, 'POST', HIERARCHIES, { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })

  it.each(['POST', 'PATCH', 'DELETE'])('is for a MANAGER to read alone: %s is 403', async (method) => {
    const mine = await add('Mine')
    const path = method === 'POST' ? HIERARCHIES : pathOf(mine)
    const body = method === 'DELETE' ? undefined : { name: 'x' }
    expect((await call(world.noa, method, path, { body })).status).toBe(403)
  })

  it.each(['GET', 'DELETE'])('of another company is not there: %s is 404', async (method) => {
    expect((await call(world.gus, method, pathOf(await add('Mine')))).status).toBe(404)
  })

  it('of another company is no parent', async () => {
    const { id: parentId } = await add('Mine')
    const reply = await call(world.gus, 'POST', HIERARCHIES, { body: { name: 'x', parentId } })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['parentId']])
  })

  it('has an ETag that changes with its name and its number of children', async () => {
    const top = await add('Top')
    const low = await add('Low', top.id)
    const tags = [await tagOf(world.noa, pathOf(top))]
    for (const change of [
      () => add('Low too', top.id),
      () => patch(top, { name: 'Up' }),
      () => patch(low, { toRoot: true }),
    ]) {
      await change()
      tags.push(await tagOf(world.noa, pathOf(top)))
    }
    expect(new Set(tags).size).toBe(tags.length)
  })

  it('is neither changed nor deleted with the ETag that it had before a child left', async () => {
    const top = await add('Top')
    const low = await add('Low', top.id)
    const stale = { 'If-Match': await tagOf(world.noa, pathOf(top)) }
    await patch(low, { toRoot: true })
    expect((await patch(top, { name: 'x' }, stale)).status).toBe(412)
    expect((await remove(top, stale)).status).toBe(412)
  })
})

describe('moving a hierarchy', () => {
  it('changes its parent, and its name if given', async () => {
    const [top, low] = [await add('Top'), await add('Low')]
    const { body } = await patch(low, { parentId: top.id, name: 'Lower' })
    expect(body).toEqual({ ...low, name: 'Lower', parentId: top.id })
  })

  it('to the root is asked for by `toRoot`; null is no change', async () => {
    const top = await add('Top')
    const low = await add('Low', top.id)
    expect((await patch(low, { parentId: null, name: null, toRoot: false })).body.parentId).toBe(top.id)
    expect((await patch(low, { toRoot: true })).body.parentId).toBeNull()
  })

  it('both to the root and to a parent is refused', async () => {
    const [top, low] = [await add('Top'), await add('Low')]
    const both = await patch(low, { toRoot: true, parentId: top.id })
    expect([both.status, namedPaths(both)]).toEqual([400, ['toRoot']])
  })

  it('to a parent that is not there is refused', async () => {
    expect((await patch(await add('Low'), { parentId: '0'.repeat(24) })).status).toBe(400)
  })

  it('into itself or anything inside it is refused', async () => {
    const a = await add('a')
    const b = await add('b', a.id)
    const c = await add('c', b.id)
    for (const parentId of [a.id, b.id, c.id]) {
      const reply = await patch(a, { parentId })
      expect([reply.status, codeOf(reply)]).toEqual([409, 'HIERARCHY_CYCLE'])
    }
    expect((await patch(c, { parentId: a.id })).status).toBe(200)
    expect((await tree()).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  it('makes no cycle by two moves at once, in forty runs', async () => {
    const [a, b] = [await add('a'), await add('b')]
    const below = await add('below b', b.id)
    for (let run = 0; run < 40; run += 1) {
      const replies = await Promise.all([
        patch(a, { parentId: run % 2 === 0 ? b.id : below.id }),
        patch(b, { parentId: a.id }),
      ])
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
      expect((await tree()).length).toBe(3)
      await patch(a, { toRoot: true })
      await patch(b, { toRoot: true })
    }
  })
})

describe('deleting a hierarchy', () => {
  it('is refused while another lies inside', async () => {
    const top = await add('Top')
    const low = await add('Low', top.id)
    const refused = await remove(top)
    expect([refused.status, codeOf(refused)]).toEqual([409, 'HIERARCHY_NOT_EMPTY'])
    expect((await remove(low)).status).toBe(204)
    expect((await remove(top)).status).toBe(204)
    expect((await remove(top)).status).toBe(404)
  })

  it('at the moment when another is moved into it lets one of the two win, in ten runs', async () => {
    const other = await add('Other')
    for (let run = 0; run < 10; run += 1) {
      const parent = await add('Parent')
      const [moved, deleted] = await Promise.all([patch(other, { parentId: parent.id }), remove(parent)])
      expect([
        [200, 409],
        [400, 204],
      ]).toContainEqual([moved.status, deleted.status])
    }
  })

  describe('that is a target of an action', () => {
    let areas: [HierarchyView, HierarchyView, HierarchyView]
    let action: ActionView
    let tag: string
    let path: string

    beforeEach(async () => {
      areas = [await add('one'), await add('two'), await add('three')]
      const plan = await createPlan(world.marc)
      action = await createAction(world.marc, plan.id, { hierarchyIds: areas.map(({ id }) => id) })
      path = `${ACTIONS}/${action.id}`
      tag = await tagOf(world.marc, path)
      await remove(areas[1])
    })

    it('takes just that target', async () => {
      const { body } = await call<ActionView>(world.marc, 'GET', path)
      expect(body).toEqual({ ...action, hierarchyIds: [areas[0].id, areas[2].id] })
    })

    it('changes the ETag of the action', async () => {
      const late = { body: { title: 'x' }, headers: { 'If-Match': tag } }
      expect((await call(world.marc, 'PATCH', path, late)).status).toBe(412)
    })

    it('leaves the action to be found by the others', async () => {
      const query = `${ACTIONS}?hierarchyId=${areas[2].id}`
      expect((await call<Slice<ActionView>>(world.marc, 'GET', query)).body.total).toBe(1)
    })
  })
})
