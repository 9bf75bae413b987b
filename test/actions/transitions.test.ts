import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
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

/** Marc's own action in that state; EXPIRED once its due date has passed. */
async function actionIn(state: string): Promise<ActionView> {
  const dueDate = state === 'EXPIRED' ? new Date(Date.now() + 60_000).toISOString() : null
  const action = await createAction(world.marc, plan.id, { dueDate })
  if (state === 'NOT_STARTED') return action
  const step = state === 'EXPIRED' ? 'IN_PROGRESS' : state
  expect((await takeStep(world.marc, action.id, step)).status).toBe(200)
  if (state === 'EXPIRED') vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  return action
}

const stepsOf = ({ id }: ActionView) => `${ACTIONS}/${id}/transitions`

async function read({ id }: ActionView): Promise<ActionView> {
  return (await call<ActionView>(world.marc, 'GET', `${ACTIONS}/${id}`)).body
}

const STEPS = ['NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED']
/** The steps that lead on from each state; to stay where one is is possible from each but EXPIRED. */
const LEGAL: Record<string, string[]> = {
  NOT_STARTED: ['IN_PROGRESS', 'COMPLETED', 'CANCELLED'],
  IN_PROGRESS: ['COMPLETED', 'CANCELLED'],
  COMPLETED: ['IN_PROGRESS', 'NOT_STARTED'],
  CANCELLED: ['IN_PROGRESS', 'NOT_STARTED'],
  EXPIRED: [],
}
const PAIRS = Object.entries(LEGAL).flatMap(([from, legal]) =>
  STEPS.map((to): [string, string, string[]] => [from, to, legal]),
)
const isPossible = ([from, to, legal]: [string, string, string[]]) => from === to || legal.includes(to)

describe('a step of the creator', () => {
  it.each(PAIRS.filter(isPossible))('leads from %s to %s', async (from, to) => {
    const action = await actionIn(from)
    const reply = await takeStep(world.marc, action.id, to)
    expect([reply.status, reply.body.status]).toEqual([200, to])
  })

  it.each(PAIRS.filter((pair) => !isPossible(pair)))(
    'does not lead from %s to %s: 409 names the legal ones, %j',
    async (from, to, legal) => {
      const action = await actionIn(from)
      const { status, body } = await call(world.marc, 'POST', stepsOf(action), { body: { to } })
      expect(status).toBe(409)
      expect(body).toMatchObject({ code: 'ILLEGAL_TRANSITION', legalTransitions: legal })
      for (const step of legal) expect(body.detail).toContain(step)
      expect((await read(action)).status).toBe(from)
    },
  )

  it.each([
    [{}, 'to'],
    [{ to: 'EXPIRED' }, 'to'],
    [{ to: 'DONE' }, 'to'],
    [{ to: 'COMPLETED', assigneeId: 'x' }, 'assigneeId'],
    [{ to: 'COMPLETED', assigneeId: '0'.repeat(24) }, 'assigneeId'],
  ])('is refused with %j: 400 at %s', async (body, path) => {
    const action = await actionIn('NOT_STARTED')
    const reply = await call(world.marc, 'POST', stepsOf(action), { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, [path]])
  })

  it('to the state that is there changes nothing', async () => {
    const action = await actionIn('COMPLETED')
    const before = await call(world.marc, 'GET', `${ACTIONS}/${action.id}`)
    const again = await takeStep(world.marc, action.id, 'COMPLETED')
    expect([again.status, again.headers.get('ETag')]).toEqual([200, before.headers.get('ETag')])
    expect(again.body).toEqual(before.body)
  })
})

