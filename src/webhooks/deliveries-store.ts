/** Deliveries as their webhook's user sees them: listed, asked for by a ping, tried once more. */
import { and, count, desc, eq, type SQL, sql } from 'drizzle-orm'
import { insertSelect, type RowOf, select } from '../db/rows.ts'
import { webhookDeliveries, webhooks } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'
import { LANE } from './store.ts'

const DELIVERY = {
  id: webhookDeliveries.id,
  type: webhookDeliveries.type,
  at: webhookDeliveries.at,
  status: webhookDeliveries.status,
  tries: webhookDeliveries.tries,
  lastStatus: webhookDeliveries.lastStatus,
  nextTryAt: webhookDeliveries.nextTryAt,
}

export type StoredDelivery = RowOf<typeof DELIVERY>

/** The total and a page of a webhook's deliveries, newest first. */
export function deliveryPage(database: Database, webhookId: string, { from, limit }: Slice) {
  return [
    database
      .select({ total: count() })
      .from(webhookDeliveries)
      .where(eq(webhookDeliveries.webhookId, webhookId)),
    select(database, DELIVERY)
      .from(webhookDeliveries)
      .where(eq(webhookDeliveries.webhookId, webhookId))
      .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
      .limit(limit)
      .offset(from),
  ] as const
}

export function deliveryById(database: Database, webhookId: string, deliveryId: string) {
  return select(database, DELIVERY).from(webhookDeliveries).where(isDelivery(webhookId, deliveryId))
}

function isDelivery(webhookId: string, deliveryId: string): SQL | undefined {
  return and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.webhookId, webhookId))
}

/** Holds while the delivery is there. */
export function deliveryIsThere(webhookId: string, deliveryId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM ${webhookDeliveries} WHERE ${isDelivery(webhookId, deliveryId)})`
}

/** Inserts a ping, which is due at once. */
export function insertPing(database: Database, webhookId: string, ping: StoredDelivery): Statement {
  return insertSelect(
    database,
    webhookDeliveries,
    {
      ...ping,
      ...{ companyId: webhooks.companyId, webhookId: webhooks.id, lane: LANE },
      createdAt: ping.at,
    },
    sql`FROM ${webhooks} WHERE ${eq(webhooks.id, webhookId)}`,
  )
}

/** Makes a delivery due at once, also a settled one; a try that is under way counts as the one that is asked for. */
export function makeDue(database: Database, deliveryId: string, now: number): Statement {
  const isUnderWay = sql`coalesce(${webhookDeliveries.leaseUntil}, 0) > ${now}`
  return database
    .update(webhookDeliveries)
    .set({
      status: 'PENDING',
      isByHand: sql`NOT ${isUnderWay}`,
      nextTryAt: sql`CASE WHEN ${isUnderWay} THEN ${webhookDeliveries.nextTryAt} ELSE ${now} END`,
    })
    .where(eq(webhookDeliveries.id, deliveryId))
}
