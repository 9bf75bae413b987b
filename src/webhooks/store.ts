/** Reads and writes webhooks in D1. */
import { and, count, desc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { EventType } from '../db/enums.ts'
import { excluded, insertSelect, isAtRevision, onConflictUpdate, type RowOf, select } from '../db/rows.ts'
import { companies, webhookCursors, webhooks } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS, ROW_BYTES } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import { byteLengthOf } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'
import { PREVIOUS_SECRET_MILLISECONDS } from './secrets.ts'

export const WEBHOOK = {
  id: webhooks.id,
  url: webhooks.url,
  host: webhooks.host,
  /** null: all. */
  types: sql`${webhooks.types}`.mapWith(readTypes),
  active: webhooks.active,
  userId: webhooks.userId,
  createdAt: webhooks.createdAt,
  switchedOffAt: webhooks.switchedOffAt,
  secretNumber: webhooks.secretNumber,
  revision: webhooks.revision,
}

export type StoredWebhook = RowOf<typeof WEBHOOK>

function readTypes(text: string): EventType[] | null {
  // Written by `writeTypes`.
  return JSON.parse(text) as EventType[]
}

function writeTypes(types: readonly EventType[] | null): string | null {
  return types === null ? null : JSON.stringify(types)
}

/** Condition on a row of `webhooks`: it was not deleted. */
export const IS_THERE = isNull(webhooks.deletedAt)

/** Of a row of `webhooks`: host and company, the lane of its deliveries (`webhook_deliveries.lane`). */
export const LANE = sql<string>`${webhooks.host} || ' ' || ${webhooks.companyId}`

/** Bytes that `companies.stored_bytes` counts for a webhook. */
export function webhookBytes({ url, types }: Pick<StoredWebhook, 'url' | 'types'>): number {
  return ROW_BYTES + byteLengthOf(url) + (writeTypes(types)?.length ?? 0)
}

export function webhookById(database: Database, companyId: string, webhookId: string) {
  return select(database, WEBHOOK)
    .from(webhooks)
    .where(and(eq(webhooks.id, webhookId), eq(webhooks.companyId, companyId), IS_THERE))
}

/** Holds while the webhook is as it was loaded. */
export function webhookIsUnchanged(webhook: Pick<StoredWebhook, 'id' | 'revision'>): SQL {
  return isAtRevision(webhooks, webhook)
}

/** The total and a page of a user's webhooks, newest first. */
export function webhookPage(database: Database, userId: string, { from, limit }: Slice) {
  const found = and(eq(webhooks.userId, userId), IS_THERE)
  return [
    database.select({ total: count() }).from(webhooks).where(found),
    select(database, WEBHOOK)
      .from(webhooks)
      .where(found)
      .orderBy(desc(webhooks.createdAt), desc(webhooks.id))
      .limit(limit)
      .offset(from),
  ] as const
}

/** How many webhooks the user has, and the company. */
export function countWebhooks(database: Database, companyId: string, userId: string) {
  return database
    .select({ ofCompany: count(), ofUser: sql<number>`coalesce(sum(${webhooks.userId} = ${userId}), 0)` })
    .from(webhooks)
    .where(and(eq(webhooks.companyId, companyId), IS_THERE))
}

/** Holds while the user and the company may have one webhook more. */
export function hasRoomForOne(companyId: string, userId: string): SQL {
  const countOf = (condition: SQL) =>
    sql`(SELECT count(*) FROM ${webhooks} WHERE ${condition} AND ${IS_THERE})`
  return sql`${countOf(eq(webhooks.userId, userId))} < ${LIMITS.webhooksPerUser.most}
    AND ${countOf(eq(webhooks.companyId, companyId))} < ${LIMITS.webhooksPerCompany.most}`
}

/** The number of the company's newest entry: a webhook is sent what comes after it. */
function newestNumber(companyId: string): SQL<number> {
  return sql`(SELECT ${companies.historyNumber} FROM ${companies} WHERE ${eq(companies.id, companyId)})`
}

/**
 * Brings the company's cursor to the newest entry, unless there is an active webhook, which may wait for entries before
 * that. Must run before a webhook becomes active.
 */
export function readyCursor(database: Database, companyId: string): Statement {
  return insertSelect(
    database,
    webhookCursors,
    { companyId: companies.id, number: companies.historyNumber },
    sql`FROM ${companies} WHERE ${eq(companies.id, companyId)}
      ${onConflictUpdate(
        [webhookCursors.companyId],
        [
          [webhookCursors.number, excluded(webhookCursors.number)],
          [webhookCursors.isBehind, sql`0`],
        ],
      )} WHERE NOT EXISTS (SELECT 1 FROM ${webhooks}
        WHERE ${eq(webhooks.companyId, companyId)} AND ${webhooks.active} = 1)`,
  )
}

/** Inserts an active webhook. */
export function insertWebhook(
  database: Database,
  companyId: string,
  webhook: Omit<StoredWebhook, 'revision' | 'secretNumber' | 'switchedOffAt' | 'active'>,
): Statement {
  const { createdAt } = webhook
  return database.insert(webhooks).values({
    ...webhook,
    ...{ companyId, active: true, types: writeTypes(webhook.types), updatedAt: createdAt },
    fromNumber: newestNumber(companyId),
  })
}

/**
 * Stores the members that a user changes. A webhook that becomes active starts as if it were new; and with another address
 * or a new start, no mail about earlier failures is of use.
 */
export function updateWebhook(
  database: Database,
  companyId: string,
  before: StoredWebhook,
  after: StoredWebhook,
  now: number,
): Statement {
  const { id, url, host, types, active, switchedOffAt } = after
  const isReactivated = active && !before.active
  const isNew = isReactivated || url !== before.url
  return database
    .update(webhooks)
    .set({
      ...{ url, host, types: writeTypes(types), active, switchedOffAt, updatedAt: now },
      ...(isReactivated ? { fromNumber: newestNumber(companyId) } : {}),
      ...(isNew ? { failingSince: null, mailDueAt: null } : {}),
      revision: sql`${webhooks.revision} + 1`,
    })
    .where(eq(webhooks.id, id))
}

/** Makes the next secret the current one; the one before signs beside it for a day. */
export function renewSecret(database: Database, webhookId: string, now: number): Statement {
  return database
    .update(webhooks)
    .set({
      secretNumber: sql`${webhooks.secretNumber} + 1`,
      previousSecretUntil: now + PREVIOUS_SECRET_MILLISECONDS,
      revision: sql`${webhooks.revision} + 1`,
      updatedAt: now,
    })
    .where(eq(webhooks.id, webhookId))
}
