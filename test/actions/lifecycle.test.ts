import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patched, transitioned } from '../../src/actions/change.ts'
import { asOf, derive } from '../../src/actions/lifecycle.ts'
import type { StoredAction } from '../../src/actions/store.ts'
import { viewAction } from '../../src/actions/view.ts'
import { STATUSES, type Step, STEPS } from '../../src/db/enums.ts'
import { Problem } from '../../src/platform/problem.ts'
import { toIso } from '../../src/platform/time.ts'
import { event, type EventOf } from '../support/event.ts'
import { NaiveAction, type Reading } from './naive-lifecycle.ts'

const USERS = ['ada', 'bob', 'cyd']
const START = 100

const userId = fc.constantFrom(...USERS)
const userIds = fc.shuffledSubarray(USERS, { minLength: 1 })
const anyEvent = fc.oneof(
  event(3, 'wait', { ticks: fc.integer({ min: 1, max: 8 }) }),
  event(6, 'step', { userId, to: fc.constantFrom(...STEPS) }),
  event(2, 'due', { at: fc.option(fc.integer({ min: START - 5, max: START + 40 })) }),
  event(1, 'assign', { userIds }),
  event(1, 'clean up', {}),
)
type Event = EventOf<typeof anyEvent>

const history = fc.record({
  first: userIds,
  due: fc.option(fc.integer({ min: START, max: START + 20 })),
  events: fc.array(anyEvent, { maxLength: 25 }),
})

const creator = { id: 'ada', role: 'MANAGER' as const }
const assignee = (userId: string) => ({
  ...{ userId, name: userId, active: true },
  ...{ status: 'NOT_STARTED' as const, startedAt: null, finishedAt: null },
})

function storedAction(userIds: readonly string[], dueDate: number | null): StoredAction {
  return {
    ...{ id: 'a', companyId: 'c', planId: 'p', title: 't', description: '', visibility: null },
    ...{
      actionType: 'MANAGER',
      origin: 'MANUAL',
      focusItems: [],
      hierarchyIds: [],
      noteCount: 0,
      noteBytes: 0,
      contentBytes: 0,
    },
    ...{
      plan: { visibility: 'PUBLIC', createdBy: 'ada', contentBytes: 0, noteBytes: 0 },
      createdBy: 'ada',
      createdAt: START,
      updatedAt: START,
    },
    ...{ rowVersion: 1, treeRevision: 1, dueDate, assignees: userIds.map(assignee) },
  }
}

/** What the clean-up stores: the expiry that reads compute, and nothing else. */
function cleanedUp(action: StoredAction, now: number): StoredAction {
  return { ...action, assignees: [...asOf(now, action)] }
}

function withDue(action: StoredAction, at: number | null, now: number): StoredAction {
  const nothing = { users: [], hierarchies: [], plan: undefined }
  const patch = at === null ? { clearDueDate: true } : { dueDate: toIso(at) }
  return patched(action, patch, nothing, { now, timeZone: 'UTC' })
}

function assigned(action: StoredAction, assigneeIds: string[], now: number): StoredAction {
  const users = USERS.map((id) => ({ id, name: id, isAssignable: true }))
  const found = { users, hierarchies: [], plan: undefined }
  return patched(action, { assigneeIds }, found, { now, timeZone: 'UTC' })
}

/** The action after the step, or the steps that the refusal calls legal. */
function stepped(
  action: StoredAction,
  to: Step,
  userId: string,
  now: number,
): StoredAction | readonly Step[] {
  try {
    return transitioned(creator, action, to, userId, now)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'ILLEGAL_TRANSITION') throw error
    return error.options.extra?.legalTransitions as Step[]
  }
}

function readingOf(action: StoredAction, now: number): Reading {
  const { status, completionPercent, overdue, startedAt, finishedAt, assignees } = viewAction(action, now)
  const time = (text: string | null) => (text === null ? null : Date.parse(text))
  return {
    ...{ status, completionPercent, overdue, startedAt: time(startedAt), finishedAt: time(finishedAt) },
    assignees: assignees.map((one) => ({
      ...{ userId: one.userId, status: one.status },
      ...{ startedAt: time(one.startedAt), finishedAt: time(one.finishedAt) },
    })),
  }
}

