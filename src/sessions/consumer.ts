/** Mails sign-in codes. A message holds only the id of a code; the code itself is derived here. */
import { CompanyMoving, staying } from '../directory/staying-store.ts'
import { consumerOf, kind } from '../jobs/messages.ts'
import { settleMail } from '../jobs/owed-mail.ts'
import { sendMail } from '../mail/mailer.ts'
import { databaseOf, newMeter } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import { readSettings } from '../settings.ts'
import { codeOf } from './codes.ts'
import { signInMail } from './email.ts'
import { type CodeMessage, codeMessage } from './schemas.ts'
import { codeRecipient, setMailDue } from './store.ts'

export const consumeSignInMail = consumerOf('sign-in-code.unreadable', kind(codeMessage, mailSignInCode))

/** Sends the mail with a code. A message whose code cannot be used any more is acknowledged. */
async function mailSignInCode(message: Message, env: Env, body: CodeMessage): Promise<void> {
  const { codeId } = body
  const meter = newMeter()
  const settings = readSettings(env)
  const found = databaseOf(env, body, meter)
  const [[recipient]] = await found.batch([codeRecipient(found, codeId, Date.now())])
  if (!recipient) {
    message.ack()
    logStep('sign-in-code.no-mail', { codeId }, meter)
    return
  }
  const { companyId, isStaying, ...facts } = recipient
  if (!isStaying) throw new CompanyMoving(companyId)
  const database = staying(found, companyId)
  const code = await codeOf(codeId, settings.SIGN_IN_CODE_SECRET)
  const outcome = await sendMail(settings, signInMail({ codeId, ...facts }, code))
  await settleMail(message, outcome, (mailDueAt) => database.batch([setMailDue(database, codeId, mailDueAt)]))
  logStep('sign-in-code.mail', { codeId, outcome: outcome.kind }, meter)
}
