/** Errors of a request about actions that only what is stored shows: ids that refer to nothing, contradictions. Pure. */
import { mayReadAction, mayReadPlan, type Person } from '../access/policy.ts'
import { wellFormedId } from '../platform/ids.ts'
import { LIMITS } from '../platform/limits.ts'
import type { InputError } from '../platform/problem.ts'
import { changedOtherwise } from './as-read.ts'
import type { NamedUser, PlanForAction } from './change-store.ts'
import { contraryVisibility } from './own-visibility.ts'
import type { StoredAction } from './store.ts'
import { viewAction } from './view.ts'

/** The rows that were found for the ids in a request. */
export interface Found {
  plan: PlanForAction | undefined
  users: readonly NamedUser[]
  hierarchies: readonly { id: string }[]
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

/** The ids in a body that may be invalid in other ways; '' stands for a malformed id. */
export interface NamedIds {
  planId?: string | null | undefined
  assigneeIds?: readonly string[] | null | undefined
  hierarchyIds?: readonly string[] | null | undefined
}

export function namedIds(body: object): NamedIds {
  const { planId, assigneeIds, hierarchyIds } = body as Record<string, unknown>
  // A list that is too long is reported for its length, so its ids are not looked up.
  const list = (value: unknown, most: number) =>
    Array.isArray(value) && value.length <= most ? value.map((item) => wellFormedId(item) ?? '') : []
  return {
    planId: wellFormedId(planId),
    assigneeIds: list(assigneeIds, LIMITS.assigneesPerAction.most),
    hierarchyIds: list(hierarchyIds, LIMITS.areasPerAction.most),
  }
}

/**
 * Errors for ids in a body that the company does not have. Assignees of the action need not be assignable any more;
 * this holds only for a person who may read the action, since otherwise the errors would reveal its assignees.
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

/**
 * Errors of a body that contradicts what is stored: an action that is to follow another visibility than its plan's, or a
 * member that differs from what was read and is set in another way. What the person may not read is not compared.
 */
export function contradictions(
  person: Person,
  body: object,
  { plan }: Found,
  action: StoredAction | undefined,
  now: number,
): InputError[] {
  const readable = action && mayReadAction(person, action) ? action : undefined
  const { planId } = body as Record<string, unknown>
  const staysInPlan = (planId ?? null) === null || planId === action?.planId
  const ofPlan = staysInPlan ? readable?.plan : plan && mayReadPlan(person, plan) ? plan : undefined
  return [
    ...(ofPlan ? contraryVisibility(body, ofPlan.visibility) : []),
    ...(readable ? changedOtherwise(body, viewAction(readable, now)) : []),
  ]
}

/** The error for an assignee's id that no user of the company has; empty if there is one. */
export function unknownAssignee(assigneeId: string, users: readonly { id: string }[]): InputError[] {
  return users.some(({ id }) => id === assigneeId)
    ? []
    : [{ path: 'assigneeId', message: 'must be a user of the company' }]
}
