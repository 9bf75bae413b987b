import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  PLANS,
  type Reply,
  type Slice,
  tagOf,
  takeStep,
} from '../support/api.ts'
import { sweep } from '../support/clock.ts'
import { insertActions } from '../support/factories.ts'
import { inBetween } from '../support/race.ts'
import { createPerson, createWorld, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

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

async function patch(body: object): Promise<Reply<ActionView>> {
  return call<ActionView>(world.marc, 'PATCH', `${ACTIONS}/${late.id}`, { body })
}

function statesOf({ assignees }: ActionView): string[] {
  return assignees.map(({ status }) => status)
}

async function storedStatus(): Promise<unknown> {
  return home.prepare('SELECT status FROM actions WHERE id = ?').bind(late.id).first('status')
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

describe('an action that was started before its due date', () => {
  it('is in progress up to the last millisecond before that', async () => {
    vi.setSystemTime(due - 1)
    expect((await read()).body).toMatchObject({ status: 'IN_PROGRESS', overdue: false, finishedAt: null })
  })

  it('is expired from then on, with its assignees who are not done', async () => {
    vi.setSystemTime(due)
    const { body } = await read()
    expect(body).toMatchObject({
      ...{ status: 'EXPIRED', overdue: true, finishedAt: late.dueDate, completionPercent: 33 },
    })
    expect(body.assignees.map(({ status, finishedAt }) => [status, finishedAt])).toEqual([
      ['EXPIRED', late.dueDate],
      ['EXPIRED', late.dueDate],
      ['COMPLETED', body.assignees[2]?.finishedAt],
    ])
    expect(body.assignees[1]?.startedAt).toBeNull()
  })

  it('is expired in every filter and list, before the clean-up and after it', async () => {
    const countsOf = async (status: string) => {
      const actions = await call<Slice<ActionView>>(world.marc, 'GET', `${ACTIONS}?status=${status}`)
      const plans = await call<Slice<PlanView>>(world.marc, 'GET', `${PLANS}?status=${status}`)
      return [actions.body.total, plans.body.total, plans.body.result[0]?.actions.length ?? 0]
    }
    const counts = async () => [await countsOf('IN_PROGRESS'), await countsOf('EXPIRED')]
    const [all, none] = [
      [1, 1, 1],
      [0, 0, 0],
    ]
    expect(await counts()).toEqual([all, none])
    vi.setSystemTime(due)
    expect(await counts()).toEqual([none, all])
    await sweep()
    expect(await counts()).toEqual([none, all])
  })
})

describe('an action that was started on its due date or later', () => {
  it('stays in progress and overdue until it is completed', async () => {
    const action = await createAction(world.noa, plan.id, { dueDate: late.dueDate })
    vi.setSystemTime(due)
    const overdue = { status: 'IN_PROGRESS', overdue: true, finishedAt: null }
    expect((await takeStep(world.noa, action.id, 'IN_PROGRESS')).body).toMatchObject(overdue)
    vi.setSystemTime(due + 600_000)
    await sweep()
    const { body } = await call<ActionView>(world.noa, 'GET', `${ACTIONS}/${action.id}`)
    expect(body).toMatchObject(overdue)
    const completed = (await takeStep(world.noa, action.id, 'COMPLETED')).body
    expect(completed).toMatchObject({ status: 'COMPLETED', overdue: false })
  })
})

describe('an action that was never started', () => {
  it('becomes overdue, not expired', async () => {
    const action = await createAction(world.noa, plan.id, { dueDate: late.dueDate })
    vi.setSystemTime(due)
    const { body } = await call(world.noa, 'GET', `${ACTIONS}/${action.id}`)
    expect(body).toMatchObject({ status: 'NOT_STARTED', overdue: true })
  })
})

describe('the clean-up of expiries', () => {
  it('stores them, and no body, updatedAt or ETag changes', async () => {
    vi.setSystemTime(due + 5_000)
    const before = await everything()
    expect(await storedStatus()).toBe('IN_PROGRESS')
    await sweep()
    expect(await storedStatus()).toBe('EXPIRED')
    expect(await everything()).toEqual(before)
    await sweep()
    expect(await everything()).toEqual(before)
  })

  it('stores 450 of them though it runs twice at once, and leaves alone what has not expired', async () => {
    const running = await createAction(world.marc, plan.id)
    await takeStep(world.marc, running.id, 'IN_PROGRESS')
    const marcs = { userId: world.marc.id, status: 'IN_PROGRESS', startedAt: 5 } as const
    await insertActions(
      Array.from({ length: 450 }, (_, index) => ({ plan, dueDate: due - index - 1, assignees: [marcs] })),
    )
    vi.setSystemTime(due)
    const before = await everything()
    await Promise.all([sweep(), sweep()])
    await sweep()
    const { results } = await home
      .prepare('SELECT status, count(*) AS number FROM actions WHERE plan_id = ? GROUP BY status')
      .bind(plan.id)
      .all()
    expect(results).toEqual([
      { status: 'EXPIRED', number: 451 },
      { status: 'IN_PROGRESS', number: 1 },
    ])
    expect(await everything()).toEqual(before)
  })
})

describe.each([false, true])(
  'a write to an action that has expired (stored by the clean-up: %s)',
  (isStored) => {
    beforeEach(async () => {
      vi.setSystemTime(due + 5_000)
      if (isStored) await sweep()
    })

    it('stores the expiry with the change', async () => {
      const expired = (await read()).body
      const { body } = await patch({ dueDate: new Date(due + 3_600_000).toISOString() })
      expect(body).toMatchObject({ status: 'EXPIRED', overdue: false, finishedAt: late.dueDate })
      expect(body.assignees).toEqual(expired.assignees)
      expect(await storedStatus()).toBe('EXPIRED')
    })

    it.each(['IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NOT_STARTED'])(
      'is no step to %s while the due date lies behind: 409 with no legal step',
      async (to) => {
        const refused = await call(world.marc, 'POST', `${ACTIONS}/${late.id}/transitions`, { body: { to } })
        const { status, body } = refused
        expect([status, codeOf(refused), body.legalTransitions]).toEqual([409, 'ILLEGAL_TRANSITION', []])
      },
    )

    it('reopens an assignee once the due date is cleared', async () => {
      await patch({ clearDueDate: true })
      const { body } = await takeStep(world.marc, late.id, 'IN_PROGRESS', world.noa.id)
      expect(statesOf(body)).toEqual(['EXPIRED', 'IN_PROGRESS', 'COMPLETED'])
      expect([body.status, body.finishedAt, body.assignees[1]?.finishedAt]).toEqual([
        'IN_PROGRESS',
        null,
        null,
      ])
      expect((await takeStep(world.noa, late.id, 'COMPLETED')).body.status).toBe('EXPIRED')
      const anew = await takeStep(world.ana, late.id, 'NOT_STARTED', world.marc.id)
      expect([anew.body.status, anew.body.assignees[0]?.startedAt]).toEqual(['IN_PROGRESS', null])
    })
  },
)

describe('an action that has expired', () => {
  it('is reopened by no assignee', async () => {
    vi.setSystemTime(due + 5_000)
    await patch({ clearDueDate: true })
    expect((await takeStep(world.noa, late.id, 'IN_PROGRESS')).status).toBe(403)
  })

  it('is changed although the clean-up comes between decision and write', async () => {
    vi.setSystemTime(due + 5_000)
    inBetween(sweep)
    const { status, body } = await patch({ title: 'Renamed' })
    expect([status, body.status]).toEqual([200, 'EXPIRED'])
    expect((await read()).body).toEqual(body)
  })

  it('stays so for a step that began in time, when the clean-up stored the expiry first', async () => {
    vi.setSystemTime(due - 1)
    inBetween(async () => {
      vi.setSystemTime(due)
      await sweep()
    })
    expect((await takeStep(world.marc, late.id, 'COMPLETED')).status).toBe(409)
    expect(statesOf((await read()).body)).toEqual(['EXPIRED', 'EXPIRED', 'COMPLETED'])
  })

  it.each([
    ['a later due date', ['EXPIRED', 'EXPIRED', 'COMPLETED'], {}],
    ['a later due date and other assignees', ['EXPIRED', 'EXPIRED', 'NOT_STARTED'], { withNew: true }],
  ] as const)(
    'stays so for a conditional change to %s that was decided in time, when the clean-up stored the expiry first',
    async (_change, states, { withNew = false }: { withNew?: boolean }) => {
      vi.setSystemTime(due - 1)
      const tag = await tagOf(world.marc, `${ACTIONS}/${late.id}`)
      const newcomer = await createPerson(world.companyId, 'MANAGER')
      inBetween(async () => {
        vi.setSystemTime(due)
        await sweep()
      })
      const assigneeIds = [world.marc.id, world.noa.id, newcomer.id]
      const change = { dueDate: new Date(due + 60_000).toISOString(), ...(withNew ? { assigneeIds } : {}) }
      const path = `${ACTIONS}/${late.id}`
      const headers = { 'If-Match': tag }
      // It changed while the request was under way: the tag no longer names it.
      expect((await call(world.marc, 'PATCH', path, { body: change, headers })).status).toBe(412)
      const again = await patch(change)
      expect([again.status, statesOf(again.body)]).toEqual([200, states])
      expect((await read()).body).toEqual(again.body)
      expect(await storedStatus()).toBe(again.body.status)
    },
  )
})
