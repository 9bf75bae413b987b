/** Mails sign-in codes. A message holds only the id of a code; the code itself is derived here. */
import { sendMail } from '../mail/mailer.ts'
import { retryDelay } from '../platform/back-off.ts'
import { directoryOf, newMeter } from '../platform/database.ts'
import { logStep } from '../platform/request-log.ts'
import { readSettings } from '../settings.ts'
import { codeOf } from './codes.ts'
import { signInMail } from './email.ts'
import { codeMessage } from './schemas.ts'
import { codeRecipient, RESEND_AFTER_MILLISECONDS, setMailDue } from './store.ts'

/** Sends the mail with a code. A message that is unreadable, or whose code cannot be used any more, is acknowledged. */
export async function mailSignInCode(message: Message, env: Env): Promise<void> {
  const parsed = codeMessage.safeParse(message.body)
  const meter = newMeter()
  if (!parsed.success) {
    logStep('sign-in-code.unreadable', { messageId: message.id }, meter)
    message.ack()
    return
  }
  const { codeId } = parsed.data
  const settings = readSettings(env)
  const database = directoryOf(env, meter)
  const [recipients] = await database.batch([codeRecipient(database, codeId, Date.now())])
  const [recipient] = recipients
  if (!recipient) {
    message.ack()
    logStep('sign-in-code.no-mail', { codeId }, meter)
    return
  }
  const code = await codeOf(codeId, settings.SIGN_IN_CODE_SECRET)
  const outcome = await sendMail(settings, signInMail({ codeId, ...recipient }, code))
  if (outcome.kind === 'retry') {
    const delaySeconds = retryDelay(message.attempts, outcome.afterSeconds)
    const mailDueAt = Date.now() + delaySeconds * 1000 + RESEND_AFTER_MILLISECONDS
    await database.batch([setMailDue(database, codeId, mailDueAt)])
    message.retry({ delaySeconds })
  } else {
    await database.batch([setMailDue(database, codeId, null)])
    message.ack()
  }
  logStep('sign-in-code.mail', { codeId, outcome: outcome.kind }, meter)
}
