/**
 * Handles messages that failed too often: their export is marked FAILED with the reason, so that no export is lost
 * silently.
 */
import { staying } from '../directory/staying-store.ts'
import { consumerOf, kind } from '../jobs/messages.ts'
import { databaseOf, newMeter } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import { failureOf } from './failures.ts'
import { sendExport } from './job.ts'
import { heldForSeconds } from './lease-store.ts'
import { giveUpLinkMail } from './link-mails.ts'
import { type ExportMessage, exportMessage, linkMailMessage } from './schemas.ts'
import { exportById, failExport } from './store.ts'

/** Settles one dead message; a message that names no export is only logged. What it was about is left to the sweep. */
export const handleDeadLetter = consumerOf(
  'dead-letter.noted',
  kind(linkMailMessage, giveUpLinkMail),
  kind(exportMessage, giveUp),
)

async function giveUp(message: Message, env: Env, body: ExportMessage): Promise<void> {
  const { companyId, exportId } = body
  const meter = newMeter()
  const database = staying(databaseOf(env, body, meter), companyId)
  const now = Date.now()
  const [[row]] = await database.batch([exportById(database, companyId, exportId)[0]])
  const delaySeconds = heldForSeconds(row, now)
  if (delaySeconds > 0) {
    // A consumer is working on the export because of another message.
    message.retry({ delaySeconds })
    logStep('dead-letter.held', { exportId }, meter)
    return
  }
  if (row) {
    await database.batch(
      row.status === 'STORED'
        ? failExport(database, exportId, { failure: failureOf('MAIL_UNDELIVERABLE'), mail: 'none', now })
        : failExport(database, exportId, { failure: failureOf('BUILD_FAILED'), mail: 'if-entitled', now }),
    )
    const [[after]] = await database.batch([exportById(database, companyId, exportId)[0]])
    // The consumer sends the mail that is owed, with its own retries.
    if (row.status !== 'FAILED' && after?.failureMail === 'OWED') {
      await sendExport(env, database, { companyId, exportId })
    }
  }
  logStep('dead-letter.export', { exportId }, meter)
  message.ack()
}
