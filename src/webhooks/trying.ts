/**
 * Tries deliveries. What comes of a try is recorded in one batch, so that a crash before it only lets the lease run out: the
 * delivery is then tried again with the same id and body.
 */
import { staying } from '../directory/staying-store.ts'
import { RESEND_AFTER_MILLISECONDS } from '../jobs/owed-mail.ts'
import type { Background } from '../jobs/messages.ts'
import { databaseOf, newMeter } from '../platform/database.ts'
import type { DatabaseName } from '../platform/place.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import type { Statement } from '../platform/write.ts'
import { readSettings } from '../settings.ts'
import { hasten } from '../platform/webhook-messages.ts'
import { isGivenUp, isWorthAMessage, waitAfter } from './rhythm.ts'
import type { DeliveryMessage } from './schemas.ts'
import { reasonAgainst, send } from './sending.ts'
import {
  beginFailures,
  beginTry,
  deliveryInHand,
  type DeliveryInHand,
  endFailures,
  endTry,
  switchOff,
  takeWaiting,
  type TryResult,
} from './tries-store.ts'

/**
 * Begins to try the delivery of the message, unless it is settled, not due, in other hands, or its host is busy. The try is
 * an invocation of its own (index.ts): a batch ends with all that its messages have begun, so a receiver that takes its time
 * would hold up the messages after it.
 */
export async function tryDelivery(
  message: Message,
  env: Env,
  body: DeliveryMessage,
  context: Background,
): Promise<void> {
  const { companyId, deliveryId } = body
  const meter = newMeter()
  const database = staying(databaseOf(env, body, meter), companyId)
  const [[held], waiting, [delivery]] = await database.batch([
    ...beginTry(database, companyId, deliveryId, Date.now()),
    deliveryInHand(database, companyId, deliveryId),
  ])
  if (held && delivery) await context.exports.DeliveryTries.begin(database.at, delivery, held.lease)
  const isBegun = held !== undefined && delivery !== undefined
  const step = isBegun ? 'webhook.begun' : waiting.length > 0 ? 'webhook.waiting' : 'webhook.surplus'
  message.ack()
  logStep(step, { deliveryId }, meter)
}

/** Sends a delivery and records what came of it. Throws nothing: without a record, the lease runs out. */
export async function finishTry(
  env: Env,
  at: DatabaseName,
  delivery: DeliveryInHand,
  lease: number,
): Promise<void> {
  try {
    await sendAndRecord(env, at, delivery, lease)
  } catch (error) {
    logFailure(delivery.id, error)
  }
}

async function sendAndRecord(
  env: Env,
  at: DatabaseName,
  delivery: DeliveryInHand,
  lease: number,
): Promise<void> {
  const { id: deliveryId, companyId, webhookId } = delivery
  const meter = newMeter()
  const database = staying(databaseOf(env, { database: at }, meter), companyId)
  const settings = readSettings(env)
  const against = reasonAgainst(delivery, settings)
  const status = against === null ? await send(delivery, settings) : null
  const now = Date.now()
  const { result, wait, isOff } = against === null ? outcomeOf(delivery, status, now) : unsent(delivery)
  const webhookEffects: readonly Statement[] =
    against !== null
      ? []
      : result.status === 'DELIVERED'
        ? [endFailures(database, delivery)]
        : isOff
          ? switchOff(database, delivery, now + RESEND_AFTER_MILLISECONDS, now)
          : [beginFailures(database, delivery, now)]
  const [, woken] = await database.batch([
    endTry(database, deliveryId, lease, result),
    takeWaiting(database, delivery.lane),
    ...webhookEffects,
  ])
  const mail = isOff ? [{ companyId, webhookId }] : []
  await hasten(env, database, [...woken, ...mail], deliveryId)
  if (isWorthAMessage(wait)) await hasten(env, database, [{ companyId, deliveryId }], deliveryId, wait)
  logStep(
    'webhook.try',
    { deliveryId, outcome: against ?? result.status.toLowerCase(), status, tries: result.tries },
    meter,
  )
}

interface Outcome {
  result: TryResult
  /** Seconds to the next try; null if there is none. */
  wait: number | null
  /** Whether the webhook is switched off. */
  isOff: boolean
}

/** What an answer comes to; `status` is null if there was none. */
function outcomeOf(delivery: DeliveryInHand, status: number | null, now: number): Outcome {
  const tries = delivery.tries + 1
  const automaticTries = delivery.automaticTries + (delivery.isByHand ? 0 : 1)
  const settled = (end: 'DELIVERED' | 'FAILED', isOff: boolean): Outcome => ({
    ...{
      result: { status: end, tries, automaticTries, lastStatus: status, nextTryAt: null },
      wait: null,
      isOff,
    },
  })
  if (isSuccess(status)) return settled('DELIVERED', false)
  if (isGivenUp(status, delivery.webhook.failingSince, now)) return settled('FAILED', true)
  const wait = waitAfter(Math.max(1, automaticTries), Math.random())
  if (wait === null) return settled('FAILED', false)
  const result = {
    status: 'PENDING',
    tries,
    automaticTries,
    lastStatus: status,
    nextTryAt: now + wait * 1000,
  } as const
  return { result, wait, isOff: false }
}

/** What is not sent has failed, unless it was delivered before: nobody may see it any more, or nothing may be sent there. */
function unsent({ tries, automaticTries, lastStatus }: DeliveryInHand): Outcome {
  const status = isSuccess(lastStatus) ? 'DELIVERED' : 'FAILED'
  return { result: { status, tries, automaticTries, nextTryAt: null }, wait: null, isOff: false }
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}
