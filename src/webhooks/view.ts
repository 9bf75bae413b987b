/** Webhooks and deliveries as callers see them, pure. */
import { toIso } from '../platform/time.ts'
import type { StoredDelivery } from './deliveries-store.ts'
import type { DeliveryView, WebhookView } from './schemas.ts'
import type { StoredWebhook } from './store.ts'

export function viewWebhook(webhook: Omit<StoredWebhook, 'revision' | 'secretNumber' | 'host'>): WebhookView {
  const { id, url, types, active, userId, createdAt, switchedOffAt } = webhook
  return { id, url, types, active, userId, createdAt: toIso(createdAt), switchedOffAt: toIso(switchedOffAt) }
}

export function viewDelivery(delivery: StoredDelivery): DeliveryView {
  const { id, type, at, status, tries, lastStatus, nextTryAt } = delivery
  return { id, type, at: toIso(at), status, tries, lastStatus, nextTryAt: toIso(nextTryAt) }
}
