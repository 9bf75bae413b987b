/** Writes plans. Each function loads the rows for its decision and decides with the pure functions of change.ts. */
import { mayChangePlan, mayDeletePlan, mayReadPlan } from '../access/policy.ts'
import { type Answer, created, empty } from '../platform/answer.ts'
import type { Database } from '../platform/database.ts'
import { requireTag } from '../platform/entity-tag.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import { newId } from '../platform/new-id.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import { answerOf, type Statement } from '../platform/write.ts'
import { newPlan, patchedPlan, requirePlan } from './change.ts'
import { planCreated, planDeleted, planUpdated } from './history.ts'
import { changedPlanAnswer } from './reading.ts'
import type { NewPlan, PlanPatch } from './schemas.ts'
import {
  deletedActions,
  deletePlan,
  insertPlan,
  isStillPossible,
  planById,
  shownActions,
  type ShownRevision,
  shownRevisions,
  type StoredPlan,
  updatePlan,
} from './store.ts'
import { planTag, tagPart, viewPlan } from './view.ts'

/** Creates an empty plan; `path` is the path of all plans. Throws the problems of `AuthorizedRequest.writeOnce`. */
export async function createPlan(
  request: AuthorizedRequest,
  body: NewPlan,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, now } = request
  const { answer } = await request.writeOnce(
    {
      load: [],
      decide(viewer) {
        const plan = newPlan(viewer, body, newId(now), now)
        return {
          effects: [insertPlan(database, plan)],
          history: [planCreated(plan)],
          adds: ROW_BYTES + plan.contentBytes,
          facts: { id: plan.id },
        }
      },
      async answer({ id }, at, viewer) {
        const plan = newPlan(viewer, body, id, at)
        return created(viewPlan(plan, [], at), `${path}/${id}`, await planTag(plan, []))
      },
    },
    key,
  )
  return answer
}

/**
 * Reserves memory for the answer with the plan before anything is written. Returns the most bytes of actions that the
 * write's own batch may read; a larger answer is read in portions.
 */
async function roomFor(request: AuthorizedRequest, { contentBytes }: StoredPlan): Promise<number> {
  const most = await request.light()
  if (contentBytes > most) await request.heavy(contentBytes)
  return most
}

/** Statements for the plan and, if the write is conditional, for what its entity tag is made of. */
function planAndShown({ database, scope }: AuthorizedRequest, planId: string, ifMatch: string | null) {
  return [
    planById(database, scope.companyId, planId),
    shownRevisions(database, planId, scope, ifMatch !== null),
  ] as const
}

/** Throws 412 PRECONDITION_FAILED unless `ifMatch` is absent or names the plan as the caller sees it. */
async function requireSeen(
  ifMatch: string | null,
  plan: StoredPlan,
  shown: readonly ShownRevision[],
  now: number,
): Promise<void> {
  if (ifMatch === null) return
  const tagParts = shown.map((action) => tagPart(action, now))
  requireTag(ifMatch, await planTag(plan, tagParts))
}

/**
 * Changes a plan. Throws 404 NOT_FOUND, 403 FORBIDDEN, 412 PRECONDITION_FAILED, 409 PLAN_FULL, 503 BUSY, and the
 * problems of `AuthorizedRequest.write`.
 */
export async function patchPlan(
  request: AuthorizedRequest,
  planId: string,
  patch: PlanPatch,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, scope, now } = request
  return request.write({
    load: planAndShown(request, planId, ifMatch),
    async decide(viewer, [[found], shown]) {
      const before = requirePlan(found, (facts) => mayChangePlan(viewer, facts))
      await requireSeen(ifMatch, before, shown, now)
      const after = patchedPlan(before, patch, now)
      const growth = after.contentBytes - before.contentBytes
      const most = await roomFor(request, after)
      return {
        condition: isStillPossible(before, growth, ifMatch === null ? null : shown, scope),
        effects: after === before ? [] : [updatePlan(database, before, after)],
        history: [planUpdated(before, after)],
        adds: growth,
        answer: answerOf(
          [
            planById(database, scope.companyId, planId),
            ...shownActions(database, planId, scope, most),
          ] as const,
          async ([[stored], actions, outline]) => {
            // An ADMIN who makes another user's plan PRIVATE may not read it afterwards, but still gets this answer.
            const isOwnDoing = stored?.rowVersion === after.rowVersion
            const plan = requirePlan(stored, (facts) => isOwnDoing || mayReadPlan(viewer, facts))
            return changedPlanAnswer(request, plan, actions, outline)
          },
        ),
      }
    },
  })
}

/**
 * Deletes a plan with everything in it. Throws 404 NOT_FOUND, 403 FORBIDDEN, 412 PRECONDITION_FAILED, and the problems
 * of `AuthorizedRequest.write`.
 * @param endings statements that end what refers to the plan in other features, for the same batch
 */
export async function removePlan(
  request: AuthorizedRequest,
  planId: string,
  ifMatch: string | null,
  endings: (database: Database, planId: string, now: number) => Statement[],
): Promise<Answer> {
  const { database, scope, now } = request
  return request.write({
    load: planAndShown(request, planId, ifMatch),
    async decide(viewer, [[found], shown]) {
      const plan = requirePlan(found, (facts) => mayDeletePlan(viewer, facts))
      await requireSeen(ifMatch, plan, shown, now)
      return {
        condition: isStillPossible(plan, 0, ifMatch === null ? null : shown, scope),
        effects: [...endings(database, plan.id, now), deletePlan(database, plan)],
        history: [deletedActions(plan), planDeleted(plan)],
        answer: empty(204),
      }
    },
  })
}
