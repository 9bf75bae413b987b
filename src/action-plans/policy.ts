/** Who may do what with a plan, pure. */
import type { Role, Visibility } from '../db/enums.ts'

export interface Person {
  id: string
  role: Role
}

export interface PlanFacts {
  visibility: Visibility
  /** null for a legacy plan. */
  createdBy: string | null
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
