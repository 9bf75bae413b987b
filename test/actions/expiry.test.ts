import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import worker from '../../src/index.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  PLANS,
  type Reply,
  type Slice,
  takeStep,
} from '../support/api.ts'
import { insertActions } from '../support/factories.ts'
import { inBetween } from '../support/race.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let plan: PlanView
/** Started before its due date by marc; noa has not begun, ana was done in time. */
let late: ActionView
/** When it is due. */
let due: number

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  world = await createWorld()
  plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  due = Date.now() + 60_000
  late = await createAction(world.marc, plan.id, {
    dueDate: new Date(due).toISOString(),
    assigneeIds: [world.marc.id, world.noa.id, world.ana.id],
  })
  await takeStep(world.ana, late.id, 'COMPLETED')
  await takeStep(world.marc, late.id, 'IN_PROGRESS')
})

async function read(): Promise<Reply<ActionView>> {
  return call<ActionView>(world.marc, 'GET', `${ACTIONS}/${late.id}`)
}

async function cleanUp(): Promise<void> {
  await worker.scheduled(createScheduledController(), env)
}

async function storedStatus(id = late.id): Promise<unknown> {
  return env.DB.prepare('SELECT status FROM actions WHERE id = ?').bind(id).first('status')
}

/** Everything that shows the action, bodies and tags. */
async function everything(): Promise<unknown[]> {
  const paths = [
    `${ACTIONS}/${late.id}`,
    `${PLANS}/${plan.id}`,
    ACTIONS,
    ...['EXPIRED', 'IN_PROGRESS', 'NOT_STARTED', 'COMPLETED'].flatMap((status) => [
      `${ACTIONS}?status=${status}`,
      `${PLANS}?status=${status}`,
      `${ACTIONS}?planId=${plan.id}&status=${status}`,
    ]),
  ]
  const replies = await Promise.all(paths.map((path) => call(world.marc, 'GET', path)))
  return replies.map(({ status, text, headers }) => [status, text, headers.get('ETag')])
}

describe('what was started before its due date', () => {
  it('is in progress up to the last millisecond, and expired from then on, with those not done', async () => {
    vi.setSystemTime(due - 1)
    expect((await read()).body).toMatchObject({ status: 'IN_PROGRESS', overdue: false, finishedAt: null })
    vi.setSystemTime(due)
    const { body } = await read()
    expect(body).toMatchObject({
      status: 'EXPIRED',
      overdue: true,
      finishedAt: late.dueDate,
      completionPercent: 33,
    })
    expect(body.assignees.map(({ status, finishedAt }) => [status, finishedAt])).toEqual([
      ['EXPIRED', late.dueDate],
      ['EXPIRED', late.dueDate],
      ['COMPLETED', body.assignees[2]?.finishedAt],
    ])
    expect(body.assignees[1]?.startedAt).toBeNull()
  })

  it('is so in every filter, list and percentage', async () => {
    const counts = async () =>
      Promise.all(
        ['IN_PROGRESS', 'EXPIRED'].map(async (status) => {
          const [actions, plans] = await Promise.all([
            call<Slice<ActionView>>(world.marc, 'GET', `${ACTIONS}?status=${status}`),
            call<Slice<PlanView>>(world.marc, 'GET', `${PLANS}?status=${status}`),
          ])
          return [actions.body.total, plans.body.total, plans.body.result[0]?.actions.length ?? 0]
        }),
      )
    expect(await counts()).toEqual([
      [1, 1, 1],
      [0, 0, 0],
    ])
    vi.setSystemTime(due)
    expect(await counts()).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
    await cleanUp()
    expect(await counts()).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
  })
})

describe('the clean-up', () => {
  it('stores it and nobody sees a difference: bodies, updatedAt, ETags', async () => {
    vi.setSystemTime(due + 5_000)
    const before = await everything()
    expect(await storedStatus()).toBe('IN_PROGRESS')
    await cleanUp()
    expect(await storedStatus()).toBe('EXPIRED')
    expect(await everything()).toEqual(before)
    await cleanUp()
    expect(await everything()).toEqual(before)
  })

  it('may run twice at once, in portions, and leaves alone what has not expired', async () => {
    const running = await createAction(world.marc, plan.id)
    await takeStep(world.marc, running.id, 'IN_PROGRESS')
    const marcs = { userId: world.marc.id, status: 'IN_PROGRESS', startedAt: 5 } as const
    await insertActions(
      Array.from({ length: 450 }, (_, index) => ({ plan, dueDate: due - index - 1, assignees: [marcs] })),
    )
    vi.setSystemTime(due)
    const before = await everything()
    await Promise.all([cleanUp(), cleanUp()])
    await cleanUp()
    const { results } = await env.DB.prepare(
      'SELECT status, count(*) AS n FROM actions WHERE plan_id = ? GROUP BY 1',
    )
      .bind(plan.id)
      .all()
    expect(results).toEqual([
      { status: 'EXPIRED', n: 451 },
      { status: 'IN_PROGRESS', n: 1 },
    ])
    expect(await everything()).toEqual(before)
  })
})

