/** Tries of deliveries in D1: who makes one, what came of it, and which are due. */
import { and, eq, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { isActiveManager } from '../access/store.ts'
import { type RowOf, select, selectRaw } from '../db/rows.ts'
import { companies, history, users, webhookDeliveries, webhooks } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import { LEASE_MILLISECONDS, SLACK_MILLISECONDS } from '../jobs/lease.ts'
import { entryIsReadableBy, isToldOfAccess } from '../history/readable-store.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { IS_THERE, LANE } from './store.ts'

/** The most tries at once of one company at one host and port. */
const MOST_AT_ONCE = 4

/** The value of `lease_until` while a delivery waits for its turn at the host. */
const WAITING = 0

const other = alias(webhookDeliveries, 'other')

/** The lane of a delivery by the host that its webhook has now. */
const LANE_NOW = sql<string>`(SELECT ${LANE} FROM ${webhooks}
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
    AND ${other.lane} = ${LANE_NOW} AND ${other.leaseUntil} > ${now})`
  const isFree = isDue(deliveryId, companyId, now)
  return [
    database
      .update(webhookDeliveries)
      .set({ leaseUntil: lease, nextTryAt: lease, lane: LANE_NOW })
      .where(and(isFree, sql`${underWay} < ${MOST_AT_ONCE}`))
      .returning({ lease: sql<number>`${webhookDeliveries.leaseUntil}` }),
    // Whatever is still due and free after the first statement found its host busy.
    database
      .update(webhookDeliveries)
      .set({ leaseUntil: WAITING, lane: LANE_NOW })
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
  lane: webhookDeliveries.lane,
  automaticTries: webhookDeliveries.automaticTries,
  isByHand: webhookDeliveries.isByHand,
  lastStatus: webhookDeliveries.lastStatus,
  webhook: {
    id: webhooks.id,
    url: webhooks.url,
    active: webhooks.active,
    isThere: sql<boolean>`${IS_THERE}`.mapWith(Boolean),
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
  automaticTries: number
  /** HTTP status of the answer; null if there was none; undefined if nothing was sent. */
  lastStatus?: number | null
  nextTryAt: number | null
}

/** Records what came of a try and ends its lease, if it is still held. */
export function endTry(database: Database, deliveryId: string, lease: number, result: TryResult): Statement {
  return database
    .update(webhookDeliveries)
    .set({ ...result, isByHand: false, leaseUntil: null })
    .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.leaseUntil, lease)))
}

/** Columns by which a delivery is named in a message. */
const NAMED = { companyId: webhookDeliveries.companyId, deliveryId: webhookDeliveries.id }

/** Those that wait for a host, as FROM and WHERE; the longest first with `ORDER BY other.rowid`. */
function waitingFor(lane: SQL | string): SQL {
  return sql`FROM ${webhookDeliveries} AS other WHERE other.lease_until IS NOT NULL
    AND ${other.lane} = ${lane} AND ${other.leaseUntil} = ${WAITING}`
}

/**
 * Takes the two deliveries that have waited longest for their turn at the host: each try that ends wakes two, so that soon
 * as many are tried at once as may be.
 */
export function takeWaiting(database: Database, lane: string) {
  return database
    .update(webhookDeliveries)
    .set({ leaseUntil: null })
    .where(
      sql`${webhookDeliveries.id} IN (SELECT ${other.id} ${waitingFor(lane)} ORDER BY other.rowid LIMIT 2)`,
    )
    .returning(NAMED)
}

/**
 * Takes one waiting delivery of each lane where nothing is tried, because the message for the next one was lost. Lanes are
 * found one after the other in the index, however many deliveries wait.
 */
export function takeForgotten(database: Database, now: number) {
  const nextLane = (condition: SQL) =>
    sql`(SELECT min(${other.lane}) FROM ${webhookDeliveries} AS other WHERE other.lease_until IS NOT NULL ${condition})`
  const isIdle = sql`NOT EXISTS (SELECT 1 FROM ${webhookDeliveries} AS other WHERE other.lease_until IS NOT NULL
    AND ${other.lane} = lanes.lane AND ${other.leaseUntil} > ${now})`
  return database
    .update(webhookDeliveries)
    .set({ leaseUntil: null })
    .where(
      sql`${webhookDeliveries.id} IN (
        WITH RECURSIVE lanes (lane) AS (SELECT ${nextLane(sql``)}
          UNION ALL SELECT ${nextLane(sql`AND ${other.lane} > lanes.lane`)} FROM lanes WHERE lanes.lane IS NOT NULL)
        SELECT (SELECT ${other.id} ${waitingFor(sql`lanes.lane`)} ORDER BY other.rowid LIMIT 1)
          FROM lanes WHERE lanes.lane IS NOT NULL AND ${isIdle})
        AND ${staysHere(webhookDeliveries.companyId)}`,
    )
    .returning(NAMED)
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
        mailAccentColor: ofUser(sql`${companies.accentColor}`),
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

/** Of one host the sweep hastens no more than this at once; the others wait for their turn. */
const MOST_PER_HOST = 20

/**
 * Takes up to 1,000 deliveries that are overdue, the longest overdue first. Each is taken by one sweep only, and stays due.
 * Those of a host beyond the first 20 wait, so that a receiver that has many does not keep the others from being found.
 */
export function takeOverdue(database: Database, now: number) {
  return selectRaw(
    database,
    { ...NAMED, isWaiting: sql<boolean>`lease_until IS 0`.mapWith(Boolean) },
    (columns) => sql`UPDATE ${webhookDeliveries} SET next_try_at = ${now},
        lease_until = CASE WHEN overdue.place > ${MOST_PER_HOST} THEN 0 ELSE ${webhookDeliveries.leaseUntil} END
      FROM (SELECT id, row_number() OVER (PARTITION BY lane ORDER BY next_try_at) AS place
        FROM (SELECT ${other.id} AS id, ${other.lane} AS lane, ${other.nextTryAt} AS next_try_at
          FROM ${webhookDeliveries} AS other WHERE other.next_try_at IS NOT NULL AND other.lease_until IS NOT 0
            AND ${other.nextTryAt} <= ${now - OVERDUE_MILLISECONDS} AND ${staysHere(other.companyId)}
            ORDER BY ${other.nextTryAt} LIMIT 1000)) AS overdue
      WHERE ${webhookDeliveries.id} = overdue.id RETURNING ${columns}`,
  )
}
