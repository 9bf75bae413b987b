/** Sends the messages that hasten webhooks. What they are about is recorded; the sweep makes up for those that are lost. */
import { logFailure } from './request-log.ts'

/** About the latest history of a company; or about one of its deliveries, or one of its webhooks (webhooks/schemas.ts). */
interface WebhookMessage {
  companyId: string
  deliveryId?: string
  webhookId?: string
}

/** The most messages that the queue takes at once. */
const MESSAGES_AT_ONCE = 100

/** Throws nothing: a failure is logged under `logId`. */
export async function hasten(
  env: Env,
  messages: readonly WebhookMessage[],
  logId: string,
  delaySeconds = 0,
): Promise<void> {
  try {
    for (let start = 0; start < messages.length; start += MESSAGES_AT_ONCE) {
      const portion = messages.slice(start, start + MESSAGES_AT_ONCE)
      await env.WEBHOOKS.sendBatch(portion.map((body) => ({ body, delaySeconds })))
    }
  } catch (error) {
    logFailure(logId, error)
  }
}
