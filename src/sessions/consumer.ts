/** Mails sign-in codes. A message holds only the id of a code; the code itself is derived here. */
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
  const database = databaseOf(env, body, meter)
  const [recipients] = await database.batch([codeRecipient(database, codeId, Date.now())])
  const [recipient] = recipients
  if (!recipient) {
    message.ack()
    logStep('sign-in-code.no-mail', { codeId }, meter)
    return
  }
  const code = await codeOf(codeId, settings.SIGN_IN_CODE_SECRET)
  const outcome = await sendMail(settings, signInMail({ codeId, ...recipient }, code))
  await settleMail(message, outcome, (mailDueAt) => database.batch([setMailDue(database, codeId, mailDueAt)]))
  logStep('sign-in-code.mail', { codeId, outcome: outcome.kind }, meter)
}
