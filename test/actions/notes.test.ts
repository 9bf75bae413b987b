import { beforeAll, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView, NoteView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  namedPaths,
  type Reply,
  type Slice,
} from '../support/api.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

let world: World
let plan: PlanView

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
})

const notesOf = ({ id }: { id: string }) => `${ACTIONS}/${id}/notes`

async function write(who: Person, action: ActionView, text: string): Promise<Reply<NoteView>> {
  return call<NoteView>(who, 'POST', notesOf(action), { body: { text } })
}

async function list(action: ActionView, query = ''): Promise<Slice<NoteView>> {
  return (await call<Slice<NoteView>>(world.marc, 'GET', `${notesOf(action)}${query}`)).body
}

describe('writing', () => {
  it('answers the note with its author, and counts on the action', async () => {
    const action = await createAction(world.marc, plan.id)
    const reply = await write(world.noa, action, '  Line one\r\nLine\ttwo  ')
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      actionId: action.id,
      authorId: world.noa.id,
      authorName: 'Noa',
      text: 'Line one\nLine\ttwo',
      createdAt: reply.body.createdAt,
    })
    expect(reply.headers.get('Location')).toBe(`${notesOf(action)}/${reply.body.id}`)
    const read = await call(world.ana, 'GET', reply.headers.get('Location') ?? '')
    expect([read.body, read.headers.get('ETag')]).toEqual([reply.body, reply.headers.get('ETag')])
    const after = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${action.id}`)
    // A note is no change of the action itself, but of the body that callers see.
    expect(after.body).toEqual({ ...action, noteCount: 1 })
  })

  it.each([
    [{}],
    [{ text: '' }],
    [{ text: ' \n ' }],
    [{ text: 'x'.repeat(5001) }],
    [{ text: 'a\u0007' }],
    [{ text: 5 }],
  ])('refuses %j', async (body) => {
    const action = await createAction(world.marc, plan.id)
    const reply = await call(world.marc, 'POST', notesOf(action), { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['text']])
  })

  it('once under one key', async () => {
    const action = await createAction(world.marc, plan.id)
    const headers = { 'Idempotency-Key': 'note' }
    const replies = await Promise.all(
      [1, 2, 3].map(() => call(world.marc, 'POST', notesOf(action), { body: { text: 'n' }, headers })),
    )
    expect(new Set(replies.filter(({ status }) => status === 200).map(({ text }) => text)).size).toBe(1)
    expect((await list(action)).total).toBe(1)
  })

  it('loses none of many at once, and counts them all', async () => {
    const action = await createAction(world.marc, plan.id)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => write(world.marc, action, `n ${String(index)}`)),
    )
    const { body } = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${action.id}`)
    expect([
      body.noteCount,
      new Set((await list(action, '?to=50')).result.map(({ text }) => text)).size,
    ]).toEqual([20, 20])
  })
})

describe('listing', () => {
  it('is a slice, newest first', async () => {
    const action = await createAction(world.marc, plan.id)
    for (let index = 0; index < 12; index += 1) await write(world.marc, action, `n ${String(index)}`)
    const all = await list(action, '?to=100')
    expect([all.from, all.to, all.total]).toEqual([0, 12, 12])
    expect(all.result.map(({ createdAt }) => createdAt)).toEqual(
      all.result
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse(),
    )
    expect((await list(action)).result).toEqual(all.result.slice(0, 10))
    expect(await list(action, '?from=10')).toEqual({
      from: 10,
      to: 12,
      total: 12,
      result: all.result.slice(10),
    })
    expect(await list(action, '?from=99')).toEqual({ from: 99, to: 99, total: 12, result: [] })
    const reply = await call(world.marc, 'GET', `${notesOf(action)}?from=4&to=3`)
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['to']])
  })

  it("shows the author's name of now", async () => {
    const action = await createAction(world.marc, plan.id)
    await write(world.noa, action, 'n')
    await call(world.noa, 'PATCH', '/api/v1/company/me', { body: { name: 'Noa II' } })
    expect((await list(action)).result[0]?.authorName).toBe('Noa II')
  })
})

describe('deleting', () => {
  it('is for the author and an ADMIN; the count goes down', async () => {
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    const [one, two] = [await write(world.noa, action, '1'), await write(world.noa, action, '2')]
    const path = (note: Reply<NoteView>) => `${notesOf(action)}/${note.body.id}`
    // Not even for the creator of the action.
    expect((await call(world.marc, 'DELETE', path(one))).status).toBe(403)
    expect((await call(world.noa, 'DELETE', path(one))).status).toBe(204)
    expect((await call(world.ana, 'DELETE', path(two))).status).toBe(204)
    expect((await call(world.ana, 'DELETE', path(two))).status).toBe(404)
    const { body } = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${action.id}`)
    expect([body.noteCount, (await list(action)).total]).toEqual([0, 0])
  })

  it('finds a note only below its own action', async () => {
    const [mine, other] = [await createAction(world.marc, plan.id), await createAction(world.marc, plan.id)]
    const note = await write(world.marc, mine, 'n')
    const reply = await call(world.marc, 'DELETE', `${notesOf(other)}/${note.body.id}`)
    expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND'])
    expect((await list(mine)).total).toBe(1)
  })

  it('with If-Match only when it is that note', async () => {
    const action = await createAction(world.marc, plan.id)
    const note = await write(world.marc, action, 'n')
    const path = `${notesOf(action)}/${note.body.id}`
    expect((await call(world.marc, 'DELETE', path, { headers: { 'If-Match': '"x"' } })).status).toBe(412)
    const tag = note.headers.get('ETag') ?? ''
    expect((await call(world.marc, 'DELETE', path, { headers: { 'If-Match': tag } })).status).toBe(204)
  })
})
