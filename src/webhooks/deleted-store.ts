/** Deletes deliveries and webhooks in D1, in portions: a webhook may have hundreds of thousands of deliveries. */
import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import { webhookDeliveries, webhooks } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

const AT_ONCE = 2000
const KEPT_MILLISECONDS = 30 * 24 * 3600 * 1000

/** Up to so many deliveries are deleted together with their webhook. */
const FEW = 500

/** Deletes a webhook for everybody: at once with its deliveries, if they are few, else the sweep deletes both. */
export function deleteWebhook(database: Database, webhookId: string, now: number): Statement[] {
  return [
    database
      .update(webhooks)
      .set({ active: false, deletedAt: now, mailDueAt: null, revision: sql`${webhooks.revision} + 1` })
      .where(eq(webhooks.id, webhookId)),
    database.delete(webhooks).where(
      and(
        eq(webhooks.id, webhookId),
        sql`(SELECT count(*) FROM (SELECT 1 FROM ${webhookDeliveries}
          WHERE ${eq(webhookDeliveries.webhookId, webhookId)} LIMIT ${FEW + 1})) <= ${FEW}`,
      ),
    ),
  ]
}

/** Deletes all webhooks of a user in the same way; their addresses are gone at once, since they may name a person. */
export function deleteWebhooksOf(database: Database, userId: string, now: number): Statement[] {
  const gone = { url: '', host: '', types: null, mailUserName: null, mailCompanyName: null }
  return [
    database
      .update(webhooks)
      .set({ ...gone, active: false, deletedAt: now, mailDueAt: null })
      .where(eq(webhooks.userId, userId)),
    database.delete(webhooks).where(
      and(
        eq(webhooks.userId, userId),
        sql`(SELECT count(*) FROM (SELECT 1 FROM ${webhookDeliveries}
          WHERE ${eq(webhookDeliveries.webhookId, webhooks.id)} LIMIT ${FEW + 1})) <= ${FEW}`,
      ),
    ),
  ]
}

/** Deletes up to 2,000 deliveries of a webhook that was deleted; and the webhook, once it has none. */
export function finishDeletion(database: Database): Statement[] {
  const gone = sql`(SELECT id FROM ${webhooks} WHERE deleted_at IS NOT NULL
    AND ${staysHere(webhooks.companyId)} ORDER BY deleted_at LIMIT 1)`
  const portion = database
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(sql`${webhookDeliveries.webhookId} = ${gone}`)
    .limit(AT_ONCE)
  return [
    database.delete(webhookDeliveries).where(inArray(webhookDeliveries.id, portion)),
    database.delete(webhooks).where(
      and(
        sql`${webhooks.id} = ${gone}`,
        sql`NOT EXISTS (SELECT 1 FROM ${webhookDeliveries}
          WHERE ${eq(webhookDeliveries.webhookId, webhooks.id)})`,
      ),
    ),
  ]
}

/** Deletes deliveries that are older than 30 days, up to 2,000. */
export function deleteOldDeliveries(database: Database, now: number): Statement {
  const old = database
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(
      and(lt(webhookDeliveries.createdAt, now - KEPT_MILLISECONDS), staysHere(webhookDeliveries.companyId)),
    )
    .limit(AT_ONCE)
  return database.delete(webhookDeliveries).where(inArray(webhookDeliveries.id, old))
}
