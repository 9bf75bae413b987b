/**
 * The life of an action, pure: how its status follows from its assignees' states and from the clock, and which steps
 * are possible. Times are Unix milliseconds.
 */
import type { Status, Step } from '../db/enums.ts'

export interface AssigneeState {
  userId: string
  status: Status
  startedAt: number | null
  finishedAt: number | null
}

/** The members of an action from which its status follows. */
export interface Life<A extends AssigneeState = AssigneeState> {
  dueDate: number | null
  assignees: readonly A[]
}

export interface Derived {
  status: Status
  /** Percentage of the assignees that are COMPLETED, rounded down. */
  completionPercent: number
  startedAt: number | null
  finishedAt: number | null
}

export const TERMINAL_STATUSES = ['COMPLETED', 'CANCELLED', 'EXPIRED'] as const satisfies readonly Status[]
const TERMINAL: ReadonlySet<Status> = new Set(TERMINAL_STATUSES)

function isTerminal(status: Status): boolean {
  return TERMINAL.has(status)
}

/** The status that follows from the assignees' states alone, without regard to the clock. */
export function derive(assignees: readonly AssigneeState[]): Derived {
  const started = assignees.map(({ startedAt }) => startedAt).filter((time) => time !== null)
  const finished = assignees.map(({ finishedAt }) => finishedAt).filter((time) => time !== null)
  const allTerminal = assignees.length > 0 && assignees.every(({ status }) => isTerminal(status))
  const completed = assignees.filter(({ status }) => status === 'COMPLETED').length
  return {
    status: statusOf(assignees, allTerminal, started.length > 0),
    completionPercent: assignees.length === 0 ? 0 : Math.floor((completed * 100) / assignees.length),
    startedAt: started.length > 0 ? Math.min(...started) : null,
    finishedAt: allTerminal && finished.length > 0 ? Math.max(...finished) : null,
  }
}

function statusOf(assignees: readonly AssigneeState[], allTerminal: boolean, anyStarted: boolean): Status {
  if (!allTerminal) return anyStarted ? 'IN_PROGRESS' : 'NOT_STARTED'
  if (assignees.every(({ status }) => status === 'CANCELLED')) return 'CANCELLED'
  return assignees.some(({ status }) => status === 'EXPIRED') ? 'EXPIRED' : 'COMPLETED'
}

/** Whether the action has expired: it is in progress, was started before its due date, and the due date has passed. */
function isExpiredBy(now: number, { dueDate, assignees }: Life): boolean {
  if (dueDate === null || dueDate > now) return false
  const { status, startedAt } = derive(assignees)
  return status === 'IN_PROGRESS' && startedAt !== null && startedAt < dueDate
}

/**
 * The assignees' states at `now`. If the action has expired, those that are not terminal are EXPIRED since the due
 * date.
 */
export function asOf<A extends AssigneeState>(now: number, life: Life<A>): readonly A[] {
  if (!isExpiredBy(now, life)) return life.assignees
  return life.assignees.map((assignee) =>
    isTerminal(assignee.status) ? assignee : { ...assignee, status: 'EXPIRED', finishedAt: life.dueDate },
  )
}

/** An action's life as of `now`. Overdue: past its due date and neither completed nor cancelled. */
export function stateAt<A extends AssigneeState>(now: number, life: Life<A>) {
  const assignees = asOf(now, life)
  const derived = derive(assignees)
  const isDone = derived.status === 'COMPLETED' || derived.status === 'CANCELLED'
  return { assignees, ...derived, overdue: life.dueDate !== null && life.dueDate <= now && !isDone }
}

/** The steps that are possible from each status. A step that leaves a terminal status reopens the work. */
const STEPS_FROM: Record<Status, readonly Step[]> = {
  NOT_STARTED: ['IN_PROGRESS', 'COMPLETED', 'CANCELLED'],
  IN_PROGRESS: ['COMPLETED', 'CANCELLED'],
  COMPLETED: ['IN_PROGRESS', 'NOT_STARTED'],
  CANCELLED: ['IN_PROGRESS', 'NOT_STARTED'],
  EXPIRED: ['IN_PROGRESS', 'NOT_STARTED'],
}

/** Whether the step leaves a terminal status, which only some people may do. */
export function isReopening(from: Status, to: Step): boolean {
  return isTerminal(from) && STEPS_FROM[from].includes(to)
}

/** The assignee after the step. Whether the step is legal is not checked here. */
function stepped<A extends AssigneeState>(assignee: A, to: Step, now: number): A {
  const startedAt =
    to === 'NOT_STARTED' ? null : to === 'CANCELLED' ? assignee.startedAt : (assignee.startedAt ?? now)
  return { ...assignee, status: to, startedAt, finishedAt: isTerminal(to) ? now : null }
}

function afterStep<A extends AssigneeState>(
  life: Life<A>,
  userId: string,
  to: Step,
  now: number,
): readonly A[] {
  return life.assignees.map((assignee) =>
    assignee.userId === userId ? stepped(assignee, to, now) : assignee,
  )
}

/**
 * The steps that are possible for an assignee at `now`. An expired one needs a due date that lies ahead or is cleared
 * first, and no step may lead to a state that the clock would expire at once.
 */
export function legalSteps(life: Life, userId: string, now: number): readonly Step[] {
  const from = life.assignees.find((assignee) => assignee.userId === userId)?.status
  if (from === undefined) return []
  const dueIsPast = life.dueDate !== null && life.dueDate <= now
  if (from === 'EXPIRED' && dueIsPast) return []
  return STEPS_FROM[from].filter(
    (to) => !isExpiredBy(now, { dueDate: life.dueDate, assignees: afterStep(life, userId, to, now) }),
  )
}

/** All assignees after the step; null if the step is not legal. `life` must be as of `now` (see `asOf`). */
export function takeStep<A extends AssigneeState>(
  life: Life<A>,
  userId: string,
  to: Step,
  now: number,
): readonly A[] | null {
  return legalSteps(life, userId, now).includes(to) ? afterStep(life, userId, to, now) : null
}
