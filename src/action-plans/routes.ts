/** /api/v1/company/action-plans */
import { toStoredAction } from '../actions/store.ts'
import { created, empty, resource, sliceWithin } from '../platform/answer.ts'
import { endpoint } from '../platform/endpoint.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import { sliceOf, toSlice } from '../platform/schemas.ts'
import { newPlan, patchedPlan, requirePlan, shownTo } from './change.ts'
import { mayChangePlan, mayDeletePlan, mayReadPlan } from './policy.ts'
import { newPlanSchema, planListQuery, planPatchSchema, planSchema } from './schemas.ts'
import {
  deletePlan,
  insertPlan,
  planById,
  planIsUnchanged,
  planPage,
  toStoredPlan,
  updatePlan,
} from './store.ts'
import { viewPlan } from './view.ts'

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
  answer: { status: 200, description: 'A slice of plans', schema: sliceOf(planSchema) },
  problems: [],
  async handle({ gate, caller, database, query, now }) {
    const { from, limit } = toSlice(query)
    const { from: _from, to: _to, ...filter } = query
    const look = { companyId: caller.companyId, userId: caller.userId, now }
    const { rows } = await gate.read(planPage(database, filter, look, { from, limit }))
    const [totals, plans, actions] = rows
    const byPlan = Map.groupBy(actions.map(toStoredAction), ({ planId }) => planId)
    const views = plans.map(toStoredPlan).map((plan) => viewPlan(plan, byPlan.get(plan.id) ?? [], now))
    return sliceWithin(from, totals[0]?.total ?? 0, views)
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
        decide(viewer) {
          const plan = newPlan(viewer, body, now)
          return {
            effects: insertPlan(database, plan),
            answer: created(viewPlan(plan, [], now), `${PATH}/${plan.id}`),
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
  answer: onePlan,
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params, now }) {
    const look = { companyId: caller.companyId, userId: caller.userId, now }
    const { viewer, rows } = await gate.read(planById(database, params.planId, look, 'readable'))
    const [plans, actions] = rows
    const plan = requirePlan(plans, (facts) => mayReadPlan(viewer, facts))
    return resource(viewPlan(plan, actions.map(toStoredAction), now))
  },
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:planId`,
  operationId: 'updateActionPlan',
  tag,
  summary: 'Change an action plan',
  description: 'For its creator or an ADMIN who may read it; a legacy plan for any company manager.',
  access: 'manager',
  body: planPatchSchema,
  answer: onePlan,
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params, body, ifMatch, now }) {
    const look = { companyId: caller.companyId, userId: caller.userId, now }
    const { answer } = await gate.write({
      // All of them: another visibility can show or hide actions that follow the plan's.
      load: planById(database, params.planId, look, 'all'),
      async decide(viewer, [plans, actionRows]) {
        const plan = requirePlan(plans, (facts) => mayChangePlan(viewer, facts))
        const actions = actionRows.map(toStoredAction)
        await requireMatch(ifMatch, viewPlan(plan, shownTo(viewer, plan, actions), now))
        const after = patchedPlan(plan, body, now)
        return {
          condition: planIsUnchanged(plan, ifMatch !== null),
          effects: after === plan ? [] : updatePlan(database, after),
          answer: resource(viewPlan(after, shownTo(viewer, after, actions), now)),
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
      load: planById(database, params.planId, look, ifMatch === null ? 'none' : 'readable'),
      async decide(viewer, [plans, actions]) {
        const plan = requirePlan(plans, (facts) => mayDeletePlan(viewer, facts))
        await requireMatch(ifMatch, viewPlan(plan, actions.map(toStoredAction), now))
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
