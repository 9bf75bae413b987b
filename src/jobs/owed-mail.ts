/** Mails that are recorded before they are sent: a message has one sent, and the sweep if the message is lost. */
import type { MailOutcome } from '../mail/mailer.ts'
import { retryDelay } from './back-off.ts'

/**
 * After this time an unsettled mail is sent again; longer than the provider may take to answer. The provider drops a
 * second mail, because it has the same key.
 */
export const RESEND_AFTER_MILLISECONDS = 15 * 1000

/**
 * Settles a message after its mail was tried: again later, or done with.
 * @param setDue records when the sweep sends the mail again unless it is settled before; null if it is settled
 */
export async function settleMail(
  message: Message,
  outcome: MailOutcome,
  setDue: (mailDueAt: number | null) => Promise<unknown>,
): Promise<void> {
  if (outcome.kind !== 'retry') {
    await setDue(null)
    message.ack()
    return
  }
  const delaySeconds = retryDelay(message.attempts, outcome.afterSeconds)
  await setDue(Date.now() + delaySeconds * 1000 + RESEND_AFTER_MILLISECONDS)
  message.retry({ delaySeconds })
}
