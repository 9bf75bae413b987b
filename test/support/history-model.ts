/**
 * What the history must hold, and who must see what of it: a model on its own, made from what the product promises. It
 * knows plans and actions as far as reading depends on them, a log of what was written down, and sets of readers.
 */
import type { HistoryType, Status, Visibility } from '../../src/db/enums.ts'

/** All company managers, or those with these ids. */
export type Readers = 'all' | ReadonlySet<string>

export interface ModelPlan {
  id: string
  title: string
  visibility: Visibility
  createdBy: string | null
  createdAt: string
}

export interface ModelAction {
  id: string
  planId: string
  title: string
  /** null: it follows the plan's. */
  visibility: Visibility | null
  createdBy: string
  assignees: ReadonlyMap<string, Status>
  createdAt: string
}

/** An entry as a test compares it. */
export interface Seen {
  type: HistoryType
  planId: string
  actionId: string | null
  title: string
  actorId: string | null
}

interface Written extends Seen {
  /** Who is told of a change of access, beside the entry itself. */
  told: Readers | null
}

export interface SeenFilter {
  planId?: string | undefined
  actionId?: string | undefined
  actorId?: string | undefined
  type?: HistoryType | undefined
}

export class HistoryModel {
  readonly plans = new Map<string, ModelPlan>()
  readonly actions = new Map<string, ModelAction>()
  readonly log: Written[] = []
  /** Of what is deleted, who could read it then, by id. */
  readonly #past = new Map<string, Readers>()

  /** The plan as it is after a change, or a new one. */
  putPlan(plan: ModelPlan, actorId: string): void {
    const before = this.plans.get(plan.id)
    if (JSON.stringify(before) === JSON.stringify(plan)) return
    const readers = before && readersOfPlan(before)
    this.plans.set(plan.id, plan)
    this.#write(plan, before ? 'plan.updated' : 'plan.created', actorId, readers, readersOfPlan(plan))
  }

  /** The action as it is after a change, or a new one. `type` is that of a change, if it is known. */
  putAction(action: ModelAction, actorId: string, type?: HistoryType): void {
    const before = this.actions.get(action.id)
    if (before && isSame(before, action)) return
    const readers = before && this.readersOfAction(before)
    this.actions.set(action.id, action)
    const change = type ?? (before?.planId === action.planId ? 'action.updated' : 'action.moved')
    this.#write(action, before ? change : 'action.created', actorId, readers, this.readersOfAction(action))
  }

  /** Something happened to the action that changes none of what the model knows of it. */
  happened(actionId: string, type: HistoryType, actorId: string): void {
    const action = this.actions.get(actionId)
    if (action) this.#write(action, type, actorId)
  }

  deletePlan(planId: string, actorId: string): void {
    const plan = this.plans.get(planId)
    if (!plan) return
    for (const action of this.actionsByAge(({ planId: of }) => of === planId)) {
      this.deleteAction(action.id, actorId)
    }
    this.#past.set(planId, readersOfPlan(plan))
    this.plans.delete(planId)
    this.#write(plan, 'plan.deleted', actorId)
  }

  deleteAction(actionId: string, actorId: string): void {
    const action = this.actions.get(actionId)
    if (!action) return
    this.#past.set(actionId, this.readersOfAction(action))
    this.actions.delete(actionId)
    this.#write(action, 'action.deleted', actorId)
  }

  /** The open work and the ownership of one user go to another. */
  reassign(from: string, to: string, actorId: string): void {
    const plans = [...this.plans.values()].filter(({ createdBy }) => createdBy === from).sort(byAge)
    const isTouched = ({ createdBy, assignees }: ModelAction) =>
      createdBy === from || isOpen(assignees.get(from))
    const actions = this.actionsByAge(isTouched)
    const before = new Map(actions.map((action) => [action.id, this.readersOfAction(action)]))
    for (const plan of plans) this.putPlan({ ...plan, createdBy: to }, actorId)
    const after = actions.map((action): ModelAction => {
      const createdBy = action.createdBy === from ? to : action.createdBy
      return { ...action, createdBy, assignees: handedOver(action.assignees, from, to) }
    })
    for (const action of after) this.actions.set(action.id, action)
    for (const action of after) {
      this.#write(action, 'action.updated', actorId, before.get(action.id), this.readersOfAction(action))
    }
  }

  actionsByAge(condition: (action: ModelAction) => boolean): ModelAction[] {
    return [...this.actions.values()].filter(condition).sort(byAge)
  }

