/** /api/v1/company/webhooks/{webhookId}/deliveries, and the ping. */
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { exampleSlice, sliceOf, toSlice } from '../platform/schemas.ts'
import { listDeliveries, ping, retryDelivery } from './deliveries.ts'
import { exampleDelivery, examplePing, exampleRetry } from './examples.ts'
import { deliveryListQuery, deliverySchema } from './schemas.ts'

const PATH = '/api/v1/company/webhooks/:webhookId'
const tag = 'Webhooks'

const list = endpoint({
  method: 'GET',
  path: `${PATH}/deliveries`,
  operationId: 'listWebhookDeliveries',
  tag,
  summary: 'List the deliveries of a webhook',
  description: 'Of the last 30 days.',
  access: 'manager',
  openToKeys: true,
  query: deliveryListQuery,
  example: { path: { webhookId: DEMO.webhook } },
  answer: {
    status: 200,
    description: 'A slice of deliveries, newest first',
    schema: sliceOf(deliverySchema),
    example: exampleSlice(exampleDelivery),
  },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, query }) => listDeliveries(request, params.webhookId, toSlice(query)),
})

const pingWebhook = endpoint({
  method: 'POST',
  path: `${PATH}/ping`,
  operationId: 'pingWebhook',
  tag,
  summary: 'Send a ping',
  description: 'Also to a webhook that is off. Its list of deliveries says what came of it.',
  access: 'manager',
  openToKeys: true,
  example: { path: { webhookId: DEMO.webhook } },
  answer: {
    status: 200,
    description: 'The delivery, which is on its way',
    schema: deliverySchema,
    example: examplePing,
  },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, ...facts }) => ping(request, facts, params.webhookId),
})

const retry = endpoint({
  method: 'POST',
  path: `${PATH}/deliveries/:deliveryId/retries`,
  operationId: 'retryWebhookDelivery',
  tag,
  summary: 'Try a delivery once more',
  description: 'At once, whatever came of it so far. It has the same id and body as before.',
  access: 'manager',
  openToKeys: true,
  example: { path: { webhookId: DEMO.webhook, deliveryId: DEMO.delivery } },
  answer: {
    status: 200,
    description: 'The delivery, which is on its way',
    schema: deliverySchema,
    example: exampleRetry,
  },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, ...facts }) =>
    retryDelivery(request, facts, params.webhookId, params.deliveryId),
})

export const deliveryEndpoints = [list, pingWebhook, retry]
