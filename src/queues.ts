/**
 * Which consumer handles which queue. Each message is settled on its own; if its consumer throws, it is tried again.
 */
import * as z from '@zod/mini'
import { movedTo } from './directory/homes.ts'
import { CompanyMoving } from './directory/staying-store.ts'
import { consumeExport } from './exports/consumer.ts'
import { handleDeadLetter } from './exports/dead-letter.ts'
import type { Background, Consumer } from './jobs/messages.ts'
import { retryDelay } from './jobs/back-off.ts'
import { newMeter } from './platform/database.ts'
import { databaseName } from './platform/place.ts'
import { logFailure } from './platform/request-log.ts'
import { consumeReminder } from './reminders/consumer.ts'
import { consumeSignInMail } from './sessions/consumer.ts'
import { readSettings, type Settings } from './settings.ts'
import { consumeSweep } from './sweep.ts'
import { consumeWebhook } from './webhooks/consumer.ts'

/** What every message has, besides the ids of its kind. */
const placed = z.looseObject({ database: databaseName() })

/** The consumers by queue name; the settings hold the names. */
function consumersOf({
  EXPORTS_QUEUE,
  SIGN_IN_MAIL_QUEUE,
  WEBHOOKS_QUEUE,
  REMINDERS_QUEUE,
  SWEEPS_QUEUE,
  DEAD_LETTER_QUEUE,
}: Settings) {
  return new Map<string, Consumer>([
    [EXPORTS_QUEUE, consumeExport],
    [SIGN_IN_MAIL_QUEUE, consumeSignInMail],
    [WEBHOOKS_QUEUE, consumeWebhook],
    [REMINDERS_QUEUE, consumeReminder],
    [SWEEPS_QUEUE, consumeSweep],
    [DEAD_LETTER_QUEUE, handleDeadLetter],
  ])
}

/** Where messages for the queue are sent; none for dead letters, which the platform sends. */
function producerOf(env: Env, queueName: string): Queue | undefined {
  const { EXPORTS_QUEUE, SIGN_IN_MAIL_QUEUE, WEBHOOKS_QUEUE, REMINDERS_QUEUE } = readSettings(env)
  return new Map<string, Queue>([
    [EXPORTS_QUEUE, env.EXPORTS],
    [SIGN_IN_MAIL_QUEUE, env.SIGN_IN_MAIL],
    [WEBHOOKS_QUEUE, env.WEBHOOKS],
    [REMINDERS_QUEUE, env.REMINDERS],
  ]).get(queueName)
}

const MOVE_SECONDS = 5
/** A dead letter has ten tries, and a move may take minutes. */
const DEAD_LETTER_SECONDS = 60

/**
 * Has a message whose company is on its way to another database come again, there if it has arrived. It is a new message, so
 * that the wait counts for no try. A dead letter, which then is about an export, waits as it is, and goes back to the queue of
 * exports where the company has arrived.
 */
async function comeAgain(
  { companyId }: CompanyMoving,
  message: Message,
  env: Env,
  queueName: string,
): Promise<void> {
  const body = placed.parse(message.body)
  const { database } = body
  const movedOn = await movedTo(env, { companyId, database }, newMeter())
  const queue = producerOf(env, queueName) ?? (movedOn === null ? undefined : env.EXPORTS)
  if (queue) {
    await queue.send({ ...body, database: movedOn ?? database }, { delaySeconds: MOVE_SECONDS })
    message.ack()
  } else {
    message.retry({ delaySeconds: DEAD_LETTER_SECONDS })
  }
}

/** Settles every message of a batch. Throws for a queue without a consumer, so that lost messages are noticed. */
export async function consume(batch: MessageBatch, env: Env, context: Background): Promise<void> {
  const consumer = consumersOf(readSettings(env)).get(batch.queue)
  if (!consumer) throw new Error(`No consumer for the queue ${batch.queue}`)
  await Promise.all(
    batch.messages.map((message) =>
      consumer(message, env, context)
        .catch(async (error: unknown) => {
          if (!(error instanceof CompanyMoving)) throw error
          await comeAgain(error, message, env, batch.queue)
        })
        .catch((error: unknown) => {
          logFailure(message.id, error)
          message.retry({ delaySeconds: retryDelay(message.attempts, null) })
        }),
    ),
  )
}
