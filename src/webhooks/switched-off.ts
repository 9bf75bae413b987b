/** Mails the user of a webhook that it was switched off. */
import { staying } from '../directory/staying-store.ts'
import { settleMail } from '../jobs/owed-mail.ts'
import { sendMail } from '../mail/mailer.ts'
import { databaseOf, newMeter } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import { readSettings } from '../settings.ts'
import { switchedOffMail } from './email.ts'
import type { SwitchedOffMessage } from './schemas.ts'
import { owedMail, setMailDue } from './switched-off-store.ts'

/** After this time the mail is given up, because the provider drops duplicate mails only for 24 h. */
const GIVE_UP_AFTER_MILLISECONDS = 20 * 3600 * 1000

/** Sends the mail of the message. A message whose mail is settled, too old or for nobody is acknowledged. */
export async function mailSwitchedOff(message: Message, env: Env, body: SwitchedOffMessage): Promise<void> {
  const { companyId, webhookId } = body
  const meter = newMeter()
  const database = staying(databaseOf(env, body, meter), companyId)
  const [[owed]] = await database.batch([owedMail(database, companyId, webhookId)])
  const setDue = (mailDueAt: number | null) => database.batch([setMailDue(database, webhookId, mailDueAt)])
  const { switchedOffAt = null, locale = null } = owed ?? {}
  if (!owed || switchedOffAt === null || locale === null || isTooOld(switchedOffAt)) {
    await setDue(null)
    message.ack()
    logStep('webhook.no-mail', { webhookId }, meter)
    return
  }
  const outcome = await sendMail(readSettings(env), switchedOffMail({ ...owed, switchedOffAt, locale }))
  await settleMail(message, outcome, setDue)
  logStep('webhook.mail', { webhookId, outcome: outcome.kind }, meter)
}

function isTooOld(switchedOffAt: number): boolean {
  return Date.now() - switchedOffAt > GIVE_UP_AFTER_MILLISECONDS
}
