/** The webhooks that the reference's examples name. They are switched off, so that nothing is sent but a ping on request. */
import type { BatchItem } from 'drizzle-orm/batch'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { webhookDeliveries, webhooks } from '../../src/db/schema.ts'
import { DEMO } from '../../src/platform/demo.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const HOST = 'hooks.example.com:443'

/**
 * Inserts for two webhooks of ana's, the first with deliveries.
 * @param now Unix milliseconds
 */
export function webhookInserts(database: DrizzleD1Database, now: number): BatchItem<'sqlite'>[] {
  const { company: companyId, ana: userId, webhook: webhookId } = DEMO
  const at = now - 3 * DAY_MS
  const times = { createdAt: at - 3600 * 1000, updatedAt: at - 3600 * 1000 }
  const common = { companyId, userId, host: HOST, active: false, fromNumber: 0, ...times }
  const sent = {
    companyId,
    webhookId,
    lane: `${HOST} ${companyId}`,
    status: 'DELIVERED',
    tries: 1,
    lastStatus: 204,
  } as const
  return [
    database.insert(webhooks).values([
      {
        ...common,
        id: webhookId,
        url: 'https://hooks.example.com/action-plans',
        types: JSON.stringify(['action.status_changed', 'export.sent']),
      },
      { ...common, id: DEMO.spareWebhook, url: 'https://hooks.example.com/old' },
    ]),
    database.insert(webhookDeliveries).values([
      {
        ...sent,
        id: '6aba2b5c84e01f6d3b97a250',
        type: 'webhook.ping',
        at: at - 3000_000,
        createdAt: at - 3000_000,
      },
      {
        ...{ ...sent, id: DEMO.delivery, type: 'export.sent', at, createdAt: at },
        ...{ planId: DEMO.plan, exportId: DEMO.export },
      },
    ]),
  ]
}
