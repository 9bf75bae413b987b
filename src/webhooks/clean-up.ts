/** The cron's task for webhooks: whatever is recorded goes on, also after a lost message. */
import { logStep } from '../platform/request-log.ts'
import type { Sweep } from '../platform/sweep.ts'
import { companiesBehind } from './fan-out-store.ts'
import { hasten } from '../platform/webhook-messages.ts'
import { takeOverdueSwitchedOff } from './switched-off-store.ts'
import { takeForgotten, takeOverdue } from './tries-store.ts'

/** Sends messages for companies that are behind, for deliveries that are overdue, and for owed mails. */
export async function hastenWebhooks({ env, database, meter, now }: Sweep): Promise<void> {
  const [behind, overdue, forgotten, mails] = await database.batch([
    companiesBehind(database),
    takeOverdue(database, now),
    takeForgotten(database, now),
    takeOverdueSwitchedOff(database, now),
  ])
  const due = overdue.flatMap(({ isWaiting, ...ids }) => (isWaiting ? [] : [ids]))
  const messages = [...behind, ...due, ...forgotten, ...mails]
  if (messages.length === 0) return
  await hasten(env, database, messages, 'sweep.webhooks')
  const counts = { companies: behind.length, deliveries: due.length + forgotten.length, mails: mails.length }
  logStep('sweep.webhooks', counts, meter)
}
