/** Who may do what with plans and actions, pure. access/store.ts has the rules about reading as SQL. */
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
  /** null: the action has the visibility of its plan. */
  visibility: Visibility | null
  assignees: readonly { userId: string }[]
  plan: PlanFacts
}

/** PUBLIC and legacy plans: any company manager. PRIVATE plans: only the creator, not even an ADMIN. */
export function mayReadPlan(person: Person, plan: PlanFacts): boolean {
  return plan.createdBy === null || plan.createdBy === person.id || plan.visibility === 'PUBLIC'
}

/** The plan's creator, or an ADMIN who may read the plan. A legacy plan: any company manager. */
export function mayChangePlan(person: Person, plan: PlanFacts): boolean {
  if (plan.createdBy === null || plan.createdBy === person.id) return true
  return person.role === 'ADMIN' && mayReadPlan(person, plan)
}

/** The plan's creator or any ADMIN, even one who may not read it. A legacy plan: any company manager. */
export function mayDeletePlan(person: Person, plan: PlanFacts): boolean {
  return plan.createdBy === null || plan.createdBy === person.id || person.role === 'ADMIN'
}

export function effectiveVisibility(own: Visibility | null, plan: { visibility: Visibility }): Visibility {
  return own ?? plan.visibility
}

/** The action's creator and assignees always; other readers of its plan only if the action is PUBLIC. */
export function mayReadAction(person: Person, action: ActionFacts): boolean {
  return (
    action.createdBy === person.id ||
    action.assignees.some(({ userId }) => userId === person.id) ||
    (effectiveVisibility(action.visibility, action.plan) === 'PUBLIC' && mayReadPlan(person, action.plan))
  )
}

/** For PATCH and DELETE: the action's creator; the plan's creator or an ADMIN, if they may read the action. */
export function mayChangeAction(person: Person, action: ActionFacts): boolean {
  if (action.createdBy === person.id) return true
  return (action.plan.createdBy === person.id || person.role === 'ADMIN') && mayReadAction(person, action)
}

/** For steps of other assignees and for reopening: the action's creator, or an ADMIN who may read the action. */
export function mayChangeOthersStatus(person: Person, action: ActionFacts): boolean {
  return action.createdBy === person.id || (person.role === 'ADMIN' && mayReadAction(person, action))
}

/** Only an ADMIN may create COMPANY actions. */
export function mayCreateActionType(role: Role, actionType: ActionType): boolean {
  return actionType === 'MANAGER' || role === 'ADMIN'
}

/** The note's author or an ADMIN. That this person may read the action is checked separately. */
export function mayDeleteNote(person: Person, note: { authorId: string }): boolean {
  return note.authorId === person.id || person.role === 'ADMIN'
}