describe('the dates of an action', () => {
  it('are both set by completing what had not started', async () => {
    const action = await createAction(world.marc, plan.id)
    const before = Date.now()
    const { body } = await takeStep(world.marc, action.id, 'COMPLETED')
    expect(body.startedAt).toBe(body.finishedAt)
    expect(body.assignees[0]).toMatchObject({ startedAt: body.startedAt, finishedAt: body.finishedAt })
    expect(Date.parse(body.startedAt ?? '')).toBeGreaterThanOrEqual(before)
    expect(body.updatedAt).toBe(body.startedAt)
  })

  it('lose the end when it is reopened, and keep the start', async () => {
    const action = await actionIn('COMPLETED')
    const resumed = await takeStep(world.marc, action.id, 'IN_PROGRESS')
    expect([resumed.body.startedAt === null, resumed.body.finishedAt]).toEqual([false, null])
    const done = await takeStep(world.marc, action.id, 'COMPLETED')
    expect(done.body.startedAt).toBe(resumed.body.startedAt)
  })

  it('are both cleared by NOT_STARTED', async () => {
    const action = await actionIn('COMPLETED')
    const { body } = await takeStep(world.marc, action.id, 'NOT_STARTED')
    expect([body.startedAt, body.finishedAt, body.status]).toEqual([null, null, 'NOT_STARTED'])
  })

  it('have no start when what never started is cancelled', async () => {
    const { body } = await takeStep(world.marc, (await createAction(world.marc, plan.id)).id, 'CANCELLED')
    expect([body.startedAt, body.finishedAt === null, body.status]).toEqual([null, false, 'CANCELLED'])
  })
})

describe('the status of an action', () => {
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
  ])('of assignees %s, %s and %s is %s, %i percent done', async (marc, noa, ana, status, percent) => {
    const assigneeIds = [world.marc.id, world.noa.id, world.ana.id]
    const action = await createAction(world.marc, plan.id, { assigneeIds })
    await takeStep(world.marc, action.id, marc)
    await takeStep(world.noa, action.id, noa)
    const { body } = await takeStep(world.ana, action.id, ana)
    expect([body.status, body.completionPercent]).toEqual([status, percent])
    expect(body.finishedAt === null).toBe(!['COMPLETED', 'CANCELLED'].includes(status))
    expect(await read(action)).toEqual(body)
  })
})

describe('the step of an action that noa alone is assigned to', () => {
  let id: string

  beforeEach(async () => {
    ;({ id } = await createAction(world.marc, plan.id, { assigneeIds: [world.noa.id] }))
  })

  it('is hers if she names nobody', async () => {
    expect((await takeStep(world.noa, id, 'COMPLETED')).body.status).toBe('COMPLETED')
  })

  it('is nobody’s if somebody else names nobody: 409', async () => {
    const reply = await takeStep(world.ana, id, 'COMPLETED')
    expect([reply.status, codeOf(reply)]).toEqual([409, 'NOT_AN_ASSIGNEE'])
  })

  it('is refused with 409 for somebody who is not assigned', async () => {
    expect((await takeStep(world.ana, id, 'COMPLETED', world.marc.id)).status).toBe(409)
  })

  it.each(['IN_PROGRESS', 'NOT_STARTED'])('does not reopen it to %s by her: 403', async (to) => {
    await takeStep(world.noa, id, 'COMPLETED')
    const reply = await takeStep(world.noa, id, to)
    expect([reply.status, codeOf(reply)]).toEqual([403, 'FORBIDDEN'])
  })

  it.each([
    ['an ADMIN', 'ana', 'COMPLETED', 'IN_PROGRESS'],
    ['the creator', 'marc', 'CANCELLED', 'NOT_STARTED'],
  ] as const)('reopens it by %s (%s), from %s to %s', async (_, name, from, to) => {
    await takeStep(world.noa, id, from)
    expect((await takeStep(world[name], id, to, world.noa.id)).body.status).toBe(to)
  })
})

describe('two steps at once', () => {
  it('of two assignees are both taken, in two hundred runs', async () => {
    const action = await createAction(world.marc, plan.id, { assigneeIds: [world.marc.id, world.noa.id] })
    const wrong: unknown[] = []
    for (let run = 0; run < 200; run += 1) {
      const [to, other, expected] =
        run % 2 === 0
          ? ['COMPLETED', 'CANCELLED', 'COMPLETED']
          : ['IN_PROGRESS', 'NOT_STARTED', 'IN_PROGRESS']
      const replies = await Promise.all([
        takeStep(world.marc, action.id, to),
        // Every other run reopens, which noa may not.
        takeStep(run % 2 === 0 ? world.noa : world.ana, action.id, other, world.noa.id),
      ])
      const body = await read(action)
      const found = [...replies, ...body.assignees, body].map(({ status }) => status)
      if (found.join() !== [200, 200, to, other, expected].join()) wrong.push([run, found])
    }
    expect(wrong).toEqual([])
  })

  it('of one assignee are taken one after the other, never both from the first state', async () => {
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
