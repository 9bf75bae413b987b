/** Who may read and do what with plans and actions, pure. The same rule about reading as SQL is in store.ts. */
import type { ActionType, Role, Visibility } from '../db/enums.ts'

export interface Person {
  id: string
  role: Role
}

export interface PlanFacts {
  visibility: Visibility
  /** null for a legacy plan. */
  createdBy: string | null
}

export interface ActionFacts {
  createdBy: string | null
  /** null follows the plan's. */
  visibility: Visibility | null
  assignees: readonly { userId: string }[]
  plan: PlanFacts
}

/** PUBLIC and legacy plans: any company manager. PRIVATE: its creator alone, not even an ADMIN. */
export function mayReadPlan(person: Person, plan: PlanFacts): boolean {
  return plan.createdBy === null || plan.createdBy === person.id || plan.visibility === 'PUBLIC'
}

/** Its creator, or an ADMIN who may read it; a legacy plan: any company manager. */
export function mayChangePlan(person: Person, plan: PlanFacts): boolean {
  if (plan.createdBy === null || plan.createdBy === person.id) return true
  return person.role === 'ADMIN' && mayReadPlan(person, plan)
}

/** Its creator or any ADMIN, even when they may not read it; a legacy plan: any company manager. */
export function mayDeletePlan(person: Person, plan: PlanFacts): boolean {
  return plan.createdBy === null || plan.createdBy === person.id || person.role === 'ADMIN'
}

export function effectiveVisibility(own: Visibility | null, plan: { visibility: Visibility }): Visibility {
  return own ?? plan.visibility
}

/** Its creator and its assignees always; everyone else who may read its plan only when it is PUBLIC. */
export function mayReadAction(person: Person, action: ActionFacts): boolean {
  return (
    action.createdBy === person.id ||
    action.assignees.some(({ userId }) => userId === person.id) ||
    (effectiveVisibility(action.visibility, action.plan) === 'PUBLIC' && mayReadPlan(person, action.plan))
  )
}

/** Its creator, the plan's creator or an ADMIN, the latter two only if they may read it. PATCH and DELETE alike. */
export function mayChangeAction(person: Person, action: ActionFacts): boolean {
  if (action.createdBy === person.id) return true
  return (action.plan.createdBy === person.id || person.role === 'ADMIN') && mayReadAction(person, action)
}

/** Anyone's state, and leaving terminal ones: the action's creator or an ADMIN who may read it. */
export function mayChangeOthersStatus(person: Person, action: ActionFacts): boolean {
  return action.createdBy === person.id || (person.role === 'ADMIN' && mayReadAction(person, action))
}

/** COMPANY actions are an ADMIN's to create. */
export function mayCreateActionType(role: Role, actionType: ActionType): boolean {
  return actionType === 'MANAGER' || role === 'ADMIN'
}

/** Its author, or an ADMIN; both must be able to read the action. */
export function mayDeleteNote(person: Person, note: { authorId: string }): boolean {
  return note.authorId === person.id || person.role === 'ADMIN'
}
