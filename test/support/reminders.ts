/** Mornings for tests: the clock is set, the sweep runs, and the queue of reminders is delivered. */
import { env } from 'cloudflare:workers'
import { drizzle } from 'drizzle-orm/d1'
import { vi } from 'vitest'
import { companies, reminders } from '../../src/db/schema.ts'
import { type Background, type Delivery, deliver, type SentMail } from './background.ts'
import { sweep } from './clock.ts'
import { home } from './home.ts'

const database = drizzle(home)

/** Sets the worker's clock to a moment, as an ISO 8601 text with an offset. */
export function setClock(moment: string): void {
  vi.useFakeTimers({ now: new Date(moment), toFake: ['Date'] })
}

/** Forgets companies and reminders of other tests, so that a sweep has no others to do. */
export async function forgetMornings(): Promise<void> {
  await database.delete(reminders)
  await database.update(companies).set({ remindersDueAt: Number.MAX_SAFE_INTEGER })
}

export async function deliverReminders(background: Background): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  for (let body = background.reminders.shift(); body !== undefined; body = background.reminders.shift())
    deliveries.push(await deliver(env.REMINDERS_QUEUE, body))
  return deliveries
}

/** Runs the sweep at a moment and delivers. @returns the mails that went out */
export async function morning(background: Background, moment: string) {
  setClock(moment)
  background.mails.length = 0
  await sweep()
  await deliverReminders(background)
  return background.mails
}

/** The titles that a mail lists under each heading. */
export function listedIn({ text }: SentMail) {
  const parts = text.split(/^# /m).slice(1)
  const under = (heading: string) =>
    [...(parts.find((part) => part.startsWith(heading)) ?? '').matchAll(/^- (.*)$/gm)]
      .map(([, title = '']) => title)
      .sort()
  return { overdue: under('Overdue'), due: under('Due within'), expired: under('Expired since') }
}