describe('a write to an expired action', () => {
  it.each([false, true])('first stores the expiry (clean-up before: %s)', async (cleaned) => {
    vi.setSystemTime(due + 5_000)
    if (cleaned) await cleanUp()
    const expired = (await read()).body
    const { body } = await call<ActionView>(world.marc, 'PATCH', `${ACTIONS}/${late.id}`, {
      body: { dueDate: new Date(due + 3_600_000).toISOString() },
    })
    expect(body).toMatchObject({ status: 'EXPIRED', overdue: false, finishedAt: late.dueDate })
    expect(body.assignees).toEqual(expired.assignees)
    expect(await storedStatus()).toBe('EXPIRED')
  })

  it.each([false, true])(
    'reopens only once the due date lies ahead or is cleared (clean-up before: %s)',
    async (cleaned) => {
      vi.setSystemTime(due + 5_000)
      if (cleaned) await cleanUp()
      const refused = await call(world.marc, 'POST', `${ACTIONS}/${late.id}/transitions`, {
        body: { to: 'IN_PROGRESS' },
      })
      expect([refused.status, codeOf(refused), refused.body.legalTransitions]).toEqual([
        409,
        'ILLEGAL_TRANSITION',
        [],
      ])
      for (const to of ['COMPLETED', 'CANCELLED', 'NOT_STARTED']) {
        expect((await takeStep(world.marc, late.id, to)).status, to).toBe(409)
      }
      await call(world.marc, 'PATCH', `${ACTIONS}/${late.id}`, { body: { clearDueDate: true } })
      const { body } = await takeStep(world.marc, late.id, 'IN_PROGRESS', world.noa.id)
      expect(body.assignees.map(({ status }) => status)).toEqual(['EXPIRED', 'IN_PROGRESS', 'COMPLETED'])
      expect([body.status, body.finishedAt, body.assignees[1]?.finishedAt]).toEqual([
        'IN_PROGRESS',
        null,
        null,
      ])
      expect((await takeStep(world.noa, late.id, 'COMPLETED')).body.status).toBe('EXPIRED')
      const anew = await takeStep(world.ana, late.id, 'NOT_STARTED', world.marc.id)
      expect([anew.body.status, anew.body.assignees[0]?.startedAt]).toEqual(['IN_PROGRESS', null])
    },
  )

  it('lets no assignee reopen it', async () => {
    vi.setSystemTime(due + 5_000)
    await call(world.marc, 'PATCH', `${ACTIONS}/${late.id}`, { body: { clearDueDate: true } })
    expect((await takeStep(world.noa, late.id, 'IN_PROGRESS')).status).toBe(403)
  })

  it('is decided again when the clean-up comes in between', async () => {
    vi.setSystemTime(due + 5_000)
    inBetween(cleanUp)
    const patch = await call<ActionView>(world.marc, 'PATCH', `${ACTIONS}/${late.id}`, {
      body: { title: 'Renamed' },
    })
    expect([patch.status, patch.body.status]).toEqual([200, 'EXPIRED'])
    expect((await read()).body).toEqual(patch.body)
  })
})

it('a step that began in time does not undo an expiry that was stored meanwhile', async () => {
  vi.setSystemTime(due - 1)
  inBetween(async () => {
    vi.setSystemTime(due)
    await cleanUp()
  })
  expect((await takeStep(world.marc, late.id, 'COMPLETED')).status).toBe(409)
  expect((await read()).body.assignees.map(({ status }) => status)).toEqual([
    'EXPIRED',
    'EXPIRED',
    'COMPLETED',
  ])
})

it('what is started on its due date or after it stays in progress and overdue', async () => {
  const action = await createAction(world.noa, plan.id, { dueDate: late.dueDate })
  vi.setSystemTime(due)
  expect((await takeStep(world.noa, action.id, 'IN_PROGRESS')).body).toMatchObject({
    status: 'IN_PROGRESS',
    overdue: true,
  })
  vi.setSystemTime(due + 600_000)
  await cleanUp()
  const { body } = await call<ActionView>(world.noa, 'GET', `${ACTIONS}/${action.id}`)
  expect(body).toMatchObject({ status: 'IN_PROGRESS', overdue: true, finishedAt: null })
  expect((await takeStep(world.noa, action.id, 'COMPLETED')).body).toMatchObject({
    status: 'COMPLETED',
    overdue: false,
  })
})

it('what never started is overdue, not expired', async () => {
  const action = await createAction(world.noa, plan.id, { dueDate: late.dueDate })
  vi.setSystemTime(due)
  const { body } = await call(world.noa, 'GET', `${ACTIONS}/${action.id}`)
  expect(body).toMatchObject({ status: 'NOT_STARTED', overdue: true })
})
