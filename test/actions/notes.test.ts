import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView, NoteView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  ME,
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

async function write(who: Person, action: { id: string }, text: string): Promise<Reply<NoteView>> {
  return call<NoteView>(who, 'POST', notesOf(action), { body: { text } })
}

async function list(action: { id: string }, query = ''): Promise<Slice<NoteView>> {
  return (await call<Slice<NoteView>>(world.marc, 'GET', `${notesOf(action)}${query}`)).body
}

async function countOn({ id }: { id: string }): Promise<number> {
  return (await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${id}`)).body.noteCount
}

describe('writing a note', () => {
  it('answers it with its author, tidied and with its address', async () => {
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
  })

  it('changes nothing of the action but its number of notes', async () => {
    const action = await createAction(world.marc, plan.id)
    await write(world.noa, action, 'n')
    const after = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${action.id}`)
    expect(after.body).toEqual({ ...action, noteCount: 1 })
  })

  it.each([
    [{}],
    [{ text: '' }],
    [{ text: ' \n ' }],
    [{ text: 'x'.repeat(5001) }],
    [{ text: 'a\u0007' }],
    [{ text: 5 }],
  ])('refuses %j with 400 at text', async (body) => {
    const action = await createAction(world.marc, plan.id)
    const reply = await call(world.marc, 'POST', notesOf(action), { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['text']])
  })

  it('three times at once with one key makes one note', async () => {
    const action = await createAction(world.marc, plan.id)
    const headers = { 'Idempotency-Key': 'note' }
    const replies = await Promise.all(
      [1, 2, 3].map(() => call(world.marc, 'POST', notesOf(action), { body: { text: 'n' }, headers })),
    )
    expect(new Set(replies.filter(({ status }) => status === 200).map(({ text }) => text)).size).toBe(1)
    expect((await list(action)).total).toBe(1)
  })

  it('twenty times at once loses none and counts all', async () => {
    const action = await createAction(world.marc, plan.id)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => write(world.marc, action, `n ${String(index)}`)),
    )
    const texts = (await list(action, '?to=50')).result.map(({ text }) => text)
    expect([await countOn(action), new Set(texts).size]).toEqual([20, 20])
  })
})

describe('a list of notes', () => {
  let action: ActionView
  let all: Slice<NoteView>

  beforeAll(async () => {
    action = await createAction(world.marc, plan.id)
    for (let index = 0; index < 12; index += 1) await write(world.marc, action, `n ${String(index)}`)
    all = await list(action, '?to=100')
  })

  it('is newest first', () => {
    const times = all.result.map(({ createdAt }) => createdAt)
    expect([all.from, all.to, all.total]).toEqual([0, 12, 12])
    expect(times).toEqual(times.toSorted().reverse())
  })

  it('is a slice, of ten if not asked otherwise', async () => {
    expect((await list(action)).result).toEqual(all.result.slice(0, 10))
    expect(await list(action, '?from=10')).toEqual({
      ...{ from: 10, to: 12, total: 12 },
      result: all.result.slice(10),
    })
  })

  it('that begins past the end is empty', async () => {
    expect(await list(action, '?from=99')).toEqual({ from: 99, to: 99, total: 12, result: [] })
  })

  it('that ends before it begins is refused', async () => {
    const reply = await call(world.marc, 'GET', `${notesOf(action)}?from=4&to=3`)
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['to']])
  })

  it("shows the author's name of now", async () => {
    const own = await createAction(world.marc, plan.id)
    await write(world.noa, own, 'n')
    await call(world.noa, 'PATCH', ME, { body: { name: 'Noa II' } })
    expect((await list(own)).result[0]?.authorName).toBe('Noa II')
  })
})

describe('deleting a note', () => {
  let action: ActionView
  let note: Reply<NoteView>
  let path: string

  beforeEach(async () => {
    action = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    note = await write(world.noa, action, '1')
    path = `${notesOf(action)}/${note.body.id}`
  })

  it.each([
    ['the author', 'noa', 204],
    ['an ADMIN', 'ana', 204],
    ['the creator of the action', 'marc', 403],
  ] as const)('by %s (%s) is answered with %i', async (_, name, status) => {
    expect((await call(world[name], 'DELETE', path)).status).toBe(status)
    const left = status === 204 ? 0 : 1
    expect([await countOn(action), (await list(action)).total]).toEqual([left, left])
  })

  it('that is gone is answered with 404', async () => {
    await call(world.ana, 'DELETE', path)
    expect((await call(world.ana, 'DELETE', path)).status).toBe(404)
  })

  it('finds it below its own action alone', async () => {
    const other = await createAction(world.marc, plan.id)
    const reply = await call(world.marc, 'DELETE', `${notesOf(other)}/${note.body.id}`)
    expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND'])
    expect((await list(action)).total).toBe(1)
  })

  it('with If-Match is done only when the tag is that of the note', async () => {
    const remove = (tag: string) => call(world.noa, 'DELETE', path, { headers: { 'If-Match': tag } })
    expect((await remove('"x"')).status).toBe(412)
    expect((await remove(note.headers.get('ETag') ?? '')).status).toBe(204)
  })
})
