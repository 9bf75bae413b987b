/** Which consumer takes which queue. Every message is settled on its own; one that throws is tried again. */
import { consumeExport } from './exports/consumer.ts'
import { buryMessage } from './exports/dead-letter.ts'
import { retryDelay } from './platform/back-off.ts'
import { logFailure } from './platform/request-log.ts'
import { mailSignInCode } from './sessions/consumer.ts'

type Consumer = (message: Message, env: Env) => Promise<void>

const CONSUMERS: Record<string, Consumer> = {
  'action-plans-exports': consumeExport,
  'action-plans-sign-in-mail': mailSignInCode,
  'action-plans-dead-letters': buryMessage,
}

/** Settles every message of a batch; throws for a queue nobody consumes, since losing messages must show. */
export async function consume(batch: MessageBatch, env: Env): Promise<void> {
  const consumer = CONSUMERS[batch.queue]
  if (!consumer) throw new Error(`No consumer for the queue ${batch.queue}`)
  await Promise.all(
    batch.messages.map((message) =>
      consumer(message, env).catch((error: unknown) => {
        logFailure(message.id, error)
        message.retry({ delaySeconds: retryDelay(message.attempts, null) })
      }),
    ),
  )
}