/** Plays a history to the naive model and to the real one, `look`ing at both after every event. */
function play(
  { first, due, events }: { first: string[]; due: number | null; events: Event[] },
  look: (naive: NaiveAction, real: StoredAction, now: number) => void,
  cleansUp = true,
): StoredAction {
  let now = START
  const naive = new NaiveAction(first, due, now)
  let real = storedAction(first, due)
  naive.setDue(due)
  look(naive, real, now)
  for (const next of events) {
    switch (next.kind) {
      case 'wait':
        now += next.ticks
        naive.tickTo(now)
        break
      case 'due':
        naive.setDue(next.at)
        real = withDue(real, next.at, now)
        break
      case 'assign':
        naive.assign(next.userIds)
        real = assigned(real, next.userIds, now)
        break
      case 'clean up':
        if (cleansUp) real = cleanedUp(real, now)
        break
      case 'step': {
        const before = naive.read().assignees.find(({ userId }) => userId === next.userId)
        if (!before) break
        const legal = naive.choices(next.userId)
        const after = stepped(real, next.to, next.userId, now)
        const allowed = before.status === next.to || naive.step(next.userId, next.to)
        expect('assignees' in after, JSON.stringify([before, next])).toBe(allowed)
        if ('assignees' in after) real = after
        else expect([...after].sort()).toEqual([...legal].sort())
      }
    }
    look(naive, real, now)
  }
  return real
}

/** Whether the dates are those that the state has, and none lies ahead. */
function isDefined(
  { status, startedAt, finishedAt }: Omit<Reading['assignees'][0], 'userId'>,
  now: number,
): boolean {
  const started = { NOT_STARTED: false, IN_PROGRESS: true, COMPLETED: true, CANCELLED: null, EXPIRED: null }[
    status
  ]
  const finished = ['COMPLETED', 'CANCELLED', 'EXPIRED'].includes(status)
  return (
    STATUSES.includes(status) &&
    (started === null || started === (startedAt !== null)) &&
    finished === (finishedAt !== null) &&
    (startedAt ?? now) <= now &&
    (finishedAt ?? now) <= now
  )
}

const RUNS = { numRuns: 3000 }

describe('an action with any history', () => {
  it('reads the same as in the naive model, and refuses the same steps naming the same legal ones', () => {
    fc.assert(
      fc.property(history, (events) => {
        play(events, (naive, real, now) => {
          expect(readingOf(real, now)).toEqual(naive.read())
        })
      }),
      RUNS,
    )
  })

  it('reaches no undefined state', () => {
    fc.assert(
      fc.property(history, (events) => {
        play(events, (_, real, now) => {
          const reading = readingOf(real, now)
          const undefinedOnes = [reading, ...reading.assignees].filter((state) => !isDefined(state, now))
          expect(undefinedOnes).toEqual([])
        })
      }),
      RUNS,
    )
  })

  it('reads the same whether or not expiries are written down on the way', () => {
    fc.assert(
      fc.property(history, (events) => {
        const readings: Record<'with' | 'without', unknown[]> = { with: [], without: [] }
        play(events, (_, real, now) => readings.with.push(viewAction(cleanedUp(real, now), now)))
        play(events, (_, real, now) => readings.without.push(viewAction(real, now)), false)
        expect(readings.with).toEqual(readings.without)
      }),
      RUNS,
    )
  })

  it('stores a status that says, with its dates, when it stands for an expiry', () => {
    fc.assert(
      fc.property(history, (events) => {
        play(events, (_, real, now) => {
          // What the column `expires_at` is made of, and filters by status look at.
          const { status, startedAt } = derive(real.assignees)
          const expires =
            status === 'IN_PROGRESS' && startedAt !== null && startedAt < (real.dueDate ?? -Infinity)
          const isExpired = expires && (real.dueDate ?? Infinity) <= now
          expect(isExpired ? 'EXPIRED' : status).toBe(readingOf(real, now).status)
        })
      }),
      RUNS,
    )
  })
})
