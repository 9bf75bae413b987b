/** Decides on changes to actions, pure: from the request and the stored rows to the new action or a problem. */
import {
  mayChangeAction,
  mayChangeOthersStatus,
  mayCreateActionType,
  mayReadAction,
  mayReadPlan,
  type Person,
} from '../access/policy.ts'
import type { Step, Visibility } from '../db/enums.ts'
import { requireRoom } from '../platform/limits.ts'
import { invalid, Problem, throwIfInvalid } from '../platform/problem.ts'
import { contradictions, type Found, unknownMembers } from './against-stored.ts'
import type { PlanForAction } from './change-store.ts'
import { endOfDate, instantOf } from './due-date.ts'
import { asOf, isReopening, legalSteps, takeStep } from './lifecycle.ts'
import type { Assignee } from './lists-store.ts'
import { changedVisibility, visibilityOfNew } from './own-visibility.ts'
import type { ActionPatch, NewAction } from './schemas.ts'
import type { StoredAction } from './store.ts'
import { actionBytes } from './weight.ts'

/** The action that was found. Throws 404 NOT_FOUND without one, 403 FORBIDDEN if the person may not read it. */
export function requireReadable(person: Person, action: StoredAction | undefined): StoredAction {
  if (!action) throw new Problem('NOT_FOUND', 'There is no such action.')
  if (!mayReadAction(person, action)) throw new Problem('FORBIDDEN', 'You may not read this action.')
  return action
}

/**
 * The action that was found. Throws 404 NOT_FOUND without one, 403 FORBIDDEN if the person may not change or delete it.
 */
export function requireChangeable(person: Person, action: StoredAction | undefined): StoredAction {
  if (!action) throw new Problem('NOT_FOUND', 'There is no such action.')
  if (!mayChangeAction(person, action)) {
    throw new Problem('FORBIDDEN', "Only the action's creator, the plan's creator or an ADMIN may do this.")
  }
  return action
}

/** Throws 403 FORBIDDEN if the person may not read the plan that the action is to be added to. */
function requireAddable(person: Person, plan: PlanForAction): void {
  if (!mayReadPlan(person, plan)) throw new Problem('FORBIDDEN', 'You may not add actions to this plan.')
}

/** Throws 409 PLAN_FULL or NOTES_FULL if the plan has no room for the action and its notes. */
function requireRoomFor(action: StoredAction, plan: PlanForAction): void {
  requireRoom('actionsPerPlan', plan.actionCount, 1)
  requireRoom('bytesPerPlan', plan.contentBytes, action.contentBytes)
  requireRoom('noteBytesPerPlan', plan.noteBytes, action.noteBytes)
}

/** The ids without repetitions. */
function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)]
}

type FocusItems = NonNullable<NewAction['focusItems']>

function focusItemsOf(items: FocusItems): StoredAction['focusItems'] {
  return items.map(({ focusType, focusId }) => ({ focusType, focusId: focusId ?? null }))
}

/**
 * The facts that the answer about a new action needs besides the request and the moment, so that a repeated request
 * gets the same answer.
 */
export interface NewActionFacts {
  id: string
  planVisibility: Visibility
  /** Names of the assignees, in their order. */
  names: readonly string[]
  /** Unix milliseconds, if the request names a date: the company's time zone may be another later. */
  dueDate?: number
}

/**
 * The new action and its facts. Throws 400 VALIDATION_FAILED for ids that refer to nothing and for contradictions, 403
 * FORBIDDEN, 409 PLAN_FULL.
 * @param id of the new action
 * @param timeZone of the company
 */
export function decideNewAction(
  person: Person & { name: string; companyId: string },
  request: NewAction,
  found: Found,
  { id, now, timeZone }: { id: string; now: number; timeZone: string },
): { action: StoredAction; facts: NewActionFacts } {
  throwIfInvalid([
    ...unknownMembers(person, request, found, undefined),
    ...contradictions(person, request, found, undefined, now),
  ])
  if (!mayCreateActionType(person.role, request.actionType ?? 'MANAGER')) {
    throw new Problem('FORBIDDEN', 'Only an ADMIN may create a COMPANY action.')
  }
  const { plan } = found
  if (!plan) throw invalid([{ path: 'planId', message: 'must be a plan of the company' }])
  requireAddable(person, plan)
  const users = [person, ...found.users]
  const names = assigneeIdsOf(person, request).map((userId) => nameOf(userId, users))
  const dueDate = endOfDate(request.dueDate, timeZone)
  const facts = { id, planVisibility: plan.visibility, names, ...(dueDate === null ? {} : { dueDate }) }
  const action = newAction(person, request, facts, plan, now)
  requireRoomFor(action, plan)
  return { action, facts }
}

/** The new action, made from the request and the facts. */
export function newAction<Plan>(
  person: { id: string; companyId: string },
  request: NewAction,
  { id, planVisibility, names, dueDate }: NewActionFacts,
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
    visibility: visibilityOfNew(request, planVisibility),
    plan,
    focusItems: focusItemsOf(request.focusItems ?? []),
    hierarchyIds: distinct(request.hierarchyIds ?? []),
    assignees: assigneeIdsOf(person, request).map((userId, index) => newAssignee(userId, names[index] ?? '')),
    dueDate: dueDate ?? instantOf(request.dueDate),
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

/**
 * The action, if the person may make this change. Throws 400 VALIDATION_FAILED for ids that refer to nothing and for
 * contradictions, 404 NOT_FOUND, 403 FORBIDDEN if the person may not change the action or not read its new plan.
 */
export function requirePatchable(
  person: Person,
  action: StoredAction | undefined,
  patch: ActionPatch,
  found: Found,
  now: number,
): StoredAction {
  throwIfInvalid([
    ...unknownMembers(person, patch, found, action),
    ...contradictions(person, patch, found, action, now),
  ])
  const changeable = requireChangeable(person, action)
  const plan = newPlanOf(changeable, found)
  if (plan) requireAddable(person, plan)
  return changeable
}

/** The plan that the action moves to; undefined if it stays in its plan. */
function newPlanOf(action: StoredAction, { plan }: Found): PlanForAction | undefined {
  return plan?.id === action.planId ? undefined : plan
}

/**
 * The action after the patch, or the same object if nothing changes. An expiry by the clock is applied first, and so
 * stored with the patch. Throws 409 PLAN_FULL or NOTES_FULL.
 * @param timeZone of the company
 */
export function patched(
  action: StoredAction,
  patch: ActionPatch,
  found: Found,
  { now, timeZone }: { now: number; timeZone: string },
): StoredAction {
  const current = { ...action, assignees: [...asOf(now, action)] }
  const newPlan = newPlanOf(action, found)
  const dueDate = instantOf(patch.dueDate) ?? endOfDate(patch.dueDate, timeZone)
  const after = weighed({
    ...current,
    ...(newPlan ? { planId: newPlan.id, plan: newPlan } : {}),
    title: patch.title ?? action.title,
    description: patch.description ?? action.description,
    visibility: changedVisibility(patch, action, (newPlan ?? action.plan).visibility),
    focusItems: patch.focusItems ? focusItemsOf(patch.focusItems) : action.focusItems,
    hierarchyIds: patch.hierarchyIds ? distinct(patch.hierarchyIds) : action.hierarchyIds,
    dueDate: patch.clearDueDate ? null : (dueDate ?? action.dueDate),
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
 * The action after the step of one assignee, or the same object if the assignee already has that status. Throws 403
 * FORBIDDEN, 409 NOT_AN_ASSIGNEE or ILLEGAL_TRANSITION.
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
