/** Whether an action has a visibility of its own or follows its plan's. Pure. */
import { effectiveVisibility } from '../access/policy.ts'
import type { Visibility } from '../db/enums.ts'
import type { InputError } from '../platform/problem.ts'

/** What a request says about it; null is as good as absent. */
interface Wish {
  visibility?: Visibility | null | undefined
  followsPlanVisibility?: boolean | null | undefined
}

/** The own visibility of a new action; null: it follows `ofPlan`. */
export function visibilityOfNew(
  { visibility, followsPlanVisibility }: Wish,
  ofPlan: Visibility,
): Visibility | null {
  if (followsPlanVisibility === true) return null
  return visibility ?? (followsPlanVisibility === false ? ofPlan : null)
}

/**
 * The own visibility after a change; null: it follows its plan's.
 * @param action as it was before
 * @param ofPlan the visibility of the plan that the action is in afterwards
 */
export function changedVisibility(
  { visibility, followsPlanVisibility }: Wish,
  action: { visibility: Visibility | null; plan: { visibility: Visibility } },
  ofPlan: Visibility,
): Visibility | null {
  if (followsPlanVisibility === true) return null
  if (followsPlanVisibility === false)
    return visibility ?? effectiveVisibility(action.visibility, action.plan)
  // What was read can be sent back: of an action that follows, the plan's visibility is no wish for one of its own.
  if (action.visibility === null && visibility === ofPlan) return null
  return visibility ?? action.visibility
}

/**
 * The error of a body that wants the action to follow its plan, but with another visibility than the plan's; empty if there
 * is none. The body may be invalid in other ways.
 */
export function contraryVisibility(body: object, ofPlan: Visibility): InputError[] {
  const { visibility, followsPlanVisibility } = body as Record<string, unknown>
  const isContrary = followsPlanVisibility === true && typeof visibility === 'string' && visibility !== ofPlan
  return isContrary
    ? [{ path: 'visibility', message: `must be the plan's, ${ofPlan}, while followsPlanVisibility is true` }]
    : []
}
