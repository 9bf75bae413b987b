import { beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { namesTag } from '../../src/platform/entity-tag.ts'
import { ACTIONS, call, codeOf, createAction, createPlan, PLANS, tagOf } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

describe('ETag', () => {
  it('is strong, on create, read and change', async () => {
    const created = await call<PlanView>(world.marc, 'POST', PLANS, { body: { title: 'x' } })
    const path = `${PLANS}/${created.body.id}`
    expect(created.headers.get('ETag')).toMatch(/^"[\w-]{27}"$/)
    expect(await tagOf(world.marc, path)).toBe(created.headers.get('ETag'))
    const changed = await call(world.marc, 'PATCH', path, { body: { title: 'y' } })
    expect(changed.headers.get('ETag')).toBe(await tagOf(world.marc, path))
    expect(changed.headers.get('ETag')).not.toBe(created.headers.get('ETag'))
  })

  it('answers 304 to who has the body already', async () => {
    const { id } = await createPlan(world.marc)
    const tag = await tagOf(world.marc, `${PLANS}/${id}`)
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const reply = await call(world.marc, 'GET', `${PLANS}/${id}`, { headers: { 'If-None-Match': known } })
      expect([reply.status, reply.text, reply.headers.get('ETag')]).toEqual([304, '', tag])
    }
    expect(
      (await call(world.marc, 'GET', `${PLANS}/${id}`, { headers: { 'If-None-Match': '"x"' } })).status,
    ).toBe(200)
  })

  it('changes with whatever the caller sees: an action, a note, a name', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const tags = [await tagOf(world.marc, `${PLANS}/${plan.id}`)]
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    tags.push(await tagOf(world.marc, `${PLANS}/${plan.id}`))
    await call(world.marc, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'n' } })
    tags.push(await tagOf(world.marc, `${PLANS}/${plan.id}`))
    await call(world.noa, 'PATCH', '/api/v1/company/me', { body: { name: 'Noa II' } })
    tags.push(await tagOf(world.marc, `${PLANS}/${plan.id}`))
    expect(new Set(tags).size).toBe(tags.length)
    for (const stale of tags.slice(0, -1)) {
      const reply = await call(world.marc, 'PATCH', `${PLANS}/${plan.id}`, {
        body: { title: 'late' },
        headers: { 'If-Match': stale },
      })
      expect([reply.status, codeOf(reply)]).toEqual([412, 'PRECONDITION_FAILED'])
    }
  })
})

describe('If-Match', () => {
  it.each(['current', 'weak', 'any', 'list'])('lets a write through that is %s', async (kind) => {
    const { id } = await createPlan(world.marc)
    const tag = await tagOf(world.marc, `${PLANS}/${id}`)
    const header = { current: tag, weak: `W/${tag}`, any: '*', list: `"a", ${tag}` }[kind] ?? ''
    const reply = await call(world.marc, 'PATCH', `${PLANS}/${id}`, {
      body: { title: 'y' },
      headers: { 'If-Match': header },
    })
    expect(reply.status).toBe(200)
    expect(
      (await call(world.marc, 'DELETE', `${PLANS}/${id}`, { headers: { 'If-Match': tag } })).status,
    ).toBe(412)
    expect(
      (
        await call(world.marc, 'DELETE', `${PLANS}/${id}`, {
          headers: { 'If-Match': await tagOf(world.marc, `${PLANS}/${id}`) },
        })
      ).status,
    ).toBe(204)
  })

  it('lets exactly one of two hundred writers with one tag win', async () => {
    const { id } = await createPlan(world.marc)
    const tag = await tagOf(world.marc, `${PLANS}/${id}`)
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        call<PlanView>(world.marc, 'PATCH', `${PLANS}/${id}`, {
          body: { title: `writer ${String(index)}` },
          headers: { 'If-Match': tag },
        }),
      ),
    )
    const won = replies.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(199)
    expect((await call<PlanView>(world.marc, 'GET', `${PLANS}/${id}`)).body.title).toBe(won[0]?.body.title)
  })

  it('loses no unconditional write among sixty', async () => {
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

it('compares tags to the letter, a weakness prefix aside', () => {
  expect(namesTag('W/"a", "b"', '"a"')).toBe(true)
  expect(namesTag('"a"', '"A"')).toBe(false)
  expect(namesTag('a', '"a"')).toBe(false)
})
