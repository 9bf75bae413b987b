/** What no retry could finish ends here: an export is marked FAILED with the reason, nothing is lost silently. */
import { newMeter, openDatabase } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import { exportMessage } from './schemas.ts'
import { BUILD_FAILED, exportById, failExport, heldForSeconds, MAIL_UNDELIVERABLE } from './store.ts'

/** Settles one dead message; one that holds no export id is only noted. */
export async function buryMessage(message: Message, env: Env): Promise<void> {
  const meter = newMeter()
  const parsed = exportMessage.safeParse(message.body)
  if (!parsed.success) {
    logStep('dead-letter.noted', { messageId: message.id }, meter)
    message.ack()
    return
  }
  const { exportId } = parsed.data
  const database = openDatabase(env.DB, meter)
  const now = Date.now()
  const [[row]] = await database.batch([exportById(database, exportId, null)[0]])
  const delaySeconds = heldForSeconds(row, now)
  if (delaySeconds > 0) {
    // Another message for it is at work.
    message.retry({ delaySeconds })
    logStep('dead-letter.held', { exportId }, meter)
    return
  }
  if (row) {
    await database.batch(
      row.status === 'STORED'
        ? failExport(database, exportId, MAIL_UNDELIVERABLE, 'none', now)
        : failExport(database, exportId, BUILD_FAILED, 'if-entitled', now),
    )
    const [[after]] = await database.batch([exportById(database, exportId, null)[0]])
    // The consumer sends the mail that is owed now, with its own retries.
    if (row.status !== 'FAILED' && after?.failureMail === 'OWED') await env.EXPORTS.send({ exportId })
  }
  logStep('dead-letter.export', { exportId }, meter)
  message.ack()
}
