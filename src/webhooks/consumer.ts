/** Handles messages about webhooks. */
import { staying } from '../directory/staying-store.ts'
import { consumerOf, kind } from '../jobs/messages.ts'
import { databaseOf, newMeter } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import { fanOutNext } from './fan-out-store.ts'
import { hasten } from '../platform/webhook-messages.ts'
import { type CompanyMessage, companyMessage, deliveryMessage, switchedOffMessage } from './schemas.ts'
import { mailSwitchedOff } from './switched-off.ts'
import { tryDelivery } from './trying.ts'

/** Tries a delivery, mails that a webhook was switched off, or makes the deliveries of a company's latest history. */
export const consumeWebhook = consumerOf(
  'webhook.unreadable',
  kind(deliveryMessage, tryDelivery),
  kind(switchedOffMessage, mailSwitchedOff),
  kind(companyMessage, fanOut),
)

async function fanOut(message: Message, env: Env, body: CompanyMessage): Promise<void> {
  const { companyId } = body
  const meter = newMeter()
  const database = staying(databaseOf(env, body, meter), companyId)
  const [made, [cursor]] = await database.batch(fanOutNext(database, companyId, Date.now()))
  // What is left over is another message, so that a company with much history does not keep the others waiting.
  const rest = cursor?.isBehind === true ? [{ companyId }] : []
  await hasten(env, database, [...made, ...rest], message.id)
  message.ack()
  logStep('webhook.fan-out', { companyId, deliveries: made.length }, meter)
}
