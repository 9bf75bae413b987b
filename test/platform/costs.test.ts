/**
 * What a request costs, from its log line: a read one look-up in KV and one batch to D1, a write at most two batches,
 * whatever hangs on what it is about. Every endpoint under a session has a row here.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { ACTIONS, call, PLANS } from '../support/api.ts'
import {
  insertAction,
  insertExport,
  insertHierarchies,
  insertNotes,
  insertPlan,
  insertUsers,
} from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { ask, guarded, rowOf, ROWS, type Scene } from '../support/requests.ts'
import { createWorld, openSession, type Person, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})

/** A plan with one action: with one of everything, or with as much of everything as there may be. */
async function createScene(size: 'bare' | 'full'): Promise<Scene> {
  const most = size === 'full' ? 50 : 1
  const { companyId } = world
  const times = <Fields>(count: number, fields: Fields) => Array.from({ length: count }, () => fields)
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
  const who: Person = { ...world.ana, session: await openSession(world.ana) }
  const assigneeIds = idsOf(await insertUsers(times(most, { companyId, name: 'Al' })))
  const hierarchyIds = idsOf(await insertHierarchies(times(most, { companyId })))
  const [user = '', hierarchy = ''] = [assigneeIds[0], hierarchyIds[0]]
  const plan = await insertPlan({ companyId, createdBy: who.id, visibility: 'PUBLIC' })
  const assignees = assigneeIds.map((userId) => ({ userId }))
  const action = await insertAction({ plan, createdBy: who.id, assignees, hierarchyIds })
  const [note = ''] = idsOf(await insertNotes(times(most * 2, { actionId: action.id, authorId: user })))
  const sent = { status: 'SENT', expiresAt: Date.now() + 3_600_000 } as const
  const stored = await insertExport({ companyId, planId: plan.id, requestedBy: who.id, ...sent })
  const ids = { plan: plan.id, action: action.id, note, export: stored.id, user, hierarchy }
  return { who, ids, assigneeIds, hierarchyIds }
}

it('every endpoint under a session has a row, and no other', () => {
  expect(Object.keys(ROWS).sort()).toEqual(guarded.map(({ operationId }) => operationId).sort())
})

describe.each(['bare', 'full'] as const)('with a %s action', (size) => {
  it.each(guarded.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    '%s',
    async (_name, endpoint) => {
      const reply = await ask(endpoint, await createScene(size))
      expect(reply.status, reply.text).toBe(endpoint.answer.status)
      const line = lineOf(reply.headers.get('X-Request-Id'))
      expect([line?.kvReads, line?.d1Calls]).toEqual([1, rowOf(endpoint).costs === 'read' ? 1 : 2])
    },
  )
})

it('a write that changes nothing, a 304 and a replay cost one batch, a refusal no more than that', async () => {
  const { who, ids } = await createScene('bare')
  const tag = (await call(who, 'GET', `${ACTIONS}/${ids.action}`)).headers.get('ETag') ?? ''
  const keyed = { body: { text: 'n' }, headers: { 'Idempotency-Key': 'costs' } }
  await call(who, 'POST', `${ACTIONS}/${ids.action}/notes`, keyed)
  const replies = [
    await call(who, 'PATCH', `${ACTIONS}/${ids.action}`, { body: {} }),
    await call(who, 'POST', `${ACTIONS}/${ids.action}/notes`, keyed),
    await call(who, 'GET', `${PLANS}/${ids.plan}`, { headers: { 'If-None-Match': '*' } }),
    await call(who, 'PATCH', `${ACTIONS}/${ids.action}`, { body: { title: '' } }),
    await call(who, 'PATCH', `${ACTIONS}/${ids.action}`, {
      body: { title: 'x' },
      headers: { 'If-Match': tag },
    }),
    await call(world.eli, 'POST', PLANS, { body: { title: 'x' } }),
  ]
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 304, 400, 412, 403])
  const lines = replies.map(({ headers }) => lineOf(headers.get('X-Request-Id')))
  expect(lines.map((line) => [line?.kvReads, line?.d1Calls])).toEqual(replies.map(() => [1, 1]))
})
