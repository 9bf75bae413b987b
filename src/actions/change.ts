/** Decides on changes to actions, pure: what was asked, what is, and what comes out or which problem. */
import { newId, wellFormedId } from '../platform/ids.ts'
import { requireRoom } from '../platform/limits.ts'
import { type InputError, invalid, Problem, refuse } from '../platform/problem.ts'
import { parseInstant } from '../platform/time.ts'
import { mayReadPlan, type Person } from '../action-plans/policy.ts'
import { asOf, isReopening, legalSteps, type Step, takeStep } from './lifecycle.ts'
import type { Assignee } from './lists-store.ts'
import {
  type ActionFacts,
  mayChangeAction,
  mayCreateActionType,
  mayReadAction,
  maySteerAction,
} from './policy.ts'
import type { ActionPatch, NewAction } from './schemas.ts'
import type { PlanOfAction, StoredAction } from './store.ts'
import { actionBytes } from './weight.ts'

/** What the policy looks at. */
function factsOf(action: StoredAction): ActionFacts {
  return { ...action, assigneeIds: action.assignees.map(({ userId }) => userId) }
}

/** What was found of the ids that a request names. */
export interface Found {
  users: readonly { id: string; name: string; active: number; assignable: number }[]
  hierarchies: readonly { id: string }[]
  plan: (PlanOfAction & { id: string; actionCount: number }) | undefined
}

/** The action, or 404; 403 when it exists but may not be read. */
export function requireReadable(person: Person, action: StoredAction | undefined): StoredAction {
  if (!action) throw new Problem('NOT_FOUND', 'There is no such action.')
  if (!mayReadAction(person, factsOf(action))) throw new Problem('FORBIDDEN', 'You may not read this action.')
  return action
}

/** Like `requireReadable`, for those who may also change or delete it. */
export function requireChangeable(person: Person, action: StoredAction | undefined): StoredAction {
  if (!action) throw new Problem('NOT_FOUND', 'There is no such action.')
  if (!mayChangeAction(person, factsOf(action))) {
    throw new Problem('FORBIDDEN', "Only the action's creator, the plan's creator or an ADMIN may do this.")
  }
  return action
}

function unknownIds(
  ids: readonly string[],
  known: readonly string[],
  path: string,
  message: string,
): InputError[] {
  return ids.flatMap((id, index) =>
    known.includes(id) ? [] : [{ path: `${path}.${String(index)}`, message }],
  )
}

/** Longer lists are refused for their length. */
const MOST_IDS = 50

/** The ids that a body names, whatever else is wrong with it; '' where one is malformed. */
export interface NamedIds {
  planId?: string | null | undefined
  assigneeIds?: readonly string[] | null | undefined
  hierarchyIds?: readonly string[] | null | undefined
}

export function namedIds(body: object): NamedIds {
  const { planId, assigneeIds, hierarchyIds } = body as Record<string, unknown>
  const list = (value: unknown) =>
    Array.isArray(value) && value.length <= MOST_IDS ? value.map((item) => wellFormedId(item) ?? '') : []
  return {
    planId: wellFormedId(planId),
    assigneeIds: list(assigneeIds),
    hierarchyIds: list(hierarchyIds),
  }
}

/**
 * Ids in a body that name nothing of the company. Who is already assigned is not validated again, but only for those
 * who may read the action: to anybody else the difference would tell who is.
 */
export function unknownMembers(
  person: Person,
  request: NamedIds,
  found: Found,
  action: StoredAction | undefined,
): InputError[] {
  const assigned = action && mayReadAction(person, factsOf(action)) ? action.assignees : []
  const assignable = found.users.filter((user) => user.assignable === 1).map(({ id }) => id)
  const areas = found.hierarchies.map(({ id }) => id)
  return [
    ...((request.planId ?? null) !== null && !found.plan
      ? [{ path: 'planId', message: 'must be a plan of the company' }]
      : []),
    ...unknownIds(
      request.assigneeIds ?? [],
      [...assignable, ...assigned.map(({ userId }) => userId)],
      'assigneeIds',
      'must be an active company manager',
    ),
    ...unknownIds(request.hierarchyIds ?? [], areas, 'hierarchyIds', 'must be an area of the company'),
  ]
}

/** 400 for such ids. */
export function requireKnown(
  person: Person,
  request: NamedIds,
  found: Found,
  action: StoredAction | undefined,
): void {
  refuse(unknownMembers(person, request, found, action))
}

/** What is wrong with the id of an assignee, if anything. */
export function unknownAssignee(assigneeId: string, users: readonly { id: string }[]): InputError[] {
  return users.some(({ id }) => id === assigneeId)
    ? []
    : [{ path: 'assigneeId', message: 'must be a user of the company' }]
}

/** 403 when the plan that the action is to lie in may not be read. */
export function requireAddable(person: Person, plan: Found['plan']): void {
  if (plan && !mayReadPlan(person, plan))
    throw new Problem('FORBIDDEN', 'You may not add actions to this plan.')
}

/** 409 unless the plan can take the action in, with its notes. */
function requireRoomFor(action: StoredAction, plan: NonNullable<Found['plan']>): void {
  requireRoom('actionsPerPlan', plan.actionCount, 1)
  requireRoom('bytesPerPlan', plan.contentBytes, action.contentBytes)
  requireRoom('noteBytesPerPlan', plan.noteBytes, action.noteBytes)
}

/** What a list names twice counts once. */
function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)]
}

type FocusItems = NonNullable<NewAction['focusItems']>

