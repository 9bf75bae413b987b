/** Decides on changes to plans, pure. */
import type { PlanFacts } from '../access/policy.ts'
import { requireRoom } from '../platform/limits.ts'
import { Problem } from '../platform/problem.ts'
import type { NewPlan, PlanPatch } from './schemas.ts'
import type { StoredPlan } from './store.ts'
import { emptyPlanBytes, growthOf } from './weight.ts'

/** The plan that was found. Throws 404 NOT_FOUND without one, 403 FORBIDDEN if `may` returns false. */
export function requirePlan(plan: StoredPlan | undefined, may: (facts: PlanFacts) => boolean): StoredPlan {
  if (!plan) throw new Problem('NOT_FOUND', 'There is no such plan.')
  if (!may(plan)) throw new Problem('FORBIDDEN', 'This plan is not yours to read or change so.')
  return plan
}

/** A new, empty plan by `person`. */
export function newPlan(
  person: { id: string; companyId: string },
  request: NewPlan,
  id: string,
  now: number,
): StoredPlan {
  const texts = { title: request.title, description: request.description ?? '' }
  return {
    id,
    companyId: person.companyId,
    ...texts,
    contentBytes: emptyPlanBytes(texts),
    visibility: request.visibility ?? 'PRIVATE',
    createdBy: person.id,
    createdAt: now,
    updatedAt: now,
    rowVersion: 1,
    actionCount: 0,
    completedCount: 0,
  }
}

/** The plan after the patch, or the same object if nothing changes. Throws 409 PLAN_FULL. */
export function patchedPlan(plan: StoredPlan, patch: PlanPatch, now: number): StoredPlan {
  const texts = {
    title: patch.title ?? plan.title,
    description: patch.description ?? plan.description,
  }
  const growth = growthOf(plan, texts)
  const after: StoredPlan = {
    ...plan,
    ...texts,
    contentBytes: plan.contentBytes + growth,
    visibility: patch.visibility ?? plan.visibility,
  }
  if (JSON.stringify(after) === JSON.stringify(plan)) return plan
  requireRoom('bytesPerPlan', plan.contentBytes, growth)
  return { ...after, rowVersion: plan.rowVersion + 1, updatedAt: now }
}
