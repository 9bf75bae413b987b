/** People with far more work than a mail shows: each kind has its room, news comes first, and nothing is lost. */
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { reminders, users } from '../../src/db/schema.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { DAY, HOUR } from '../support/clock.ts'
import { insertAction, insertActions, insertPlan, insertUser } from '../support/factories.ts'
import { forgetMornings, listedIn, morning, setClock } from '../support/reminders.ts'
import { createCompany } from '../support/world.ts'
import { home } from '../support/home.ts'

const database = drizzle(home)
/** A Monday, at 8:00 in the company's zone. */
const MONDAY = Date.UTC(2026, 10, 30, 8)
const SHOWN = 30

let background: Background
let userId: string
let plan: { id: string; companyId: string }

beforeEach(async () => {
  await forgetMornings()
  setClock(new Date(MONDAY - DAY).toISOString())
  const companyId = await createCompany()
  plan = await insertPlan({ companyId })
  userId = (await insertUser({ companyId })).id
  background = catchBackground()
})

const open = () => [{ userId }]
const started = () => [{ userId, status: 'IN_PROGRESS' as const, startedAt: 1 }]

/** Puts in so many actions, the n-th of which is due `hours(n)` hours after the Monday. */
function insertMany(
  count: number,
  title: string,
  hours: (n: number) => number,
  assignees: typeof open | typeof started = open,
) {
  return insertActions(
    Array.from({ length: count }, (_, n) => ({
      ...{
        plan,
        title: `${title} ${String(n)}`,
        dueDate: MONDAY + hours(n) * HOUR,
        createdAt: 1,
        updatedAt: 1,
      },
      assignees: assignees(),
    })),
  )
}

const insertOne = (title: string, dueDate: number) =>
  insertAction({ plan, title, dueDate, assignees: open(), updatedAt: Date.now() })

/** The mail of the n-th morning after the Monday's, if there is one. */
async function mailOf(day: number) {
  const [mail] = await morning(background, new Date(MONDAY + day * DAY).toISOString())
  return mail ? { ...mail, ...listedIn(mail) } : null
}

describe('a long list', () => {
  it('has room for each kind, and says how much there is beyond what it shows', async () => {
    await insertMany(60, 'Late', (n) => n - 100)
    await insertMany(40, 'Soon', (n) => n + 1)
    await insertMany(45, 'Gone', (n) => n - 100, started)
    const mail = await mailOf(0)
    expect(mail?.subject).toBe('60 actions overdue, 40 due within 7 days at A company')
    expect(mail?.overdue).toHaveLength(SHOWN)
    expect(mail?.due).toHaveLength(SHOWN)
    expect(mail?.expired).toHaveLength(SHOWN)
    // The most urgent of each, and of what has expired the latest.
    expect(mail?.text).toMatch(/# Overdue \(60\)\n\n- Late 0\n[^#]*- Late 29\n[^#]*and 30 more/)
    expect(mail?.text).toMatch(/# Due within 7 days \(40\)\n\n- Soon 0\n[^#]*- Soon 29\n[^#]*and 10 more/)
    expect(mail?.text).toMatch(/# Expired since[^#]* \(45\)\n\n- Gone 44\n[^#]*- Gone 15\n[^#]*and 15 more/)
  })

  it('has what is new before what is known, and what is most urgent of all', async () => {
    await insertMany(60, 'Late', (n) => n - 100)
    await insertMany(60, 'Soon', (n) => n + 25)
    expect(await mailOf(0)).not.toBeNull()
    await insertMany(35, 'Just late', () => 23)
    await insertOne('Just soon', MONDAY + 7 * DAY)
    const mail = await mailOf(1)
    expect(mail?.overdue).toContain('Late 0')
    expect(mail?.overdue.filter((title) => title.startsWith('Just late'))).toHaveLength(SHOWN - 1)
    expect(mail?.due).toContain('Just soon')
    expect(mail?.subject).toBe('95 actions overdue, 61 due within 7 days at A company')
    expect([mail?.overdue.length, mail?.due.length]).toEqual([SHOWN, SHOWN])
  })

  it('is bounded in bytes', async () => {
    const title = 'A title of some length, as people write them, to be taken up soon'
    await insertMany(1100, title, (n) => n - 1200)
    await insertMany(100, title, (n) => n + 1)
    await insertMany(100, title, (n) => n - 100, started)
    background.answerMail(() => new Response('', { status: 503 }))
    expect(await mailOf(0)).toBeNull()
    background.answerMail(null)
    const [row] = await database.select().from(reminders)
    expect(row?.content.length).toBeLessThan(20_000)
    expect(row?.listed.length).toBeLessThan(32_000)
  })
})

describe('more than a thousand open actions', () => {
  beforeEach(async () => {
    await insertMany(1200, 'Late', (n) => n - 1300)
    expect((await mailOf(0))?.subject).toBe('1,200 actions overdue at A company')
  })

  it('are quiet while nothing is new', async () => {
    expect(await mailOf(1)).toBeNull()
    expect((await mailOf(7))?.subject).toBe('1,200 actions overdue at A company')
  })

  it('do not hide what newly came within 7 days, and what became overdue after that', async () => {
    await insertOne('New', MONDAY + 2 * DAY)
    const soon = await mailOf(1)
    expect([soon?.due, soon?.subject]).toEqual([
      ['New'],
      '1,200 actions overdue, 1 due within 7 days at A company',
    ])
    const late = await mailOf(2)
    expect(late?.overdue).toContain('New')
    expect(late?.subject).toBe('1,201 actions overdue at A company')
    expect(await mailOf(3)).toBeNull()
  })

  it('do not hide one that was overdue when it was assigned, or moved', async () => {
    const { id } = await insertOne('Moved', MONDAY + 300 * DAY)
    expect(await mailOf(1)).toBeNull()
    await home
      .prepare('UPDATE actions SET due_date = ?1, updated_at = ?2 WHERE id = ?3')
      .bind(MONDAY - HOUR, MONDAY + DAY + HOUR, id)
      .run()
    expect((await mailOf(2))?.overdue).toContain('Moved')
    expect(await mailOf(3)).toBeNull()
  })
})

describe('what has expired', () => {
  const told = async (day: number) => (await mailOf(day))?.expired ?? []

  it('is listed once, over as many mornings as it needs, the latest before what waits', async () => {
    await insertOne('Open', MONDAY - HOUR)
    await insertMany(70, 'Gone', (n) => n - 100, started)
    const first = await told(0)
    await insertMany(1, 'Just gone', () => 20, started)
    const others = [await told(1), await told(2)]
    expect([first.length, ...others.map(({ length }) => length)]).toEqual([SHOWN, SHOWN, 11])
    expect(others[0]).toContain('Just gone 0')
    expect(new Set([...first, ...others.flat()]).size).toBe(71)
    expect(await mailOf(3)).toBeNull()
  })

  it('is not lost though a thousand expire at once and nobody is reminded for months', async () => {
    await insertOne('Open', MONDAY - HOUR)
    await insertMany(1100, 'Gone', (n) => (n % 90) - 100, started)
    const all = await told(0)
    const switchTo = (on: boolean) =>
      database.update(users).set({ reminders: on }).where(eq(users.id, userId))
    await switchTo(false)
    expect(await mailOf(1)).toBeNull()
    await switchTo(true)
    for (let day = 100; day < 136; day += 1) all.push(...(await told(day)))
    expect([all.length, new Set(all).size]).toEqual([1100, 1100])
    const [row] = await database.select().from(reminders)
    // What was told of is forgotten once nothing earlier waits.
    expect(row?.listed.length).toBeLessThan(32_000)
  })
})
