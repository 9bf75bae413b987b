import { beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { namesTag } from '../../src/platform/entity-tag.ts'
import { ACTIONS, call, codeOf, createAction, createPlan, ME, PLANS, tagOf } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

/** Marc's PATCH of the title, on a condition. */
async function patch(path: string, tag: string, title = 'y') {
  return call<PlanView>(world.marc, 'PATCH', path, { body: { title }, headers: { 'If-Match': tag } })
}

describe('an ETag', () => {
  it('is strong and the same on create, read and change', async () => {
    const created = await call<PlanView>(world.marc, 'POST', PLANS, { body: { title: 'x' } })
    const path = `${PLANS}/${created.body.id}`
    expect(created.headers.get('ETag')).toMatch(/^"[\w-]{27}"$/)
    expect(await tagOf(world.marc, path)).toBe(created.headers.get('ETag'))
    const changed = await call(world.marc, 'PATCH', path, { body: { title: 'y' } })
    expect(changed.headers.get('ETag')).toBe(await tagOf(world.marc, path))
    expect(changed.headers.get('ETag')).not.toBe(created.headers.get('ETag'))
  })

  it('changes with whatever the caller sees: an action, a note, a name', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const path = `${PLANS}/${plan.id}`
    const tags = [await tagOf(world.marc, path)]
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    tags.push(await tagOf(world.marc, path))
    await call(world.marc, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'n' } })
    tags.push(await tagOf(world.marc, path))
    await call(world.noa, 'PATCH', ME, { body: { name: 'Noa II' } })
    tags.push(await tagOf(world.marc, path))
    expect(new Set(tags).size).toBe(tags.length)
    for (const stale of tags.slice(0, -1)) {
      const reply = await patch(path, stale)
      expect([reply.status, codeOf(reply)]).toEqual([412, 'PRECONDITION_FAILED'])
    }
  })
})

/** Ways to name a tag. */
const SPELLINGS: [string, (tag: string) => string][] = [
  ['itself', (tag) => tag],
  ['as weak', (tag) => `W/${tag}`],
  ['in a list', (tag) => `"other", ${tag}`],
  ['with all others: *', () => '*'],
]

describe('If-None-Match', () => {
  const get = (path: string, tag: string) =>
    call(world.marc, 'GET', path, { headers: { 'If-None-Match': tag } })

  it.each(SPELLINGS)('that names the tag %s makes a 304', async (_, spelled) => {
    const path = `${PLANS}/${(await createPlan(world.marc)).id}`
    const tag = await tagOf(world.marc, path)
    const reply = await get(path, spelled(tag))
    expect([reply.status, reply.text, reply.headers.get('ETag')]).toEqual([304, '', tag])
  })

  it('that names another tag makes no 304', async () => {
    expect((await get(`${PLANS}/${(await createPlan(world.marc)).id}`, '"x"')).status).toBe(200)
  })
})

describe('If-Match', () => {
  it.each(SPELLINGS)('that names the tag %s lets a write through', async (_, spelled) => {
    const path = `${PLANS}/${(await createPlan(world.marc)).id}`
    expect((await patch(path, spelled(await tagOf(world.marc, path)))).status).toBe(200)
  })

  it('with the tag before a change lets nothing be deleted', async () => {
    const path = `${PLANS}/${(await createPlan(world.marc)).id}`
    const remove = (tag: string) => call(world.marc, 'DELETE', path, { headers: { 'If-Match': tag } })
    const tag = await tagOf(world.marc, path)
    await patch(path, tag)
    expect((await remove(tag)).status).toBe(412)
    expect((await remove(await tagOf(world.marc, path))).status).toBe(204)
  })

  it('lets exactly one of two hundred writers with one tag win', async () => {
    const path = `${PLANS}/${(await createPlan(world.marc)).id}`
    const tag = await tagOf(world.marc, path)
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) => patch(path, tag, `writer ${String(index)}`)),
    )
    const won = replies.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(199)
    expect((await call<PlanView>(world.marc, 'GET', path)).body.title).toBe(won[0]?.body.title)
  })
})

describe('writes without If-Match', () => {
  it('are all kept, sixty at once', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const people = [world.marc, world.noa, world.ana]
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        call(people[index % 3] ?? null, 'POST', ACTIONS, {
          body: { planId: plan.id, title: `a ${String(index)}` },
        }),
      ),
    )
    expect(replies.every(({ status }) => status === 200)).toBe(true)
    const read = await call<PlanView>(world.marc, 'GET', `${PLANS}/${plan.id}`)
    expect(new Set(read.body.actions.map(({ title }) => title)).size).toBe(60)
  })
})

it.each([
  ['W/"a", "b"', '"a"', true],
  ['"a"', '"A"', false],
  ['a', '"a"', false],
])('%s names %s: %s', (header, tag, expected) => {
  expect(namesTag(header, tag)).toBe(expected)
})
