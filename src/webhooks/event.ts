/** What is sent for a delivery, pure: a function of its row, so that every try sends the same bytes. */
import type { DeliveryType } from '../db/enums.ts'
import { toIso } from '../platform/time.ts'

export interface Event {
  type: DeliveryType
  /** When it happened (Unix milliseconds). */
  at: number
  companyId: string
  webhookId: string
  planId: string | null
  actionId: string | null
  historyId: string | null
  exportId: string | null
}

/** The body: ids only, since a receiver may be somebody else's machine, and who may read changes. */
export function bodyOf(event: Event): string {
  return JSON.stringify({ type: event.type, timestamp: toIso(event.at), data: dataOf(event) })
}

function dataOf({ type, companyId, webhookId, planId, actionId, historyId, exportId }: Event): object {
  switch (type) {
    case 'webhook.ping':
      return { companyId, webhookId }
    case 'export.sent':
    case 'export.failed':
      return { companyId, exportId, planId }
    default:
      return { historyId, companyId, planId, actionId }
  }
}
