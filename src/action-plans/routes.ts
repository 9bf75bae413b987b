/** /api/v1/company/action-plans */
import { type Endpoint, endpoint } from '../platform/endpoint.ts'
import { exampleSlice, filtersIn, sliceOf, toSlice } from '../platform/schemas.ts'
import { DEMO } from '../platform/demo.ts'
import {
  exampleChangedPlan,
  exampleCreatedPlan,
  exampleNewPlan,
  examplePlan,
  examplePlanPatch,
} from './examples.ts'
import { listPlans, readPlan } from './reading.ts'
import { newPlanSchema, planListQuery, planPatchSchema, planSchema } from './schemas.ts'
import { createPlan, patchPlan, removePlan } from './writing.ts'

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
  openToKeys: true,
  query: planListQuery,
  answer: {
    status: 200,
    description: 'A slice of plans',
    schema: sliceOf(planSchema),
    example: exampleSlice(examplePlan),
    heavy: true,
  },
  problems: [],
  handle: ({ request, query }) => listPlans(request, filtersIn(query), toSlice(query)),
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createActionPlan',
  tag,
  summary: 'Create an action plan',
  description: 'Creates an empty plan. Actions are added by creating them with the plan’s id.',
  access: 'manager',
  openToKeys: true,
  body: newPlanSchema,
  idempotent: true,
  example: { body: exampleNewPlan },
  answer: { ...onePlan, example: exampleCreatedPlan, description: 'The new, empty plan', located: true },
  problems: [],
  handle: ({ request, body, idempotencyKey }) => createPlan(request, body, PATH, idempotencyKey),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:planId`,
  operationId: 'getActionPlan',
  tag,
  summary: 'Read an action plan',
  description:
    'With all its actions that you may read. A plan of thousands of actions is an answer of megabytes: `GET /api/v1/company/actions?planId=` gives them in slices, newest first.',
  access: 'manager',
  openToKeys: true,
  example: { path: { planId: DEMO.plan } },
  answer: { ...onePlan, example: examplePlan, heavy: true },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params }) => readPlan(request, params.planId),
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:planId`,
  operationId: 'updateActionPlan',
  tag,
  summary: 'Change an action plan',
  description: 'For its creator or an ADMIN who may read it; a legacy plan for any company manager.',
  access: 'manager',
  openToKeys: true,
  body: planPatchSchema,
  example: { path: { planId: DEMO.plan }, body: examplePlanPatch },
  answer: { ...onePlan, example: exampleChangedPlan, heavy: true },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'PLAN_FULL'],
  handle: ({ request, params, body, ifMatch }) => patchPlan(request, params.planId, body, ifMatch),
})

/**
 * The endpoints of plans.
 * @param endings statements that end what refers to a plan in other features, for the batch that deletes the plan
 */
export function planEndpoints(endings: Parameters<typeof removePlan>[3]): Endpoint[] {
  const remove = endpoint({
    method: 'DELETE',
    path: `${PATH}/:planId`,
    operationId: 'deleteActionPlan',
    tag,
    summary: 'Delete an action plan',
    description:
      'The plan and all that hangs on it are gone in one step. For its creator or any ADMIN, even one who may not read it; a legacy plan for any company manager.',
    access: 'manager',
    openToKeys: true,
    example: { path: { planId: DEMO.sparePlan } },
    answer: { status: 204, description: 'Gone' },
    problems: ['FORBIDDEN', 'NOT_FOUND'],
    handle: ({ request, params, ifMatch }) => removePlan(request, params.planId, ifMatch, endings),
  })
  return [list, create, read, update, remove]
}
