/** What no retry could finish ends here: an export is marked FAILED with the reason, nothing is lost silently. */
import { newMeter, openDatabase } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import { readSettings } from '../settings.ts'
import { mailFailure } from './delivery.ts'
import { exportMessage } from './schemas.ts'
import { exportById, failExport, requesterOf } from './store.ts'

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
  const [rows] = await database.batch(exportById(database, exportId, null))
  const [row] = rows
  if (row?.leaseUntil !== null && row?.leaseUntil !== undefined && row.leaseUntil > now) {
    // Another message for it is at work.
    message.retry({ delaySeconds: Math.ceil((row.leaseUntil - now) / 1000) })
    return
  }
  if (row) {
    const [, , after, , requesters] = await database.batch([
      ...(row.status === 'STORED'
        ? failExport(database, exportId, MAIL_UNDELIVERABLE, 'none', now)
        : failExport(database, exportId, BUILD_FAILED, 'if-entitled', now)),
      ...exportById(database, exportId, null),
      requesterOf(database, exportId),
    ])
    const [requester] = requesters
    // If the mail can't go out now it stays owed, and the sweep sends it.
    if (after[0]?.failureMail === 'OWED' && requester) {
      await mailFailure(readSettings(env), database, row, requester.email)
    }
  }
  logStep('dead-letter.export', { exportId }, meter)
  message.ack()
}

const MAIL_UNDELIVERABLE = {
  code: 'MAIL_UNDELIVERABLE',
  detail: 'The mail provider did not take the mail; links can be had from this export.',
}
const BUILD_FAILED = { code: 'BUILD_FAILED', detail: 'The workbook could not be made.' }
