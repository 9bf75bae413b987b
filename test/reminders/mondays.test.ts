/** Days on end through the sweep: Mondays always, other days with news alone, at 8:00 as the company's clocks show it. */
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { expect, it } from 'vitest'
import { companies } from '../../src/db/schema.ts'
import { catchBackground } from '../support/background.ts'
import { DAY, HOUR, sweep } from '../support/clock.ts'
import { insertAction, insertPlan, insertUser } from '../support/factories.ts'
import { deliverReminders, forgetMornings, setClock } from '../support/reminders.ts'
import { createCompany } from '../support/world.ts'
import { home } from '../support/home.ts'

/** What the clocks of a zone show when mails come, half hour by half hour; `2026-11-30 08:00`. */
async function mornings(timeZone: string, from: number, days: number, duePerDay: (day: number) => boolean) {
  const background = catchBackground()
  await forgetMornings()
  setClock(new Date(from - HOUR).toISOString())
  const companyId = await createCompany()
  await drizzle(home)
    .update(companies)
    .set({ timeZone, remindersDueAt: 0 })
    .where(eq(companies.id, companyId))
  const { id: userId } = await insertUser({ companyId })
  const plan = await insertPlan({ companyId })
  const assignees = [{ userId }]
  await insertAction({ plan, dueDate: from - DAY, assignees })
  const shows = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  const came: string[] = []
  for (let day = 0; day < days; day += 1) {
    if (duePerDay(day)) await insertAction({ plan, dueDate: from + day * DAY - HOUR, assignees })
    for (let half = 0; half < 48; half += 1) {
      const now = from + day * DAY + (half * HOUR) / 2
      // Every half hour of the morning, and now and then else.
      if (half % 8 !== 0 && !/ (0[789]|1[012]):/.test(shows.format(now))) continue
      setClock(new Date(now).toISOString())
      background.mails.length = 0
      await sweep()
      await deliverReminders(background)
      for (const _ of background.mails) came.push(shows.format(now))
    }
  }
  return came
}

it('two weeks in a zone of half an hour: Mondays, and the days with news', { timeout: 300_000 }, async () => {
  // From the Sunday on, at midnight in India; something becomes overdue on the first Wednesday.
  const came = await mornings('Asia/Kolkata', Date.UTC(2026, 10, 28, 18, 30), 14, (day) => day === 3)
  // The first mail of all is news too.
  expect(came).toEqual(['2026-11-29 08:00', '2026-11-30 08:00', '2026-12-02 08:00', '2026-12-07 08:00'])
})

it.each([
  // Half an hour forward and back, and an hour.
  ['Australia/Lord_Howe', Date.UTC(2026, 9, 2, 14), '2026-10-0', [3, 4, 5]],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 3, 13), '2026-04-0', [4, 5, 6]],
  ['Europe/Madrid', Date.UTC(2026, 2, 27, 23), '2026-03-', [28, 29, 30]],
  ['Europe/Madrid', Date.UTC(2026, 9, 23, 22), '2026-10-', [24, 25, 26]],
] as const)(
  'a change of the clocks of %s moves no morning: %i',
  { timeout: 300_000 },
  async (zone, from, start, days) => {
    expect(await mornings(zone, from, 3, () => true)).toEqual(
      days.map((day) => `${start}${String(day)} 08:00`),
    )
  },
)