function focusItemsOf(items: FocusItems): StoredAction['focusItems'] {
  return items.map(({ focusType, focusId }) => ({ focusType, focusId: focusId ?? null }))
}

/** A new action by `person`, or the problem that stands against it. */
export function newAction(
  person: Person & { name: string; companyId: string },
  request: NewAction,
  found: Found,
  now: number,
): StoredAction {
  requireKnown(person, request, found, undefined)
  if (!mayCreateActionType(person.role, request.actionType ?? 'MANAGER')) {
    throw new Problem('FORBIDDEN', 'Only an ADMIN may create a COMPANY action.')
  }
  if (!found.plan) throw invalid([{ path: 'planId', message: 'must be a plan of the company' }])
  requireAddable(person, found.plan)
  const assigned = distinct(request.assigneeIds ?? [person.id])
  const { id: planId, actionCount: _actionCount, ...plan } = found.plan
  const action = weighed({
    id: newId(now),
    companyId: person.companyId,
    planId,
    title: request.title,
    description: request.description ?? '',
    actionType: request.actionType ?? 'MANAGER',
    origin: request.origin ?? 'MANUAL',
    visibility: request.visibility ?? null,
    plan,
    focusItems: focusItemsOf(request.focusItems ?? []),
    hierarchyIds: distinct(request.hierarchyIds ?? []),
    assignees: assigned.map((userId) => newAssignee(userId, [person, ...found.users])),
    dueDate: dueDateOf(request.dueDate),
    noteCount: 0,
    noteBytes: 0,
    createdBy: person.id,
    createdAt: now,
    updatedAt: now,
    version: 1,
    revision: 1,
  })
  requireRoomFor(action, found.plan)
  return action
}

function weighed(action: Omit<StoredAction, 'contentBytes'>): StoredAction {
  return { ...action, contentBytes: actionBytes(action) }
}

function newAssignee(userId: string, users: readonly { id: string; name: string }[]): Assignee {
  const name = users.find(({ id }) => id === userId)?.name ?? ''
  return { userId, name, active: true, status: 'NOT_STARTED', startedAt: null, finishedAt: null }
}

function dueDateOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : parseInstant(text)
}

/** The action after the patch; its expiry by the clock is stored first. The same object when nothing changes. */
export function patched(action: StoredAction, patch: ActionPatch, found: Found, now: number): StoredAction {
  const assignees = asOf(now, action)
  const {
    id: planId,
    actionCount: _actionCount,
    ...plan
  } = found.plan ?? {
    ...action.plan,
    id: action.planId,
    actionCount: 0,
  }
  const { contentBytes: weighedBefore, ...rest } = action
  const after = weighed({
    ...rest,
    planId,
    plan,
    title: patch.title ?? action.title,
    description: patch.description ?? action.description,
    visibility: patch.visibility ?? action.visibility,
    focusItems: patch.focusItems ? focusItemsOf(patch.focusItems) : action.focusItems,
    hierarchyIds: patch.hierarchyIds ? distinct(patch.hierarchyIds) : action.hierarchyIds,
    dueDate: patch.clearDueDate ? null : (dueDateOf(patch.dueDate) ?? action.dueDate),
    assignees: patch.assigneeIds
      ? distinct(patch.assigneeIds).map(
          (userId) =>
            assignees.find((assignee) => assignee.userId === userId) ?? newAssignee(userId, found.users),
        )
      : [...assignees],
  })
  const isSame =
    JSON.stringify(after) === JSON.stringify({ ...rest, plan, assignees, contentBytes: after.contentBytes })
  if (isSame) return action
  if (found.plan && found.plan.id !== action.planId) requireRoomFor(after, found.plan)
  else requireRoom('bytesPerPlan', action.plan.contentBytes, after.contentBytes - weighedBefore)
  return { ...after, updatedAt: now }
}

/** The action after one assignee's step; the same object when he or she is in that state already. */
export function transitioned(
  person: Person,
  action: StoredAction,
  to: Step,
  assigneeId: string,
  now: number,
): StoredAction {
  const life: StoredAction = { ...action, assignees: [...asOf(now, action)] }
  const maySteer = maySteerAction(person, factsOf(action))
  if (assigneeId !== person.id && !maySteer) {
    throw new Problem('FORBIDDEN', "Only the action's creator or an ADMIN may change another one's state.")
  }
  const assignee = life.assignees.find(({ userId }) => userId === assigneeId)
  if (!assignee) throw new Problem('NOT_AN_ASSIGNEE')
  if (assignee.status === to) return action
  if (isReopening(assignee.status, to) && !maySteer) {
    throw new Problem('FORBIDDEN', "Only the action's creator or an ADMIN may reopen it.")
  }
  const assignees = takeStep(life, assigneeId, to, now)
  if (!assignees) {
    const legal = legalSteps(life, assigneeId, now).filter(
      (step) => maySteer || !isReopening(assignee.status, step),
    )
    throw illegalStep(legal, assignee.status, to)
  }
  return { ...life, assignees: [...assignees], updatedAt: now }
}

function illegalStep(legal: readonly Step[], from: string, to: Step): Problem {
  const possible =
    legal.length > 0
      ? `Possible: ${legal.join(', ')}.`
      : 'No other is possible now: only the creator or an ADMIN reopens, and what has expired only once its due date lies ahead or is cleared.'
  return new Problem('ILLEGAL_TRANSITION', `${from} cannot become ${to}. ${possible}`, {
    extra: { legalTransitions: legal },
  })
}
