/** Decides on changes to actions, pure: what was asked, what is, and what comes out or which problem. */
import {
  mayChangeAction,
  mayChangeOthersStatus,
  mayCreateActionType,
  mayReadAction,
  mayReadPlan,
  type Person,
} from '../access/policy.ts'
import type { Step, Visibility } from '../db/enums.ts'
import { wellFormedId } from '../platform/ids.ts'
import { LIMITS, requireRoom } from '../platform/limits.ts'
import { type InputError, invalid, Problem, throwIfInvalid } from '../platform/problem.ts'
import { parseInstant } from '../platform/time.ts'
import type { NamedUser, PlanForAction } from './change-store.ts'
import { asOf, isReopening, legalSteps, takeStep } from './lifecycle.ts'
import type { Assignee } from './lists-store.ts'
import type { ActionPatch, NewAction } from './schemas.ts'
import type { StoredAction } from './store.ts'
import { actionBytes } from './weight.ts'

/** What was found of the ids that a request names. */
export interface Found {
  plan: PlanForAction | undefined
  users: readonly NamedUser[]
  hierarchies: readonly { id: string }[]
}

/** The action. Throws 404 NOT_FOUND without one, 403 FORBIDDEN when the person may not read it. */
export function requireReadable(person: Person, action: StoredAction | undefined): StoredAction {
  if (!action) throw new Problem('NOT_FOUND', 'There is no such action.')
  if (!mayReadAction(person, action)) throw new Problem('FORBIDDEN', 'You may not read this action.')
  return action
}

