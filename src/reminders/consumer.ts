/** Sends reminders. A message holds ids only; what is sent was frozen with the reminder. */
import { staying } from '../directory/staying-store.ts'
import { consumerOf, kind } from '../jobs/messages.ts'
import { settleMail } from '../jobs/owed-mail.ts'
import { sendMail, type MailOutcome } from '../mail/mailer.ts'
import { databaseOf, newMeter } from '../platform/database.ts'
import { mayMailLinks } from '../platform/public-url.ts'
import { logStep } from '../platform/request-log.ts'
import { readSettings, type Settings } from '../settings.ts'
import { reminderMail } from './email.ts'
import { signSwitchOff } from './links.ts'
import { type ReminderMessage, reminderMessage } from './schemas.ts'
import { type OwedReminder, owedReminder, setReminderDue, settleSent, settleUnsent } from './store.ts'

export const consumeReminder = consumerOf('reminder.unreadable', kind(reminderMessage, mailReminder))

/** Sends the mail of the message, unless it is settled, too late, or not wanted any more. */
async function mailReminder(message: Message, env: Env, body: ReminderMessage): Promise<void> {
  const { companyId, reminderId } = body
  const meter = newMeter()
  const settings = readSettings(env)
  const database = staying(databaseOf(env, body, meter), companyId)
  const [[owed]] = await database.batch([owedReminder(database, companyId, reminderId)])
  if (!owed) {
    message.ack()
    logStep('reminder.surplus', { reminderId }, meter)
    return
  }
  if (Date.now() >= owed.sendUntil || !owed.isWanted) {
    await database.batch(settleUnsent(database, owed))
    message.ack()
    logStep('reminder.dropped', { reminderId }, meter)
    return
  }
  const outcome: MailOutcome = (await mayMailLinks(env, settings, meter))
    ? await sendReminder(settings, owed)
    : { kind: 'retry', reason: 'PUBLIC_URL is a local address.', afterSeconds: null }
  await settleMail(message, outcome, (mailDueAt) =>
    database.batch(
      mailDueAt !== null
        ? [setReminderDue(database, reminderId, mailDueAt)]
        : outcome.kind === 'accepted'
          ? settleSent(database, owed, Date.now())
          : settleUnsent(database, owed),
    ),
  )
  logStep('reminder.mail', { reminderId, outcome: outcome.kind }, meter)
}

async function sendReminder(settings: Settings, { id, to, content, ...target }: OwedReminder) {
  const path = await signSwitchOff(target, settings.DERIVED_KEYS_SECRET)
  const switchOffUrl = settings.PUBLIC_URL.replace(/\/$/, '') + path
  return sendMail(settings, reminderMail({ reminderId: id, to, content, switchOffUrl }))
}
