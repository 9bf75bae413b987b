/** /api/v1/company/webhooks */
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { exampleSlice, sliceOf, toSlice } from '../platform/schemas.ts'
import {
  exampleNewWebhook,
  exampleWebhook,
  exampleWebhookPatch,
  exampleWebhookWithSecret,
} from './examples.ts'
import {
  addressErrors,
  createWebhook,
  listWebhooks,
  patchWebhook,
  readWebhook,
  removeWebhook,
  replaceSecret,
} from './managing.ts'
import {
  newWebhookSchema,
  webhookListQuery,
  webhookPatchSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from './schemas.ts'

const PATH = '/api/v1/company/webhooks'
const tag = 'Webhooks'
const oneWebhook = {
  status: 200,
  description: 'The webhook',
  schema: webhookSchema,
  example: exampleWebhook,
  tagged: true,
} as const
const withSecret = {
  status: 200,
  schema: webhookWithSecretSchema,
  example: exampleWebhookWithSecret,
} as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listWebhooks',
  tag,
  summary: 'List my webhooks',
  description: 'Only its user sees a webhook.',
  access: 'manager',
  openToKeys: true,
  query: webhookListQuery,
  answer: {
    status: 200,
    description: 'A slice of webhooks, newest first',
    schema: sliceOf(webhookSchema),
    example: exampleSlice(exampleWebhook),
  },
  problems: [],
  handle: ({ request, query }) => listWebhooks(request, toSlice(query)),
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createWebhook',
  tag,
  summary: 'Make a webhook',
  description:
    'It is sent what its user may read, from now on. `secret` signs every delivery as Standard Webhooks says, and is shown in this answer alone.',
  access: 'manager',
  openToKeys: false,
  body: newWebhookSchema,
  idempotent: true,
  example: { body: exampleNewWebhook },
  answer: { ...withSecret, description: 'The new webhook', tagged: true, located: true },
  problems: ['WEBHOOKS_FULL', 'SECRET_NOT_REPEATED'],
  validateReferences: (request, body, _params, facts) => addressErrors(request, body, facts),
  handle: ({ request, body, idempotencyKey, ...facts }) =>
    createWebhook(request, facts, body, PATH, idempotencyKey),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:webhookId`,
  operationId: 'getWebhook',
  tag,
  summary: 'Read a webhook',
  description: 'Only its user sees a webhook.',
  access: 'manager',
  openToKeys: true,
  example: { path: { webhookId: DEMO.webhook } },
  answer: oneWebhook,
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params }) => readWebhook(request, params.webhookId),
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:webhookId`,
  operationId: 'updateWebhook',
  tag,
  summary: 'Change a webhook, or switch it on or off',
  description: 'What happens while it is off is not sent later. Only its user may change it.',
  access: 'manager',
  openToKeys: false,
  body: webhookPatchSchema,
  example: { path: { webhookId: DEMO.webhook }, body: exampleWebhookPatch },
  answer: oneWebhook,
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  validateReferences: (request, body, _params, facts) => addressErrors(request, body, facts),
  handle: ({ request, params, body, ifMatch, ...facts }) =>
    patchWebhook(request, facts, params.webhookId, body, ifMatch),
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:webhookId`,
  operationId: 'deleteWebhook',
  tag,
  summary: 'Delete a webhook',
  description: 'With its deliveries. Only its user may delete it.',
  access: 'manager',
  openToKeys: false,
  example: { path: { webhookId: DEMO.spareWebhook } },
  answer: { status: 204, description: 'Gone' },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, ifMatch }) => removeWebhook(request, params.webhookId, ifMatch),
})

const renew = endpoint({
  method: 'POST',
  path: `${PATH}/:webhookId/secret`,
  operationId: 'replaceWebhookSecret',
  tag,
  summary: 'Get another secret',
  description: 'The one before signs beside it for 24 hours, so that receivers can change over.',
  access: 'manager',
  openToKeys: false,
  example: { path: { webhookId: DEMO.webhook } },
  answer: { ...withSecret, description: 'The webhook with its new secret' },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, ...facts }) => replaceSecret(request, facts, params.webhookId),
})

export const webhookEndpoints = [list, create, read, update, remove, renew]
