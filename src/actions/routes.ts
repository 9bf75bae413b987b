/** /api/v1/company/actions */
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { exampleSlice, filtersIn, sliceOf, toSlice } from '../platform/schemas.ts'
import {
  exampleAction,
  exampleActionPatch,
  exampleChangedAction,
  exampleCompletedAction,
  exampleCreatedAction,
  exampleNewAction,
  exampleTransition,
} from './examples.ts'
import { listActions, readAction } from './reading.ts'
import {
  actionListQuery,
  actionPatchSchema,
  actionSchema,
  newActionSchema,
  transitionSchema,
} from './schemas.ts'
import {
  createAction,
  patchAction,
  removeAction,
  transitionAction,
  validateAgainstStored,
  validateAssignee,
} from './writing.ts'

const PATH = '/api/v1/company/actions'
const tag = 'Actions'
const oneAction = { status: 200, description: 'The action', schema: actionSchema, tagged: true } as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listActions',
  tag,
  summary: 'List actions',
  description: 'A slice of the actions you may read, newest first. All filters given must hold at once.',
  access: 'manager',
  openToKeys: true,
  query: actionListQuery,
  answer: {
    status: 200,
    description: 'A slice of actions',
    schema: sliceOf(actionSchema),
    example: exampleSlice(exampleAction),
    heavy: true,
  },
  problems: [],
  handle: ({ request, query }) => listActions(request, filtersIn(query), toSlice(query)),
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createAction',
  tag,
  summary: 'Create an action in a plan',
  description: 'Whoever may read a plan may add actions to it.',
  access: 'manager',
  openToKeys: true,
  body: newActionSchema,
  validateReferences: validateAgainstStored,
  idempotent: true,
  example: { body: exampleNewAction },
  answer: { ...oneAction, example: exampleCreatedAction, description: 'The new action', located: true },
  problems: ['FORBIDDEN', 'PLAN_FULL'],
  handle: ({ request, body, idempotencyKey }) => createAction(request, body, PATH, idempotencyKey),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:id`,
  operationId: 'getAction',
  tag,
  summary: 'Read an action',
  description: 'With the state of each assignee. Expiry by the clock shows at once.',
  access: 'manager',
  openToKeys: true,
  example: { path: { id: DEMO.action } },
  answer: { ...oneAction, example: exampleAction },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params }) => readAction(request, params.id),
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:id`,
  operationId: 'updateAction',
  tag,
  summary: 'Change an action',
  description:
    "For its creator, the plan's creator or an ADMIN who may read it. Assignees who stay keep their state; `planId` moves it.",
  access: 'manager',
  openToKeys: true,
  body: actionPatchSchema,
  validateReferences: validateAgainstStored,
  example: { path: { id: DEMO.action }, body: exampleActionPatch },
  answer: { ...oneAction, example: exampleChangedAction },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'PLAN_FULL', 'NOTES_FULL'],
  handle: ({ request, params, body, ifMatch }) => patchAction(request, params.id, body, ifMatch),
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:id`,
  operationId: 'deleteAction',
  tag,
  summary: 'Delete an action with its notes',
  description: "For its creator, the plan's creator or an ADMIN, who may read it.",
  access: 'manager',
  openToKeys: true,
  example: { path: { id: DEMO.spareAction } },
  answer: { status: 204, description: 'Gone' },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, ifMatch }) => removeAction(request, params.id, ifMatch),
})

const transition = endpoint({
  method: 'POST',
  path: `${PATH}/:id/transitions`,
  operationId: 'transitionAction',
  tag,
  summary: "Take an assignee's next step",
  description:
    "One's own state, or anyone's for the action's creator or an ADMIN who may read it, who alone reopen what is terminal.",
  access: 'manager',
  openToKeys: true,
  body: transitionSchema,
  validateReferences: validateAssignee,
  example: { path: { id: DEMO.action }, body: exampleTransition },
  answer: { ...oneAction, example: exampleCompletedAction },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'NOT_AN_ASSIGNEE', 'ILLEGAL_TRANSITION'],
  handle: ({ request, params, body }) => transitionAction(request, params.id, body),
})

export const actionEndpoints = [list, create, read, update, remove, transition]
