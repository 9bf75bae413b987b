/** Who may do what with an action, pure. */
import type { Role, Visibility } from '../db/enums.ts'
import { mayReadPlan, type PlanFacts, type Person } from '../action-plans/policy.ts'

export interface ActionFacts {
  createdBy: string | null
  /** null follows the plan's. */
  visibility: Visibility | null
  assigneeIds: readonly string[]
  plan: PlanFacts
}

export function effectiveVisibility(own: Visibility | null, plan: { visibility: Visibility }): Visibility {
  return own ?? plan.visibility
}

/** Its creator and its assignees always; everyone else who may read its plan only when it is PUBLIC. */
export function mayReadAction(person: Person, action: ActionFacts): boolean {
  return (
    action.createdBy === person.id ||
    action.assigneeIds.includes(person.id) ||
    (effectiveVisibility(action.visibility, action.plan) === 'PUBLIC' && mayReadPlan(person, action.plan))
  )
}

/** Its creator, the plan's creator or an ADMIN, the latter two only if they may read it. PATCH and DELETE alike. */
export function mayChangeAction(person: Person, action: ActionFacts): boolean {
  if (action.createdBy === person.id) return true
  return (action.plan.createdBy === person.id || person.role === 'ADMIN') && mayReadAction(person, action)
}

/** Anyone's state, and leaving terminal ones: the action's creator or an ADMIN who may read it. */
export function maySteerAction(person: Person, action: ActionFacts): boolean {
  return action.createdBy === person.id || (person.role === 'ADMIN' && mayReadAction(person, action))
}

/** COMPANY actions are an ADMIN's to create. */
export function mayCreateActionType(role: Role, actionType: 'MANAGER' | 'COMPANY'): boolean {
  return actionType === 'MANAGER' || role === 'ADMIN'
}
