/** /api/v1/company/action-plans */
import { created, empty } from '../platform/answer.ts'
import { endpoint } from '../platform/endpoint.ts'
import { requireTag } from '../platform/entity-tag.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import type { Gate } from '../platform/request.ts'
import { sliceOf, toSlice } from '../platform/schemas.ts'
import { answerOf } from '../platform/write.ts'
import { newPlan, patchedPlan, requirePlan } from './change.ts'
import { mayChangePlan, mayDeletePlan, mayReadPlan } from './policy.ts'
import { changedPlanAnswer, listPlans, readPlan } from './reading.ts'
import { newPlanSchema, planListQuery, planPatchSchema, planSchema } from './schemas.ts'
import {
  deletePlan,
  insertPlan,
  planById,
  planIsUnchanged,
  shownActions,
  shownRevisions,
  type StoredPlan,
  updatePlan,
} from './store.ts'
import { planTag, viewPlan } from './view.ts'
import { growthOf } from './weight.ts'

const PATH = '/api/v1/company/action-plans'
const tag = 'Action Plans'
const onePlan = {
  status: 200,
  description: 'The plan with its actions',
  schema: planSchema,
  tagged: true,
} as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listActionPlans',
  tag,
  summary: 'List action plans',
  description:
    'A slice of the plans you may read, newest first. With filters: only plans with at least one action that meets all of them at once, and only those actions in them.',
  access: 'manager',
  query: planListQuery,
  answer: { status: 200, description: 'A slice of plans', schema: sliceOf(planSchema), heavy: true },
  problems: [],
  async handle({ gate, caller, database, query, now }) {
    const { from, limit } = toSlice(query)
    const { from: _from, to: _to, ...filter } = query
    const look = { companyId: caller.companyId, userId: caller.userId, now }
    return listPlans({ gate, database, look }, filter, { from, limit })
  },
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createActionPlan',
  tag,
  summary: 'Create an action plan',
  description: 'Creates an empty plan. Actions are added by creating them with the plan’s id.',
  access: 'manager',
  body: newPlanSchema,
  idempotent: true,
  answer: { ...onePlan, description: 'The new, empty plan', located: true },
  problems: [],
  async handle({ gate, database, body, now, idempotencyKey }) {
    const { answer } = await gate.write(
      {
        load: [],
        async decide(viewer) {
          const plan = newPlan(viewer, body, now)
          const location = `${PATH}/${plan.id}`
          return {
            effects: insertPlan(database, plan),
            adds: ROW_BYTES + plan.contentBytes,
            answer: created(viewPlan(plan, [], now), location, await planTag(plan, [], now)),
          }
        },
      },
      idempotencyKey,
    )
    return answer
  },
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:planId`,
  operationId: 'getActionPlan',
  tag,
  summary: 'Read an action plan',
  access: 'manager',
  answer: { ...onePlan, heavy: true },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ gate, caller, database, params, now }) =>
    readPlan(
      { gate, database, look: { companyId: caller.companyId, userId: caller.userId, now } },
      params.planId,
    ),
})

/** Room for an answer with the plan, before anything is written; what it may weigh to be read in the same step. */
async function roomFor(gate: Gate, bytes: number): Promise<number> {
  const most = await gate.light()
  if (bytes > most) await gate.heavy(bytes)
  return most
}

/** 412 unless `ifMatch` is absent or names the plan as the looker sees it. */
async function requireSeen(
  ifMatch: string | null,
  plan: StoredPlan,
  revisions: Awaited<ReturnType<typeof shownRevisions>>,
  now: number,
): Promise<void> {
  if (ifMatch === null) return
  const shown = revisions.map(({ id, revision, due_date: dueDate }) => ({ id, revision, dueDate }))
  requireTag(ifMatch, await planTag(plan, shown, now))
}

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:planId`,
  operationId: 'updateActionPlan',
  tag,
  summary: 'Change an action plan',
  description: 'For its creator or an ADMIN who may read it; a legacy plan for any company manager.',
  access: 'manager',
  body: planPatchSchema,
  answer: { ...onePlan, heavy: true },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'PLAN_FULL'],
  async handle({ gate, caller, database, params, body, ifMatch, now }) {
    const { companyId } = caller
    const look = { companyId, userId: caller.userId, now }
    const reader = { gate, database, look }
    const { answer } = await gate.write({
      load: [
        planById(database, companyId, params.planId),
        shownRevisions(database, params.planId, look, ifMatch !== null),
      ] as const,
      async decide(viewer, [plans, revisions]) {
        const plan = requirePlan(plans, (facts) => mayChangePlan(viewer, facts))
        await requireSeen(ifMatch, plan, revisions, now)
        const after = patchedPlan(plan, body, now)
        const growth = growthOf(plan, after)
        const most = await roomFor(gate, plan.contentBytes + growth)
        const version = after === plan ? plan.version : plan.version + 1
        return {
          condition: planIsUnchanged(plan, ifMatch !== null, growth),
          effects: after === plan ? [] : updatePlan(database, after, growth),
          adds: growth,
          answer: answerOf(
            [planById(database, companyId, plan.id), ...shownActions(database, plan.id, look, most)] as const,
            // Who made it PRIVATE still sees it once, as he or she left it.
            async ([rows, actions, outline]) =>
              changedPlanAnswer(
                reader,
                requirePlan(rows, (facts) => rows[0]?.version === version || mayReadPlan(viewer, facts)),
                actions,
                outline,
              ),
          ),
        }
      },
    })
    return answer
  },
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:planId`,
  operationId: 'deleteActionPlan',
  tag,
  summary: 'Delete an action plan',
  description:
    'The plan and all that hangs on it are gone in one step. For its creator or any ADMIN; a legacy plan for any company manager.',
  access: 'manager',
  answer: { status: 204, description: 'Gone' },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params, ifMatch, now }) {
    const look = { companyId: caller.companyId, userId: caller.userId, now }
    const { answer } = await gate.write({
      load: [
        planById(database, caller.companyId, params.planId),
        shownRevisions(database, params.planId, look, ifMatch !== null),
      ] as const,
      async decide(viewer, [plans, revisions]) {
        const plan = requirePlan(plans, (facts) => mayDeletePlan(viewer, facts))
        await requireSeen(ifMatch, plan, revisions, now)
        return {
          condition: planIsUnchanged(plan, ifMatch !== null),
          effects: deletePlan(database, plan, now),
          answer: empty(204),
        }
      },
    })
    return answer
  },
})

export const planEndpoints = [list, create, read, update, remove]
