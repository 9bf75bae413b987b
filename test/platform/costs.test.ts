/**
 * What a request costs, from its log line: a read one look-up in KV and one batch to D1, a write two batches, however
 * much hangs on the plan or action in question. Every endpoint under a session has a row here.
 */
import { describe, expect, it } from 'vitest'
import { ACTIONS, call, PLANS, type Reply } from '../support/api.ts'
import { insertPlan } from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { ask, guarded, rowOf, ROWS, type Scene } from '../support/requests.ts'
import { createSceneIn } from '../support/scene.ts'
import { createWorld, openKey, type Person, type World } from '../support/world.ts'

/** That of the latest scene. */
let world: World

async function createScene(size: 'bare' | 'full'): Promise<Scene> {
  world = await createWorld()
  return createSceneIn(world, size)
}

it('has a row for each endpoint under a session, and no other', () => {
  expect(Object.keys(ROWS).sort()).toEqual(guarded.map(({ operationId }) => operationId).sort())
})

const CASES = guarded.map((endpoint) => {
  const batches = rowOf(endpoint).costs === 'read' ? 1 : 2
  return [endpoint.operationId, batches, endpoint] as const
})

describe.each(['bare', 'full'] as const)('where an action is %s,', (size) => {
  it.each(CASES)('%s costs one look-up in KV and %i batch(es) to D1', async (_name, batches, endpoint) => {
    const reply = await ask(endpoint, await createScene(size))
    expect(reply.status, reply.text).toBe(endpoint.answer.status)
    const line = lineOf(reply.headers.get('X-Request-Id'))
    expect([line?.kvReads, line?.d1Calls]).toEqual([1, batches])
  })
})

describe('with an access key that was never used before', () => {
  const open = CASES.filter(([, , { openToKeys }]) => openToKeys)

  it.each(open)('%s costs one look-up in KV and %i batch(es) to D1', async (_name, batches, endpoint) => {
    const scene = await createScene('bare')
    const who = { ...scene.who, session: await openKey(scene.who, 'WRITE') }
    const reply = await ask(endpoint, { ...scene, who })
    expect(reply.status, reply.text).toBe(endpoint.answer.status)
    const line = lineOf(reply.headers.get('X-Request-Id'))
    expect([line?.kvReads, line?.d1Calls]).toEqual([1, batches])
  })
})

describe('one look-up in KV and one batch are the cost of', () => {
  const NOTE = { body: { text: 'n' }, headers: { 'Idempotency-Key': 'costs' } }
  const RENAMED = { body: { title: 'x' } }

  it.each<[string, number, (path: Record<'plan' | 'action', string>, who: Person) => Promise<Reply>]>([
    ['a write that changes nothing', 200, ({ action }, who) => call(who, 'PATCH', action, { body: {} })],
    ['a replay', 200, ({ action }, who) => call(who, 'POST', `${action}/notes`, NOTE)],
    ['a 304', 304, ({ plan }, who) => call(who, 'GET', plan, { headers: { 'If-None-Match': '*' } })],
    ['a 400', 400, ({ action }, who) => call(who, 'PATCH', action, { body: { title: '' } })],
    [
      'a 412',
      412,
      ({ action }, who) => call(who, 'PATCH', action, { ...RENAMED, headers: { 'If-Match': '"stale"' } }),
    ],
    ['a 403', 403, () => call(world.eli, 'POST', PLANS, RENAMED)],
  ])('%s', async (_, status, ask) => {
    const { who, ids } = await createScene('bare')
    const paths = { plan: `${PLANS}/${ids.plan}`, action: `${ACTIONS}/${ids.action}` }
    await call(who, 'POST', `${paths.action}/notes`, NOTE)
    const reply = await ask(paths, who)
    expect(reply.status).toBe(status)
    const line = lineOf(reply.headers.get('X-Request-Id'))
    expect([line?.kvReads, line?.d1Calls]).toEqual([1, 1])
  })
})

describe('with two assignees, a due date and a focus item,', () => {
  const dueDate = '2099-01-01T00:00:00Z'

  it.each(['PUBLIC', 'PRIVATE'] as const)('the writes of a %s action stay small', async (visibility) => {
    const { companyId, ana, noa } = await createWorld()
    const plan = await insertPlan({ companyId, createdBy: ana.id, visibility })
    const costsOf = async (method: string, path: string, body: object) => {
      const reply = await call<{ id: string }>(ana, method, path, { body })
      expect(reply.status, reply.text).toBe(200)
      const { rowsRead = Infinity, rowsWritten = Infinity } = lineOf(reply.headers.get('X-Request-Id')) ?? {}
      return { id: reply.body.id, rowsRead, rowsWritten }
    }
    const fields = { planId: plan.id, title: 'A', dueDate, assigneeIds: [ana.id, noa.id] }
    const action = { ...fields, focusItems: [{ focusType: 'HI' }] }
    // The first of its kind also changes the facets of its plan: two rows more.
    const first = await costsOf('POST', ACTIONS, action)
    const made = await costsOf('POST', ACTIONS, action)
    const path = `${ACTIONS}/${made.id}`
    const titled = await costsOf('PATCH', path, { title: 'Another' })
    const dated = await costsOf('PATCH', path, { dueDate: '2098-01-01T00:00:00Z' })
    const started = await costsOf('POST', `${path}/transitions`, { to: 'IN_PROGRESS' })
    for (const { rowsRead } of [first, made, titled, dated, started]) expect(rowsRead).toBeLessThanOrEqual(60)
    // Of each, the history writes five (test/history/costs.test.ts), and each assignee's due date one.
    expect(first.rowsWritten).toBeLessThanOrEqual(29)
    expect(made.rowsWritten).toBeLessThanOrEqual(27)
    expect(titled.rowsWritten).toBeLessThanOrEqual(11)
    expect(dated.rowsWritten).toBeLessThanOrEqual(13)
    expect(started.rowsWritten).toBeLessThanOrEqual(16)
  })
})
