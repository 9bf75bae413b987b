/** Tries of deliveries in D1: who makes one, what came of it, and which are due. */
import { and, eq, inArray, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { isActiveManager } from '../access/store.ts'
import { type RowOf, select } from '../db/rows.ts'
import { companies, history, users, webhookDeliveries, webhooks } from '../db/schema.ts'
import { LEASE_MILLISECONDS, SLACK_MILLISECONDS } from '../jobs/lease.ts'
import { entryIsReadableBy, isToldOfAccess } from '../history/readable-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

/** The most tries at once at one host and port, so that a slow receiver takes up little of the queue. */
const MOST_AT_ONCE = 4

/** The value of `lease_until` while a delivery waits for its turn at the host. */
const WAITING = 0

const other = alias(webhookDeliveries, 'other')

/** The host that the webhook of a delivery has now. */
const HOST = sql<string>`(SELECT ${webhooks.host} FROM ${webhooks}
  WHERE ${eq(webhooks.id, webhookDeliveries.webhookId)})`

function isDue(deliveryId: string, companyId: string, now: number): SQL | undefined {
  return and(
    eq(webhookDeliveries.id, deliveryId),
    eq(webhookDeliveries.companyId, companyId),
    lte(webhookDeliveries.nextTryAt, now + SLACK_MILLISECONDS),
    or(isNull(webhookDeliveries.leaseUntil), lte(webhookDeliveries.leaseUntil, now)),
  )
}

/**
 * Begins a try: takes the lease if the delivery is due, nobody holds it, and its host is not busy. Returns the lease, which
 * tells this holder from a later one; no row if there is nothing to do now. If only the host was busy, the delivery waits
 * for its turn.
 */
export function beginTry(database: Database, companyId: string, deliveryId: string, now: number) {
  const lease = now + LEASE_MILLISECONDS
  const underWay = sql`(SELECT count(*) FROM ${webhookDeliveries} AS other WHERE other.lease_until IS NOT NULL
    AND ${other.host} = ${HOST} AND ${other.leaseUntil} > ${now})`
  const isFree = isDue(deliveryId, companyId, now)
  return [
    database
      .update(webhookDeliveries)
      .set({ leaseUntil: lease, nextTryAt: lease, host: HOST })
      .where(and(isFree, sql`${underWay} < ${MOST_AT_ONCE}`))
      .returning({ lease: sql<number>`${webhookDeliveries.leaseUntil}` }),
    // Whatever is still due and free after the first statement found its host busy.
    database
      .update(webhookDeliveries)
      .set({ leaseUntil: WAITING, host: HOST })
      .where(isFree)
      .returning({ id: webhookDeliveries.id }),
  ] as const
}

const DELIVERY_IN_HAND = {
  id: webhookDeliveries.id,
  type: webhookDeliveries.type,
  at: webhookDeliveries.at,
  companyId: webhookDeliveries.companyId,
  webhookId: webhookDeliveries.webhookId,
  planId: webhookDeliveries.planId,
  actionId: webhookDeliveries.actionId,
  historyId: webhookDeliveries.historyId,
  exportId: webhookDeliveries.exportId,
  tries: webhookDeliveries.tries,
  host: webhookDeliveries.host,
  webhook: {
    id: webhooks.id,
    url: webhooks.url,
    active: webhooks.active,
    secretNumber: webhooks.secretNumber,
    previousSecretUntil: webhooks.previousSecretUntil,
    failingSince: webhooks.failingSince,
  },
  isManager: sql<boolean>`${isActiveManager()}`.mapWith(Boolean),
  /** Whether the user may still see the entry that it is about; true if it is about none. */
  maySee: sql<boolean>`CASE WHEN ${webhookDeliveries.historyNumber} IS NULL THEN 1 ELSE coalesce((
    SELECT CASE WHEN ${webhookDeliveries.type} = 'access.changed' THEN ${isToldOfAccess(webhooks.userId)}
      ELSE ${entryIsReadableBy(webhooks.userId)} END
    FROM ${history} WHERE ${eq(history.companyId, webhookDeliveries.companyId)}
      AND ${eq(history.number, webhookDeliveries.historyNumber)}), 0) END`.mapWith(Boolean),
}

/** A delivery with its webhook, and the present rights of its user. */
export type DeliveryInHand = RowOf<typeof DELIVERY_IN_HAND>

export function deliveryInHand(database: Database, companyId: string, deliveryId: string) {
  return select(database, DELIVERY_IN_HAND)
    .from(webhookDeliveries)
    .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhookId))
    .innerJoin(users, eq(users.id, webhooks.userId))
    .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.companyId, companyId)))
}

/** What came of a try. */
export interface TryResult {
  status: 'PENDING' | 'DELIVERED' | 'FAILED'
  tries: number
  /** HTTP status of the answer; null if there was none; undefined if nothing was sent. */
  lastStatus?: number | null
  nextTryAt: number | null
}

