/** The cron's task for webhooks: whatever is recorded goes on, also after a lost message. */
import { logStep } from '../platform/request-log.ts'
import type { Sweep } from '../platform/sweep.ts'
import { companiesBehind } from './fan-out-store.ts'
import { hasten } from '../platform/webhook-messages.ts'
import { takeOverdueSwitchedOff } from './switched-off-store.ts'
import { takeOverdue } from './tries-store.ts'

/** Of one host no more than this, since only few are tried at once; each that ends has the next one tried. */
const MESSAGES_PER_HOST = 20

/** Sends messages for companies that are behind, for deliveries that are overdue, and for owed mails. */
export async function hastenWebhooks({ env, database, meter, now }: Sweep): Promise<void> {
  const [behind, overdue, mails] = await database.batch([
    companiesBehind(database),
    takeOverdue(database, now),
    takeOverdueSwitchedOff(database, now),
  ])
  const perHost = new Map<string, number>()
  const deliveries = overdue.flatMap(({ host, ...ids }) => {
    const count = (perHost.get(host) ?? 0) + 1
    perHost.set(host, count)
    return count <= MESSAGES_PER_HOST ? [ids] : []
  })
  const messages = [...behind, ...deliveries, ...mails]
  if (messages.length === 0) return
  await hasten(env, messages, 'sweep.webhooks')
  const counts = { companies: behind.length, deliveries: overdue.length, mails: mails.length }
  logStep('sweep.webhooks', counts, meter)
}
