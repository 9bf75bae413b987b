import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { companies, reminders } from '../../src/db/schema.ts'
import { newId } from '../../src/platform/new-id.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { DAY, letPass, MINUTE, sweep } from '../support/clock.ts'
import { insertActions, insertPlan } from '../support/factories.ts'
import { logged } from '../support/log.ts'
import { forgetMornings, setClock } from '../support/reminders.ts'
import { createCompany } from '../support/world.ts'
import { home } from '../support/home.ts'

const database = drizzle(home)
const MORNING = '2026-12-01T08:00:00Z'
const NOW = Date.parse(MORNING)
/** The contract of a sweep: so many calls, for whatever number of people. */
const MOST_CALLS = 60
const PEOPLE = 10_000

let background: Background

beforeEach(async () => {
  await forgetMornings()
  setClock(MORNING)
  background = catchBackground()
})

/** Puts managers into the company, whose ids are in the order of their numbers. */
async function insertPeople(companyId: string, count: number): Promise<string[]> {
  const first = newId(NOW).slice(0, 16)
  const id = `'${first}' || printf('%08x', n)`
  await home
    .prepare(
      `INSERT INTO users (id, company_id, email, email_key, name, role, created_at, updated_at, name_folded)
     WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?2)
     SELECT ${id}, ?1, ${id} || '@x.test', ${id} || '@x.test', 'Al', 'MANAGER', 1, 1, 'al' FROM numbers`,
    )
    .bind(companyId, count)
    .run()
  return Array.from({ length: count }, (_, n) => first + n.toString(16).padStart(8, '0'))
}

/** Gives each of the people `count` assignments that are due then. */
async function assign(companyId: string, people: readonly string[], count: number, dueDate: number | null) {
  const plan = await insertPlan({ companyId })
  const groups = Array.from({ length: Math.ceil(people.length / 50) }, (_, group) =>
    people.slice(group * 50, group * 50 + 50),
  )
  await insertActions(
    groups.flatMap((group) =>
      Array.from({ length: count }, () => ({
        ...{ plan, dueDate },
        assignees: group.map((userId) => ({ userId })),
      })),
    ),
  )
}

/** The last line about sweeps. */
function lastSweep(): { d1Calls: number; rowsRead: number; rowsWritten: number } {
  const line = logged.findLast((one) => one.includes('"step":"sweep.done"'))
  return JSON.parse(line ?? '{}') as ReturnType<typeof lastSweep>
}

describe('a morning of 10,000 people', () => {
  it('reminds whoever has work that is due, in short sweeps', { timeout: 300_000 }, async () => {
    const companyId = await createCompany()
    const people = await insertPeople(companyId, PEOPLE)
    const busy = people.filter((_, index) => index % 20 === 0)
    await assign(companyId, busy, 3, NOW - DAY)
    await assign(companyId, people.slice(0, 1000), 2, NOW + 30 * DAY)
    const small = await createCompany()
    await assign(small, await insertPeople(small, 3), 1, NOW - DAY)
    const minutes: number[] = []
    for (let minute = 1; minute <= 10; minute += 1) {
      await sweep()
      const { d1Calls, rowsRead } = lastSweep()
      expect(d1Calls).toBeLessThan(MOST_CALLS)
      // Some rows a person, and some more for each who is reminded.
      expect(rowsRead).toBeLessThan(40 * 100 * 10)
      minutes.push(new Set(background.reminders.map((message) => JSON.stringify(message))).size)
      if (minute === 1) {
        const early = await database.select().from(reminders).where(eq(reminders.companyId, small))
        expect(early).toHaveLength(3)
      }
      letPass(MINUTE)
    }
    console.info(`reminders after each minute: ${minutes.join()}`)
    const rows = await database
      .select({ userId: reminders.userId })
      .from(reminders)
      .where(eq(reminders.companyId, companyId))
    expect(rows.map(({ userId }) => userId).sort()).toEqual([...busy].sort())
    expect(minutes[3]).toBe(busy.length + 3)
    const [company] = await database.select().from(companies).where(eq(companies.id, companyId))
    expect(company).toMatchObject({ remindersDueAt: NOW + DAY, remindersPosition: null })
  })
})

describe('who has nothing that is due', () => {
  /** Rows that a sweep reads for a company of 100 people with so many assignments each, due then. */
  async function rowsReadWith(count: number, dueDate: number | null): Promise<number> {
    await forgetMornings()
    const companyId = await createCompany()
    await assign(companyId, await insertPeople(companyId, 99), count, dueDate)
    await sweep()
    expect(background.reminders).toEqual([])
    return lastSweep().rowsRead
  }

  it('costs the same, however much else he or she is assigned', async () => {
    const nothing = await rowsReadWith(0, null)
    // But for what the sweep reads of the plan.
    for (const dueDate of [null, NOW + 8 * DAY])
      expect(Math.abs((await rowsReadWith(30, dueDate)) - nothing)).toBeLessThan(5)
    expect(nothing).toBeLessThan(99 * 7)
  })
})
