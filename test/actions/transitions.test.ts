import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import { ACTIONS, call, codeOf, createAction, createPlan, namedPaths, takeStep } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let plan: PlanView

beforeAll(async () => {
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
})

/** Takes marc's own action there; EXPIRED by letting its due date pass. */
async function actionIn(state: string, fields: Record<string, unknown> = {}): Promise<ActionView> {
  if (state === 'EXPIRED') {
    const action = await createAction(world.marc, plan.id, { dueDate: inMinutes(1), ...fields })
    await takeStep(world.marc, action.id, 'IN_PROGRESS')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
    return action
  }
  const action = await createAction(world.marc, plan.id, fields)
  if (state !== 'NOT_STARTED') expect((await takeStep(world.marc, action.id, state)).status).toBe(200)
  return action
}

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString()
}

describe('every step from every state, by the creator', () => {
  it.each([
    // from, then to: NOT_STARTED, IN_PROGRESS, COMPLETED, CANCELLED
    ['NOT_STARTED', [200, 200, 200, 200], ['IN_PROGRESS', 'COMPLETED', 'CANCELLED']],
    ['IN_PROGRESS', [409, 200, 200, 200], ['COMPLETED', 'CANCELLED']],
    ['COMPLETED', [200, 200, 200, 409], ['IN_PROGRESS', 'NOT_STARTED']],
    ['CANCELLED', [200, 200, 409, 200], ['IN_PROGRESS', 'NOT_STARTED']],
    ['EXPIRED', [409, 409, 409, 409], []],
  ])('%s', async (from, statuses, legal) => {
    for (const [index, to] of ['NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED'].entries()) {
      const action = await actionIn(from)
      const reply = await takeStep(world.marc, action.id, to)
      expect([to, reply.status]).toEqual([to, statuses[index]])
      if (reply.status === 200) {
        expect(reply.body.status).toBe(to)
        continue
      }
      const problem = reply.body as unknown as Record<string, unknown>
      expect(problem).toMatchObject({ code: 'ILLEGAL_TRANSITION', legalTransitions: legal })
      for (const step of legal) expect(problem.detail).toContain(step)
      expect((await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${action.id}`)).body.status).toBe(from)
      vi.useRealTimers()
    }
  })

  it.each([
    [{}, 'to'],
    [{ to: 'EXPIRED' }, 'to'],
    [{ to: 'DONE' }, 'to'],
    [{ to: 'COMPLETED', assigneeId: 'x' }, 'assigneeId'],
  ])('%j is no step', async (body, path) => {
    const action = await actionIn('NOT_STARTED')
    const reply = await call(world.marc, 'POST', `${ACTIONS}/${action.id}/transitions`, { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, [path]])
  })
})

describe('dates', () => {
  it('are set on starting and ending, completing starts too', async () => {
    const action = await createAction(world.marc, plan.id)
    const before = Date.now()
    const { body } = await takeStep(world.marc, action.id, 'COMPLETED')
    expect(body.startedAt).toBe(body.finishedAt)
    expect(body.assignees[0]).toMatchObject({ startedAt: body.startedAt, finishedAt: body.finishedAt })
    expect(Date.parse(body.startedAt ?? '')).toBeGreaterThanOrEqual(before)
    expect(body.updatedAt).toBe(body.startedAt)
  })

  it('are cleared by reopening: the end always, the beginning with NOT_STARTED', async () => {
    const action = await actionIn('COMPLETED')
    const resumed = await takeStep(world.marc, action.id, 'IN_PROGRESS')
    expect([resumed.body.startedAt === null, resumed.body.finishedAt]).toEqual([false, null])
    const done = await takeStep(world.marc, action.id, 'COMPLETED')
    expect(done.body.startedAt).toBe(resumed.body.startedAt)
    const anew = await takeStep(world.marc, action.id, 'NOT_STARTED')
    expect([anew.body.startedAt, anew.body.finishedAt, anew.body.status]).toEqual([null, null, 'NOT_STARTED'])
  })

  it('of cancelling what never started have no beginning', async () => {
    const { body } = await takeStep(world.marc, (await createAction(world.marc, plan.id)).id, 'CANCELLED')
    expect([body.startedAt, body.finishedAt === null, body.status]).toEqual([null, false, 'CANCELLED'])
  })
})

describe('the status of the action', () => {
  it.each([
    // marc, noa, ana, the action, percent
    ['NOT_STARTED', 'NOT_STARTED', 'NOT_STARTED', 'NOT_STARTED', 0],
    ['IN_PROGRESS', 'NOT_STARTED', 'NOT_STARTED', 'IN_PROGRESS', 0],
    ['COMPLETED', 'NOT_STARTED', 'NOT_STARTED', 'IN_PROGRESS', 33],
    ['CANCELLED', 'NOT_STARTED', 'NOT_STARTED', 'NOT_STARTED', 0],
    ['CANCELLED', 'CANCELLED', 'CANCELLED', 'CANCELLED', 0],
    ['CANCELLED', 'COMPLETED', 'CANCELLED', 'COMPLETED', 33],
    ['COMPLETED', 'COMPLETED', 'IN_PROGRESS', 'IN_PROGRESS', 66],
    ['COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 100],
  ])('%s, %s and %s make it %s', async (marc, noa, ana, status, percent) => {
    const { id } = await createAction(world.marc, plan.id, {
      assigneeIds: [world.marc.id, world.noa.id, world.ana.id],
    })
    await takeStep(world.marc, id, marc)
    await takeStep(world.noa, id, noa)
    const { body } = await takeStep(world.ana, id, ana)
    expect([body.status, body.completionPercent]).toEqual([status, percent])
    expect(body.finishedAt === null).toBe(!['COMPLETED', 'CANCELLED'].includes(status))
    expect((await call(world.marc, 'GET', `${ACTIONS}/${id}`)).body).toEqual(body)
  })
})

describe('whose state', () => {
  it("is the caller's when none is named, 409 if the caller has none", async () => {
    const { id } = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    const reply = await takeStep(world.ana, id, 'COMPLETED')
    expect([reply.status, (reply.body as unknown as { code: string }).code]).toEqual([409, 'NOT_AN_ASSIGNEE'])
    const named = await takeStep(world.ana, id, 'COMPLETED', world.marc.id)
    expect(named.status).toBe(409)
    expect((await takeStep(world.ana, id, 'COMPLETED', '0'.repeat(24))).status).toBe(400)
    expect((await takeStep(world.noa, id, 'COMPLETED')).body.status).toBe('COMPLETED')
  })

  it('may be one that is there already: nothing changes', async () => {
    const { id } = await actionIn('COMPLETED')
    const before = await call(world.marc, 'GET', `${ACTIONS}/${id}`)
    const again = await takeStep(world.marc, id, 'COMPLETED')
    expect([again.status, again.headers.get('ETag')]).toEqual([200, before.headers.get('ETag')])
    expect(again.body).toEqual(before.body)
  })

  it('is reopened by the creator or an ADMIN, not by the assignee', async () => {
    const { id } = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] })
    await takeStep(world.noa, id, 'COMPLETED')
    for (const to of ['IN_PROGRESS', 'NOT_STARTED']) {
      const reply = await call(world.noa, 'POST', `${ACTIONS}/${id}/transitions`, { body: { to } })
      expect([reply.status, codeOf(reply)]).toEqual([403, 'FORBIDDEN'])
    }
    expect((await takeStep(world.ana, id, 'IN_PROGRESS', world.noa.id)).body.status).toBe('IN_PROGRESS')
    await takeStep(world.noa, id, 'CANCELLED')
    expect((await takeStep(world.marc, id, 'NOT_STARTED', world.noa.id)).body.status).toBe('NOT_STARTED')
  })
})

describe('two at once', () => {
  it('never lose one of the other, in two hundred runs', async () => {
    const { id } = await createAction(world.marc, plan.id, { assigneeIds: [world.marc.id, world.noa.id] })
    const wrong: unknown[] = []
    for (let run = 0; run < 200; run += 1) {
      const [to, other] = run % 2 === 0 ? ['COMPLETED', 'CANCELLED'] : ['IN_PROGRESS', 'NOT_STARTED']
      const replies = await Promise.all([
        takeStep(world.marc, id, to),
        // noa may not reopen herself.
        takeStep(run % 2 === 0 ? world.noa : world.ana, id, other, world.noa.id),
      ])
      const { body } = await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${id}`)
      const states = body.assignees.map(({ status }) => status)
      const expected = run % 2 === 0 ? 'COMPLETED' : 'IN_PROGRESS'
      const right =
        replies.every(({ status }) => status === 200) &&
        [states[0], states[1], body.status].join() === [to, other, expected].join()
      if (!right) wrong.push([run, replies.map(({ status }) => status), states, body.status])
    }
    expect(wrong).toEqual([])
  })

  it('of one and the same assignee: one after the other, never both from the first state', async () => {
    for (let run = 0; run < 20; run += 1) {
      const { id } = await createAction(world.marc, plan.id)
      const replies = await Promise.all([
        takeStep(world.marc, id, 'COMPLETED'),
        takeStep(world.marc, id, 'CANCELLED'),
      ])
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
    }
  })
})
