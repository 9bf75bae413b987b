/** Sends messages that hasten what is recorded; the sweep makes up for those that are lost. */
import type { Database } from './database.ts'
import { logFailure } from './request-log.ts'

/** The most messages that a queue takes at once. */
const MESSAGES_AT_ONCE = 100

/** Each message also names the database of its company. Throws nothing: a failure is logged under `logId`. */
export async function sendMessages(
  queue: Queue,
  { at }: Database,
  messages: readonly object[],
  logId: string,
  delaySeconds = 0,
): Promise<void> {
  const placed = messages.map((body) => ({ ...body, database: at }))
  await sendInPortions(queue, placed, delaySeconds).catch((error: unknown) => {
    logFailure(logId, error)
  })
}

/** Throws whatever the queue does; some of the messages may be sent then. */
export async function sendInPortions(
  queue: Queue,
  messages: readonly object[],
  delaySeconds = 0,
): Promise<void> {
  for (let start = 0; start < messages.length; start += MESSAGES_AT_ONCE) {
    const portion = messages.slice(start, start + MESSAGES_AT_ONCE)
    await queue.sendBatch(portion.map((body) => ({ body, delaySeconds })))
  }
}