/** Records what came of a try and ends its lease, if it is still held. */
export function endTry(database: Database, deliveryId: string, lease: number, result: TryResult): Statement {
  return database
    .update(webhookDeliveries)
    .set({ ...result, leaseUntil: null })
    .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.leaseUntil, lease)))
}

/** Takes the delivery that has waited longest for its turn at the host. */
export function takeWaiting(database: Database, host: string) {
  const waiting = sql`(SELECT ${other.id} FROM ${webhookDeliveries} AS other WHERE other.lease_until IS NOT NULL
    AND ${other.host} = ${host} AND ${other.leaseUntil} = ${WAITING} ORDER BY other.rowid LIMIT 1)`
  return database
    .update(webhookDeliveries)
    .set({ leaseUntil: null })
    .where(sql`${webhookDeliveries.id} = ${waiting}`)
    .returning({ companyId: webhookDeliveries.companyId, deliveryId: webhookDeliveries.id })
}

/** Condition on a row of `webhooks`: the one that was tried, still with the address that was tried. */
function isTried({ webhook }: DeliveryInHand): SQL | undefined {
  return and(eq(webhooks.id, webhook.id), eq(webhooks.url, webhook.url))
}

/** Ends an unbroken run of failures. */
export function endFailures(database: Database, delivery: DeliveryInHand): Statement {
  return database
    .update(webhooks)
    .set({ failingSince: null })
    .where(and(isTried(delivery), sql`${webhooks.failingSince} IS NOT NULL`))
}

/** Begins a run of failures, unless there is one. */
export function beginFailures(database: Database, delivery: DeliveryInHand, now: number): Statement {
  return database
    .update(webhooks)
    .set({ failingSince: now })
    .where(and(isTried(delivery), isNull(webhooks.failingSince)))
}

/**
 * Switches the webhook off and fails what waits for it; more than 500 fail one by one when they are due. Owes its user a mail
 * about that, if still active; names and language are kept, so that every try of the mail sends the same bytes.
 * @returns a row if it was switched off by this
 */
export function switchOff(database: Database, delivery: DeliveryInHand, mailDueAt: number, now: number) {
  const ofUser = (value: SQL) => sql`(SELECT ${value} FROM ${users} JOIN ${companies}
    ON ${eq(companies.id, users.companyId)} WHERE ${eq(users.id, webhooks.userId)} AND ${users.active} = 1)`
  const pending = database
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.webhookId, delivery.webhookId),
        eq(webhookDeliveries.status, 'PENDING'),
        sql`EXISTS (SELECT 1 FROM ${webhooks} WHERE ${isTried(delivery)} AND ${eq(webhooks.switchedOffAt, now)})`,
      ),
    )
    .limit(500)
  return [
    database
      .update(webhooks)
      .set({
        ...{ active: false, switchedOffAt: now, updatedAt: now },
        mailDueAt: ofUser(sql`${mailDueAt}`),
        mailLocale: ofUser(sql`coalesce(${users.language}, ${companies.language})`),
        mailUserName: ofUser(sql`${users.name}`),
        mailCompanyName: ofUser(sql`${companies.name}`),
        revision: sql`${webhooks.revision} + 1`,
      })
      .where(and(isTried(delivery), eq(webhooks.active, true)))
      .returning({ companyId: webhooks.companyId, webhookId: webhooks.id }),
    database
      .update(webhookDeliveries)
      .set({ status: 'FAILED', nextTryAt: null, leaseUntil: null })
      .where(inArray(webhookDeliveries.id, pending)),
  ] as const
}

/** A delivery that is overdue by this was not begun by its own message, which may be lost. */
const OVERDUE_MILLISECONDS = 5 * 1000

/** Takes deliveries that are overdue, the longest overdue first. Each is taken by one sweep only, and stays due. */
export function takeOverdue(database: Database, now: number) {
  const overdue = sql`(SELECT ${other.id} FROM ${webhookDeliveries} AS other WHERE other.next_try_at IS NOT NULL
    AND ${other.nextTryAt} <= ${now - OVERDUE_MILLISECONDS} ORDER BY ${other.nextTryAt} LIMIT 500)`
  return database
    .update(webhookDeliveries)
    .set({ nextTryAt: now })
    .where(sql`${webhookDeliveries.id} IN ${overdue}`)
    .returning({
      companyId: webhookDeliveries.companyId,
      deliveryId: webhookDeliveries.id,
      host: webhookDeliveries.host,
    })
}

const KEPT_MILLISECONDS = 30 * 24 * 3600 * 1000

/** Deletes deliveries that are older than 30 days, up to 500. */
export function deleteOldDeliveries(database: Database, now: number): Statement {
  const old = database
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(lt(webhookDeliveries.createdAt, now - KEPT_MILLISECONDS))
    .limit(500)
  return database.delete(webhookDeliveries).where(inArray(webhookDeliveries.id, old))
}
