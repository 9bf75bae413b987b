/**
 * The cron's tasks: in the morning of each company, portion by portion, mails to those whose work needs attention are recorded
 * and queued; what the queue has lost is queued again.
 */
import { CompanyMoving, staying } from '../directory/staying-store.ts'
import { mayMailLinks } from '../platform/public-url.ts'
import { sendMessages } from '../platform/queue-messages.ts'
import { logStep } from '../platform/request-log.ts'
import type { Sweep } from '../platform/sweep.ts'
import { offsetsIn } from '../platform/time-zone.ts'
import { morningAt } from './morning.ts'
import { remindNext } from './portion-store.ts'
import { type CompanyAtWork, companiesToLookAt, lookLater, takeOverdueReminders } from './store.ts'

/** How many portions of people one sweep looks at, in all companies together. */
const PORTIONS = 40

/** Companies take turns, also from sweep to sweep, so that a large one does not keep the others waiting. */
export async function remindPeople({ env, settings, database, meter, now }: Sweep): Promise<void> {
  const [due] = await database.batch([companiesToLookAt(database, now)])
  const offsets = new Map<string, (moment: number) => number>()
  const found = due.map(({ timeZone, ...company }): CompanyAtWork => {
    const offsetAt = offsets.get(timeZone) ?? offsetsIn(timeZone)
    offsets.set(timeZone, offsetAt)
    return { ...company, morning: morningAt(now, offsetAt) }
  })
  const closed = found.filter(({ morning }) => !morning.isOpen)
  if (closed.length > 0) await database.batch([lookLater(database, closed)])
  const waiting = found.filter(({ morning }) => morning.isOpen)
  if (waiting.length === 0) return
  if (!(await mayMailLinks(env, settings, meter))) {
    logStep('reminders.links-unavailable', { companies: waiting.length }, meter)
    return
  }
  let reminders = 0
  for (let portion = 1; portion <= PORTIONS; portion += 1) {
    const company = waiting.shift()
    if (!company) break
    const next = await staying(database, company.companyId)
      .batch(remindNext(database, company, now))
      .catch((error: unknown) => {
        if (error instanceof CompanyMoving) return null
        throw error
      })
    if (!next) continue
    const [recorded, [moved]] = next
    reminders += recorded.length
    await sendMessages(env.REMINDERS, database, recorded, 'sweep.remindPeople')
    if (moved && moved.dueAt <= now) waiting.push({ ...company, ...moved })
  }
  logStep('sweep.reminders', { companies: waiting.length, reminders }, meter)
}

/** Sends the message again for mails that are overdue, since the first message may be lost. */
export async function resendReminders({ env, database, meter, now }: Sweep): Promise<void> {
  const [overdue] = await database.batch([takeOverdueReminders(database, now)])
  if (overdue.length === 0) return
  await sendMessages(env.REMINDERS, database, overdue, 'sweep.resendReminders')
  logStep('sweep.overdue-reminders', { reminders: overdue.length }, meter)
}