  readersOfAction({ planId, visibility, createdBy, assignees }: ModelAction): Readers {
    const plan = this.plans.get(planId)
    const own = new Set([createdBy, ...assignees.keys()])
    if (!plan || (visibility ?? plan.visibility) === 'PRIVATE') return own
    return union(own, readersOfPlan(plan))
  }

  /** What the user sees as history, newest first. */
  historyOf(userId: string, filter: SeenFilter = {}): Seen[] {
    const all = this.log.flatMap((entry) =>
      this.#mayRead(entry, userId) ? partsOf(entry, userId, true) : [],
    )
    return all
      .filter(({ seen }) =>
        Object.entries(filter).every(
          ([name, wanted]) => wanted === undefined || seen[name as keyof SeenFilter] === wanted,
        ),
      )
      .map(({ seen }) => seen)
      .reverse()
  }

  /** Where a feed that starts now begins. */
  get now(): number {
    return 2 * this.log.length
  }

  /** What the user's feed answers from a place on, and the place to go on from. */
  feedOf(userId: string, from: number, limit: number): { entries: Seen[]; next: number; more: boolean } {
    const parts = this.log
      .flatMap((entry, index) =>
        partsOf(entry, userId, this.#mayRead(entry, userId)).map(({ seen, part }) => ({
          seen,
          place: 2 * index + part,
        })),
      )
      .filter(({ place }) => place >= from)
    const page = parts.slice(0, limit)
    const more = parts.length > limit
    return {
      entries: page.map(({ seen }) => seen),
      next: more ? (page.at(-1)?.place ?? 0) + 1 : this.now,
      more,
    }
  }

  #mayRead({ planId, actionId }: Written, userId: string): boolean {
    const action = this.actions.get(actionId ?? '')
    const plan = this.plans.get(planId)
    const past = this.#past.get(actionId ?? planId)
    if (actionId !== null) return has(action ? this.readersOfAction(action) : past, userId)
    return has(plan ? readersOfPlan(plan) : past, userId)
  }

  #write(
    thing: ModelPlan | ModelAction,
    type: HistoryType,
    actorId: string,
    before?: Readers,
    after?: Readers,
  ): void {
    const ids =
      'planId' in thing ? { planId: thing.planId, actionId: thing.id } : { planId: thing.id, actionId: null }
    const told = before && after && !equal(before, after) ? union(before, after) : null
    this.log.push({ ...ids, type, title: thing.title, actorId, told })
  }
}

function isOpen(status: Status | undefined): boolean {
  return status === 'NOT_STARTED' || status === 'IN_PROGRESS'
}

/** The heir takes the place of the user, or keeps the own one; whoever of the two has begun has begun. */
function handedOver(assignees: ModelAction['assignees'], from: string, to: string): ModelAction['assignees'] {
  const status = assignees.get(from)
  if (!status || !isOpen(status)) return assignees
  const after = assignees.get(to) === 'IN_PROGRESS' ? 'IN_PROGRESS' : status
  const isThere = assignees.has(to)
  return new Map(
    [...assignees].flatMap(([id, own]): [string, Status][] =>
      id === from ? (isThere ? [] : [[to, after]]) : [[id, id === to ? after : own]],
    ),
  )
}

function readersOfPlan({ visibility, createdBy }: ModelPlan): Readers {
  return visibility === 'PUBLIC' || createdBy === null ? 'all' : new Set([createdBy])
}

/** What one user sees of an entry. */
function partsOf(
  { told, ...seen }: Written,
  userId: string,
  mayRead: boolean,
): { seen: Seen; part: 0 | 1 }[] {
  const access = { ...seen, type: 'access.changed' as const, title: '' }
  return [
    ...(mayRead ? [{ seen, part: 0 as const }] : []),
    ...(has(told, userId) ? [{ seen: access, part: 1 as const }] : []),
  ]
}

function has(readers: Readers | null | undefined, userId: string): boolean {
  return readers === 'all' || readers?.has(userId) === true
}

function union(one: Readers, other: Readers): Readers {
  return one === 'all' || other === 'all' ? 'all' : new Set([...one, ...other])
}

function equal(one: Readers, other: Readers): boolean {
  if (one === 'all' || other === 'all') return one === other
  return one.size === other.size && [...one].every((id) => other.has(id))
}

function isSame(one: ModelAction, other: ModelAction): boolean {
  const text = ({ assignees, ...members }: ModelAction) => JSON.stringify([members, [...assignees]])
  return text(one) === text(other)
}

/** Oldest first. */
function byAge(one: { createdAt: string; id: string }, other: { createdAt: string; id: string }): number {
  return one.createdAt === other.createdAt
    ? one.id < other.id
      ? -1
      : 1
    : one.createdAt < other.createdAt
      ? -1
      : 1
}
