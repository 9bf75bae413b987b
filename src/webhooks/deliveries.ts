/** Deliveries of a user's webhook: listed, asked for by a ping, tried once more. */
import { type Answer, json, slice } from '../platform/answer.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import { newId } from '../platform/new-id.ts'
import { Problem } from '../platform/problem.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import {
  deliveryById,
  deliveryIsThere,
  deliveryPage,
  insertPing,
  makeDue,
  type StoredDelivery,
} from './deliveries-store.ts'
import { requireOwn } from './managing.ts'
import { hasten } from '../platform/webhook-messages.ts'
import { webhookById, webhookIsUnchanged } from './store.ts'
import { viewDelivery } from './view.ts'

type Sender = Pick<RequestFacts, 'env' | 'id'>

/** A slice of a webhook's deliveries, newest first. Throws 404 NOT_FOUND, 403 FORBIDDEN. */
export async function listDeliveries(
  request: AuthorizedRequest,
  webhookId: string,
  range: Slice,
): Promise<Answer> {
  const { database, caller } = request
  const { rows } = await request.read([
    webhookById(database, caller.companyId, webhookId),
    ...deliveryPage(database, webhookId, range),
  ] as const)
  const [[webhook], [counted], deliveries] = rows
  requireOwn(webhook, caller.userId)
  return slice(range.from, counted?.total ?? 0, deliveries.map(viewDelivery))
}

/**
 * Sends a webhook a ping, whether it is active or not. Throws 404 NOT_FOUND, 403 FORBIDDEN, and the problems of
 * `AuthorizedRequest.write`.
 */
export async function ping(
  request: AuthorizedRequest,
  { env, id: requestId }: Sender,
  webhookId: string,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId, userId } = caller
  const delivery: StoredDelivery = {
    ...{ id: newId(now), type: 'webhook.ping', at: now, status: 'PENDING' },
    ...{ tries: 0, lastStatus: null, nextTryAt: now },
  }
  const answer = await request.write({
    load: [webhookById(database, companyId, webhookId)] as const,
    decide(_viewer, [[found]]) {
      const webhook = requireOwn(found, userId)
      return {
        condition: webhookIsUnchanged(webhook),
        effects: [insertPing(database, webhookId, delivery)],
        history: [],
        adds: ROW_BYTES,
        answer: json(viewDelivery(delivery)),
      }
    },
  })
  await hasten(env, database, [{ companyId, deliveryId: delivery.id }], requestId)
  return answer
}

/**
 * Has a delivery tried once more, also one that was delivered. Throws 404 NOT_FOUND, 403 FORBIDDEN, and the problems of
 * `AuthorizedRequest.write`.
 */
export async function retryDelivery(
  request: AuthorizedRequest,
  { env, id: requestId }: Sender,
  webhookId: string,
  deliveryId: string,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId, userId } = caller
  const answer = await request.write({
    load: [
      webhookById(database, companyId, webhookId),
      deliveryById(database, webhookId, deliveryId),
    ] as const,
    decide(_viewer, [[webhook], [delivery]]) {
      requireOwn(webhook, userId)
      if (!delivery) throw new Problem('NOT_FOUND', 'There is no such delivery.')
      return {
        condition: deliveryIsThere(webhookId, deliveryId),
        effects: [makeDue(database, deliveryId, now)],
        history: [],
        answer: json(viewDelivery({ ...delivery, status: 'PENDING', nextTryAt: now })),
      }
    },
  })
  await hasten(env, database, [{ companyId, deliveryId }], requestId)
  return answer
}