/** Like `requireReadable`, for who is to change or delete it. */
export function requireChangeable(person: Person, action: StoredAction | undefined): StoredAction {
  if (!action) throw new Problem('NOT_FOUND', 'There is no such action.')
  if (!mayChangeAction(person, action)) {
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

/** The ids that a body names, whatever else is wrong with it; '' where one is malformed. */
export interface NamedIds {
  planId?: string | null | undefined
  assigneeIds?: readonly string[] | null | undefined
  hierarchyIds?: readonly string[] | null | undefined
}

export function namedIds(body: object): NamedIds {
  const { planId, assigneeIds, hierarchyIds } = body as Record<string, unknown>
  // A longer list is refused for its length.
  const list = (value: unknown, most: number) =>
    Array.isArray(value) && value.length <= most ? value.map((item) => wellFormedId(item) ?? '') : []
  return {
    planId: wellFormedId(planId),
    assigneeIds: list(assigneeIds, LIMITS.assigneesPerAction.most),
    hierarchyIds: list(hierarchyIds, LIMITS.areasPerAction.most),
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
  const assigned = action && mayReadAction(person, action) ? action.assignees : []
  const assignable = found.users.filter(({ isAssignable }) => isAssignable).map(({ id }) => id)
  const hierarchies = found.hierarchies.map(({ id }) => id)
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
    ...unknownIds(request.hierarchyIds ?? [], hierarchies, 'hierarchyIds', 'must be an area of the company'),
  ]
}

/** What is wrong with the id of an assignee, if anything. */
export function unknownAssignee(assigneeId: string, users: readonly { id: string }[]): InputError[] {
  return users.some(({ id }) => id === assigneeId)
    ? []
    : [{ path: 'assigneeId', message: 'must be a user of the company' }]
}

/** Throws 403 FORBIDDEN when the person may not read the plan that the action is to lie in. */
function requireAddable(person: Person, plan: PlanForAction): void {
  if (!mayReadPlan(person, plan)) throw new Problem('FORBIDDEN', 'You may not add actions to this plan.')
}

/** Throws 409 PLAN_FULL or NOTES_FULL unless the plan can take the action in, with its notes. */
function requireRoomFor(action: StoredAction, plan: PlanForAction): void {
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

/** What a new action shows besides the request and the moment: enough to show it as new once more. */
export interface NewActionFacts {
  id: string
  planVisibility: Visibility
  /** Names of the assignees, in order. */
  names: readonly string[]
}

/**
 * The action that `person` is to make, and the facts of it. Throws 400 for ids that name nothing, 403 FORBIDDEN, 409
 * PLAN_FULL.
 * @param id of the new action
 */
export function decideNewAction(
  person: Person & { name: string; companyId: string },
  request: NewAction,
  found: Found,
  id: string,
  now: number,
): { action: StoredAction; facts: NewActionFacts } {
  throwIfInvalid(unknownMembers(person, request, found, undefined))
  if (!mayCreateActionType(person.role, request.actionType ?? 'MANAGER')) {
    throw new Problem('FORBIDDEN', 'Only an ADMIN may create a COMPANY action.')
  }
  const { plan } = found
  if (!plan) throw invalid([{ path: 'planId', message: 'must be a plan of the company' }])
  requireAddable(person, plan)
  const users = [person, ...found.users]
  const names = assigneeIdsOf(person, request).map((userId) => nameOf(userId, users))
  const facts = { id, planVisibility: plan.visibility, names }
  const action = newAction(person, request, facts, plan, now)
  requireRoomFor(action, plan)
  return { action, facts }
}

/** The action as it is when new. */
export function newAction<Plan>(
  person: { id: string; companyId: string },
  request: NewAction,
  { id, names }: NewActionFacts,
  plan: Plan,
  now: number,
) {
  return weighed({
    id,
    companyId: person.companyId,
    planId: request.planId,
    title: request.title,
    description: request.description ?? '',
    actionType: request.actionType ?? 'MANAGER',
    origin: request.origin ?? 'MANUAL',
    visibility: request.visibility ?? null,
    plan,
    focusItems: focusItemsOf(request.focusItems ?? []),
    hierarchyIds: distinct(request.hierarchyIds ?? []),
    assignees: assigneeIdsOf(person, request).map((userId, index) => newAssignee(userId, names[index] ?? '')),
    dueDate: dueDateOf(request.dueDate),
    noteCount: 0,
    noteBytes: 0,
    createdBy: person.id,
    createdAt: now,
    updatedAt: now,
    rowVersion: 1,
    treeRevision: 1,
  })
}

function assigneeIdsOf(person: { id: string }, { assigneeIds }: NewAction): string[] {
  return distinct(assigneeIds ?? [person.id])
}

function weighed<A extends Parameters<typeof actionBytes>[0]>(action: A): A & { contentBytes: number } {
  return { ...action, contentBytes: actionBytes(action) }
}

function newAssignee(userId: string, name: string): Assignee {
  return { userId, name, active: true, status: 'NOT_STARTED', startedAt: null, finishedAt: null }
}

function nameOf(userId: string, users: readonly { id: string; name: string }[]): string {
  return users.find(({ id }) => id === userId)?.name ?? ''
}

function dueDateOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : parseInstant(text)
}

/**
 * The action that `person` may change so. Throws 400 for ids that name nothing, 404 NOT_FOUND, 403 FORBIDDEN for who may
 * not change it or not read the plan that it is to move to.
 */
export function requirePatchable(
  person: Person,
  action: StoredAction | undefined,
  patch: ActionPatch,
  found: Found,
): StoredAction {
  throwIfInvalid(unknownMembers(person, patch, found, action))
  const changeable = requireChangeable(person, action)
  const plan = newPlanOf(changeable, found)
  if (plan) requireAddable(person, plan)
  return changeable
}

/** The plan that the action is to move to, if it is another. */
function newPlanOf(action: StoredAction, { plan }: Found): PlanForAction | undefined {
  return plan?.id === action.planId ? undefined : plan
}

/**
 * The action after the patch; its expiry by the clock is stored first. The same object when nothing changes. Throws 409
 * PLAN_FULL or NOTES_FULL.
 */
export function patched(action: StoredAction, patch: ActionPatch, found: Found, now: number): StoredAction {
  const current = { ...action, assignees: [...asOf(now, action)] }
  const newPlan = newPlanOf(action, found)
  const after = weighed({
    ...current,
    ...(newPlan ? { planId: newPlan.id, plan: newPlan } : {}),
    title: patch.title ?? action.title,
    description: patch.description ?? action.description,
    visibility: patch.visibility ?? action.visibility,
    focusItems: patch.focusItems ? focusItemsOf(patch.focusItems) : action.focusItems,
    hierarchyIds: patch.hierarchyIds ? distinct(patch.hierarchyIds) : action.hierarchyIds,
    dueDate: patch.clearDueDate ? null : (dueDateOf(patch.dueDate) ?? action.dueDate),
    assignees: patch.assigneeIds
      ? distinct(patch.assigneeIds).map(
          (userId) =>
            current.assignees.find((assignee) => assignee.userId === userId) ??
            newAssignee(userId, nameOf(userId, found.users)),
        )
      : current.assignees,
  })
  if (JSON.stringify(after) === JSON.stringify(weighed(current))) return action
  if (newPlan) requireRoomFor(after, newPlan)
  else requireRoom('bytesPerPlan', action.plan.contentBytes, after.contentBytes - action.contentBytes)
  return { ...after, updatedAt: now }
}

/**
 * The action after one assignee's step; the same object when he or she is in that state already. Throws 403 FORBIDDEN,
 * 409 NOT_AN_ASSIGNEE or ILLEGAL_TRANSITION.
 */
export function transitioned(
  person: Person,
  action: StoredAction,
  to: Step,
  assigneeId: string,
  now: number,
): StoredAction {
  const life: StoredAction = { ...action, assignees: [...asOf(now, action)] }
  const isInCharge = mayChangeOthersStatus(person, action)
  if (assigneeId !== person.id && !isInCharge) {
    throw new Problem('FORBIDDEN', "Only the action's creator or an ADMIN may change another one's state.")
  }
  const assignee = life.assignees.find(({ userId }) => userId === assigneeId)
  if (!assignee) throw new Problem('NOT_AN_ASSIGNEE')
  if (assignee.status === to) return action
  if (isReopening(assignee.status, to) && !isInCharge) {
    throw new Problem('FORBIDDEN', "Only the action's creator or an ADMIN may reopen it.")
  }
  const assignees = takeStep(life, assigneeId, to, now)
  if (!assignees) {
    const legal = legalSteps(life, assigneeId, now).filter(
      (step) => isInCharge || !isReopening(assignee.status, step),
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
