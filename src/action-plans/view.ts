/** Plans as callers see them, pure. */
import type { StoredAction } from '../actions/store.ts'
import { viewAction } from '../actions/view.ts'
import { toIso } from '../platform/time.ts'
import type { PlanView } from './schemas.ts'
import type { StoredPlan } from './store.ts'

/** Percentage of all actions that are COMPLETED, rounded down; 0 for an empty plan. */
export function completionPercent({
  actionCount,
  completedCount,
}: Pick<StoredPlan, 'actionCount' | 'completedCount'>): number {
  return actionCount === 0 ? 0 : Math.floor((completedCount * 100) / actionCount)
}

/** The representation at `now`, with the actions to show in it. */
export function viewPlan(plan: StoredPlan, actions: readonly StoredAction[], now: number): PlanView {
  return {
    id: plan.id,
    companyId: plan.companyId,
    title: plan.title,
    description: plan.description,
    visibility: plan.visibility,
    completionPercent: completionPercent(plan),
    actions: actions.map((action) => viewAction(action, now)),
    createdBy: plan.createdBy,
    createdAt: toIso(plan.createdAt),
    updatedAt: toIso(plan.updatedAt),
  }
}
