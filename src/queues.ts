/**
 * Which consumer handles which queue. Each message is settled on its own; if its consumer throws, it is tried again.
 */
import { consumeExport } from './exports/consumer.ts'
import { handleDeadLetter } from './exports/dead-letter.ts'
import type { Background, Consumer } from './jobs/messages.ts'
import { retryDelay } from './jobs/back-off.ts'
import { logFailure } from './platform/request-log.ts'
import { consumeReminder } from './reminders/consumer.ts'
import { consumeSignInMail } from './sessions/consumer.ts'
import { readSettings, type Settings } from './settings.ts'
import { consumeWebhook } from './webhooks/consumer.ts'

/** The consumers by queue name; the settings hold the names. */
function consumersOf({
  EXPORTS_QUEUE,
  SIGN_IN_MAIL_QUEUE,
  WEBHOOKS_QUEUE,
  REMINDERS_QUEUE,
  DEAD_LETTER_QUEUE,
}: Settings) {
  return new Map<string, Consumer>([
    [EXPORTS_QUEUE, consumeExport],
    [SIGN_IN_MAIL_QUEUE, consumeSignInMail],
    [WEBHOOKS_QUEUE, consumeWebhook],
    [REMINDERS_QUEUE, consumeReminder],
    [DEAD_LETTER_QUEUE, handleDeadLetter],
  ])
}

/** Settles every message of a batch. Throws for a queue without a consumer, so that lost messages are noticed. */
export async function consume(batch: MessageBatch, env: Env, context: Background): Promise<void> {
  const consumer = consumersOf(readSettings(env)).get(batch.queue)
  if (!consumer) throw new Error(`No consumer for the queue ${batch.queue}`)
  await Promise.all(
    batch.messages.map((message) =>
      consumer(message, env, context).catch((error: unknown) => {
        logFailure(message.id, error)
        message.retry({ delaySeconds: retryDelay(message.attempts, null) })
      }),
    ),
  )
}
