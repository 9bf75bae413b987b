/** Sends the messages that hasten webhooks. What they are about is recorded; the sweep makes up for those that are lost. */
import { logFailure } from '../platform/request-log.ts'
import type { DeliveryMessage, SwitchedOffMessage } from './schemas.ts'

type WebhookMessage = { companyId: string } | DeliveryMessage | SwitchedOffMessage

/** The most messages that the queue takes at once. */
const MESSAGES_AT_ONCE = 100

/** Throws nothing: a failure is logged under `logId`. */
export async function hasten(env: Env, messages: readonly WebhookMessage[], logId: string): Promise<void> {
  try {
    for (let start = 0; start < messages.length; start += MESSAGES_AT_ONCE) {
      const portion = messages.slice(start, start + MESSAGES_AT_ONCE)
      await env.WEBHOOKS.sendBatch(portion.map((body) => ({ body })))
    }
  } catch (error) {
    logFailure(logId, error)
  }
}
