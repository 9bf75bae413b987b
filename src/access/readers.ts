/** Who may read a plan or an action, as the set that policy.ts decides on person by person. Pure. */
import { type ActionFacts, effectiveVisibility, type PlanFacts } from './policy.ts'

/** The audience that stands for all managers of a company. */
export const EVERY_MANAGER = '*'

/** All company managers, or those with these ids. */
export type Readers = typeof EVERY_MANAGER | ReadonlySet<string>

export function readersOfPlan({ visibility, createdBy }: PlanFacts): Readers {
  return createdBy === null || visibility === 'PUBLIC' ? EVERY_MANAGER : new Set([createdBy])
}

export function readersOfAction(action: ActionFacts): Readers {
  const ofPlan =
    effectiveVisibility(action.visibility, action.plan) === 'PUBLIC' ? readersOfPlan(action.plan) : []
  if (ofPlan === EVERY_MANAGER) return EVERY_MANAGER
  const creator = action.createdBy === null ? [] : [action.createdBy]
  return new Set([...creator, ...action.assignees.map(({ userId }) => userId), ...ofPlan])
}

/** The readers as `history.readers` keeps them: '*', or ids, each followed by a space. */
export function readersText(readers: Readers): string {
  return readers === EVERY_MANAGER ? readers : [...readers].map((id) => `${id} `).join('')
}

/** Those who could read before or can after, as `readersText`; null if they are the same. */
export function toldOfAccess(before: Readers, after: Readers): string | null {
  if (before === EVERY_MANAGER || after === EVERY_MANAGER) return before === after ? null : EVERY_MANAGER
  const union = new Set([...before, ...after])
  return union.size === before.size && union.size === after.size ? null : readersText(union)
}
