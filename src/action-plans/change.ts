/** Decides on changes to plans, pure. */
import { newId } from '../platform/ids.ts'
import { requireRoom } from '../platform/limits.ts'
import { Problem } from '../platform/problem.ts'
import type { PlanFacts } from './policy.ts'
import type { NewPlan, PlanPatch } from './schemas.ts'
import { type PlanRow, type StoredPlan, toStoredPlan } from './store.ts'
import { emptyPlanBytes, growthOf } from './weight.ts'

/** The plan, or 404; 403 when it exists but `may` says no. */
export function requirePlan(rows: readonly PlanRow[], may: (facts: PlanFacts) => boolean): StoredPlan {
  const [row] = rows
  if (!row) throw new Problem('NOT_FOUND', 'There is no such plan.')
  const plan = toStoredPlan(row)
  if (!may(plan)) throw new Problem('FORBIDDEN', 'This plan is not yours to read or change so.')
  return plan
}

/** A new, empty plan by `person`. */
export function newPlan(
  person: { id: string; companyId: string },
  request: NewPlan,
  now: number,
): StoredPlan {
  const texts = { title: request.title, description: request.description ?? '' }
  return {
    id: newId(now),
    companyId: person.companyId,
    ...texts,
    contentBytes: emptyPlanBytes(texts),
    visibility: request.visibility ?? 'PRIVATE',
    createdBy: person.id,
    createdAt: now,
    updatedAt: now,
    version: 1,
    revision: 1,
    actionCount: 0,
    completedCount: 0,
  }
}

/** The plan after the patch; the same object when nothing changes. */
export function patchedPlan(plan: StoredPlan, patch: PlanPatch, now: number): StoredPlan {
  const after: StoredPlan = {
    ...plan,
    title: patch.title ?? plan.title,
    description: patch.description ?? plan.description,
    visibility: patch.visibility ?? plan.visibility,
  }
  if (JSON.stringify(after) === JSON.stringify(plan)) return plan
  requireRoom('bytesPerPlan', plan.contentBytes, growthOf(plan, after))
  return { ...after, updatedAt: now }
}
