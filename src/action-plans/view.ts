/** Plans as callers see them, pure. */
import type { StoredAction } from '../actions/store.ts'
import { viewAction } from '../actions/view.ts'
import { entityTag } from '../platform/entity-tag.ts'
import { toIso } from '../platform/time.ts'
import type { PlanView } from './schemas.ts'
import type { ShownRevision, StoredPlan } from './store.ts'

/** Percentage of all actions that are COMPLETED, rounded down; 0 for an empty plan. */
export function completionPercent({
  actionCount,
  completedCount,
}: Pick<StoredPlan, 'actionCount' | 'completedCount'>): number {
  return actionCount === 0 ? 0 : Math.floor((completedCount * 100) / actionCount)
}

/** The JSON of the plan as of `now`, in two parts between which the JSON of its actions belongs. */
export function planEnds(plan: StoredPlan, now: number): { before: string; after: string } {
  // No text of the plan can contain this member: JSON would escape its quotes.
  const [before = '', after = ''] = JSON.stringify(viewPlan(plan, [], now)).split('"actions":[]', 2)
  return { before: `${before}"actions":[`, after: `]${after}` }
}

/**
 * The part of an action in its plan's entity tag. The tree revision rises with everything that is shown of the action
 * except what the clock changes; a due date that has passed stands for that.
 */
export function tagPart({ id, treeRevision, dueDate }: ShownRevision, now: number): string {
  const isDue = dueDate !== null && dueDate <= now
  return `${id}.${String(treeRevision)}${isDue ? '!' : ''}`
}

/** The form of the representation: another number wherever its members become others, so that old tags are not current. */
const FORM = 2

/**
 * A strong entity tag: it changes with the plan itself, its percentage, and the actions that the caller sees.
 * @param parts those of these actions, oldest first
 */
export async function planTag(plan: StoredPlan, parts: readonly string[]): Promise<`"${string}"`> {
  return entityTag([FORM, plan.id, plan.rowVersion, completionPercent(plan), ...parts].join(' '))
}

/** The representation of the plan as of `now`, with the given actions. */
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
