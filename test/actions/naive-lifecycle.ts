/**
 * A second, naive model of the life of an action: a diary for each assignee, and a clock that ticks one by one. At the
 * tick at which the action expires, the expiry is written into the diaries; statuses and dates are read from them.
 * Written from the rules in words, without any code of src/actions/lifecycle.ts.
 */

type State = 'NOT_STARTED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELLED' | 'EXPIRED'

interface Entry {
  at: number
  state: State
}

export interface Reading {
  status: State
  completionPercent: number
  overdue: boolean
  startedAt: number | null
  finishedAt: number | null
  assignees: { userId: string; status: State; startedAt: number | null; finishedAt: number | null }[]
}

const ENDS: State[] = ['COMPLETED', 'CANCELLED', 'EXPIRED']
const CHOICES: State[] = ['NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED']

export class NaiveAction {
  /** In the order of assignment. */
  private diaries = new Map<string, Entry[]>()
  private due: number | null
  private time: number

  constructor(userIds: readonly string[], due: number | null, time: number) {
    this.due = due
    this.time = time
    for (const userId of userIds) this.diaries.set(userId, [{ at: time, state: 'NOT_STARTED' }])
  }

  tickTo(time: number): void {
    while (this.time < time) {
      this.time += 1
      this.lookAtTheClock()
    }
  }

  setDue(due: number | null): void {
    this.due = due
    this.lookAtTheClock()
  }

  assign(userIds: readonly string[]): void {
    const before = this.diaries
    this.diaries = new Map(
      userIds.map((userId) => [userId, before.get(userId) ?? [{ at: this.time, state: 'NOT_STARTED' }]]),
    )
    this.lookAtTheClock()
  }

  /** Where the creator may take that assignee from here: tried out, one by one. */
  choices(userId: string): State[] {
    return CHOICES.filter((to) => {
      const trial = this.copy()
      return trial.step(userId, to)
    })
  }

  /** False, and nothing has happened, when the step is not possible. Staying where one is is no step. */
  step(userId: string, to: State): boolean {
    const diary = this.diaries.get(userId)
    const from = diary?.at(-1)?.state
    if (!diary || from === undefined || from === to) return false
    if (from === 'NOT_STARTED' && to === 'EXPIRED') return false
    if (from === 'IN_PROGRESS' && (to === 'NOT_STARTED' || to === 'EXPIRED')) return false
    if (ENDS.includes(from)) {
      if (to !== 'IN_PROGRESS' && to !== 'NOT_STARTED') return false
      if (from === 'EXPIRED' && this.due !== null && this.due <= this.time) return false
      // A reopening that the clock would end at once is none.
      const trial = this.copy()
      trial.diaries.get(userId)?.push({ at: this.time, state: to })
      trial.lookAtTheClock()
      if (trial.diaries.get(userId)?.at(-1)?.state !== to) return false
    }
    diary.push({ at: this.time, state: to })
    return true
  }

  read(): Reading {
    const assignees = [...this.diaries].map(([userId, diary]) => ({
      userId,
      status: diary.at(-1)?.state ?? 'NOT_STARTED',
      startedAt: startIn(diary),
      finishedAt: endIn(diary),
    }))
    const status = this.status(assignees.map((assignee) => assignee.status))
    const completed = assignees.filter((assignee) => assignee.status === 'COMPLETED').length
    let completionPercent = 0
    while ((completionPercent + 1) * assignees.length <= completed * 100) completionPercent += 1
    const ended = status === 'COMPLETED' || status === 'CANCELLED'
    return {
      status,
      completionPercent,
      overdue: this.due !== null && this.time >= this.due && !ended,
      startedAt: this.firstStart(),
      finishedAt: ENDS.includes(status) ? latest(assignees.map(({ finishedAt }) => finishedAt)) : null,
      assignees,
    }
  }

  private status(states: readonly State[]): State {
    for (const state of states) {
      if (!ENDS.includes(state)) return this.firstStart() === null ? 'NOT_STARTED' : 'IN_PROGRESS'
    }
    const kinds = new Set(states)
    if (kinds.has('EXPIRED')) return 'EXPIRED'
    return kinds.has('COMPLETED') ? 'COMPLETED' : 'CANCELLED'
  }

  private firstStart(): number | null {
    let first: number | null = null
    for (const diary of this.diaries.values()) {
      const start = startIn(diary)
      if (start !== null && (first === null || start < first)) first = start
    }
    return first
  }

  private lookAtTheClock(): void {
    const start = this.firstStart()
    if (this.due === null || this.time < this.due || start === null || start >= this.due) return
    for (const diary of this.diaries.values()) {
      const last = diary.at(-1)?.state
      if (last === 'NOT_STARTED' || last === 'IN_PROGRESS') diary.push({ at: this.due, state: 'EXPIRED' })
    }
  }

  private copy(): NaiveAction {
    const copy = new NaiveAction([], this.due, this.time)
    for (const [userId, diary] of this.diaries) copy.diaries.set(userId, [...diary])
    return copy
  }
}

/** The first beginning since the diary last said NOT_STARTED. */
function startIn(diary: readonly Entry[]): number | null {
  let start: number | null = null
  for (const { at, state } of diary) {
    if (state === 'NOT_STARTED') start = null
    if (start === null && (state === 'IN_PROGRESS' || state === 'COMPLETED')) start = at
  }
  return start
}

function endIn(diary: readonly Entry[]): number | null {
  const last = diary.at(-1)
  return last && ENDS.includes(last.state) ? last.at : null
}

function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((one, other) => (one === null || (other !== null && other > one) ? other : one), null)
}
