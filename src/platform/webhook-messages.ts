/** Sends the messages that hasten webhooks. */
import type { Database } from './database.ts'
import { sendMessages } from './queue-messages.ts'

/** About the latest history of a company; or about one of its deliveries, or one of its webhooks (webhooks/schemas.ts). */
interface WebhookMessage {
  companyId: string
  deliveryId?: string
  webhookId?: string
}

/** Throws nothing: a failure is logged under `logId`. */
export async function hasten(
  env: Env,
  database: Database,
  messages: readonly WebhookMessage[],
  logId: string,
  delaySeconds = 0,
): Promise<void> {
  await sendMessages(env.WEBHOOKS, database, messages, logId, delaySeconds)
}
