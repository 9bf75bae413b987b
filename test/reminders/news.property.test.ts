/** Histories of days against a naive model: who gets a mail on which day, and what it lists. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { actionAssignees, actions } from '../../src/db/schema.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { DAY, HOUR, sweep } from '../support/clock.ts'
import { event, type EventOf } from '../support/event.ts'
import { insertAction, insertPlan, insertUser } from '../support/factories.ts'
import { deliverReminders, forgetMornings, listedIn, setClock } from '../support/reminders.ts'
import { createCompany } from '../support/world.ts'
import { home } from '../support/home.ts'

const IS_LONG = env.TEST_LENGTH === 'long'
const database = drizzle(home)
/** A Wednesday, at 8:00. */
const START = Date.UTC(2026, 11, 2, 8)
const MONDAY = 1

const DUE = fc.integer({ min: -3, max: 12 }).map((days) => days * DAY + 5 * HOUR)
const WHICH = fc.nat({ max: 20 })
const EVENT = fc.oneof(
  event(4, 'assign', { due: DUE, starts: fc.boolean() }),
  event(2, 'start', { which: WHICH }),
  event(2, 'finish', { which: WHICH }),
  event(3, 'move', { which: WHICH, due: fc.option(DUE, { nil: null }) }),
  event(6, 'day', { outcome: fc.constantFrom('accepted', 'accepted', 'accepted', 'refused') }),
)
type Event = EventOf<typeof EVENT>

/** What the model knows of an action. */
interface Work {
  id: string
  title: string
  dueDate: number | null
  status: 'NOT_STARTED' | 'IN_PROGRESS' | 'COMPLETED'
  startedAt: number | null
}

const hasExpired = ({ status, startedAt, dueDate }: Work, now: number) =>
  status === 'IN_PROGRESS' && dueDate !== null && dueDate <= now && (startedAt ?? now) < dueDate

/** The lists of a morning, as the contract says. */
function listsAt(all: readonly Work[], now: number) {
  const expired = all.filter((work) => hasExpired(work, now))
  const open = all.filter((work) => work.status !== 'COMPLETED' && !expired.includes(work))
  const dated = open.filter(({ dueDate }) => dueDate !== null && dueDate <= now + 7 * DAY)
  const isLate = ({ dueDate }: Work) => (dueDate ?? now) <= now
  return { overdue: dated.filter(isLate), due: dated.filter((work) => !isLate(work)), expired }
}

class Model {
  now = START
  readonly works: Work[] = []
  /** What the last mail that was sent listed, and everything that any mail has told as expired, with its end. */
  last: { overdue: Set<string>; due: Set<string> } | null = null
  readonly told = new Set<string>()

  /** What today's mail lists; null if there is none. */
  today(): { overdue: string[]; due: string[]; expired: string[] } | null {
    const { overdue, due, expired } = listsAt(this.works, this.now)
    // What had expired a week before the first mail is told of by none.
    const untold = expired.filter((work) => !this.told.has(endOf(work)) && this.#isRecent(work))
    if (overdue.length + due.length === 0) return null
    const { last } = this
    const isNew =
      last === null ||
      overdue.some(({ title }) => !last.overdue.has(title)) ||
      due.some(({ title }) => !last.due.has(title)) ||
      untold.length > 0
    if (!isNew && new Date(this.now).getUTCDay() !== MONDAY) return null
    return { overdue: titlesOf(overdue), due: titlesOf(due), expired: titlesOf(untold) }
  }

  #isRecent({ dueDate }: Work): boolean {
    return this.last !== null || (dueDate ?? 0) > this.now - 7 * DAY
  }

  sent({ overdue, due }: { overdue: string[]; due: string[] }): void {
    this.last = { overdue: new Set(overdue), due: new Set(due) }
    for (const work of listsAt(this.works, this.now).expired) this.told.add(endOf(work))
  }
}

const endOf = ({ id, dueDate }: Work) => `${id} ${String(dueDate)}`
const titlesOf = (works: readonly Work[]) => works.map(({ title }) => title).sort()

let background: Background

beforeEach(() => {
  background = catchBackground()
})

async function play(events: readonly Event[]): Promise<void> {
  await forgetMornings()
  background.mails.length = 0
  background.tries.length = 0
  setClock(new Date(START - HOUR).toISOString())
  const companyId = await createCompany()
  const { id: userId } = await insertUser({ companyId })
  const plan = await insertPlan({ companyId })
  const model = new Model()
  const at = (which: number) => model.works[which % Math.max(1, model.works.length)]
  for (const one of events) await step(one)

  async function step(one: Event): Promise<void> {
    switch (one.kind) {
      case 'assign': {
        const status = one.starts ? 'IN_PROGRESS' : 'NOT_STARTED'
        const startedAt = one.starts ? model.now - 4 * DAY : null
        const title = `Work ${String(model.works.length)}`
        const dueDate = model.now + one.due
        const assignees = [{ userId, status, startedAt }] as const
        const { id } = await insertAction({ plan, title, dueDate, assignees })
        model.works.push({ id, title, dueDate, status, startedAt })
        return
      }
      case 'start':
      case 'finish': {
        const work = at(one.which)
        if (!work || hasExpired(work, model.now)) return
        if (one.kind === 'start' && work.status !== 'NOT_STARTED') return
        work.startedAt ??= model.now
        work.status = one.kind === 'start' ? 'IN_PROGRESS' : 'COMPLETED'
        await store(work)
        return
      }
      case 'move': {
        const work = at(one.which)
        // The service lets an expired action be taken up again by another step.
        if (!work || hasExpired(work, model.now)) return
        work.dueDate = one.due === null ? null : model.now + one.due
        await store(work)
        return
      }
      case 'day': {
        setClock(new Date(model.now).toISOString())
        background.mails.length = 0
        background.answerMail(one.outcome === 'refused' ? () => new Response('', { status: 422 }) : null)
        await sweep()
        const tried = background.reminders.length
        await deliverReminders(background)
        const expected = model.today()
        expect(tried).toBe(expected ? 1 : 0)
        const sent = background.mails.map(listedIn)
        expect(sent).toEqual(expected && one.outcome === 'accepted' ? [expected] : [])
        if (expected && one.outcome === 'accepted') model.sent(expected)
        model.now += DAY
      }
    }
  }

  async function store({ id, dueDate, status, startedAt }: Work): Promise<void> {
    const finishedAt = status === 'COMPLETED' ? model.now : null
    const life = { status, startedAt, finishedAt }
    await database.batch([
      database
        .update(actions)
        .set({ dueDate, ...life })
        .where(eq(actions.id, id)),
      database.update(actionAssignees).set(life).where(eq(actionAssignees.actionId, id)),
    ])
  }
}

describe('what a reminder tells of', () => {
  it('is what the contract says, whatever happens in whatever order', { timeout: 1_200_000 }, async () => {
    const history = fc.array(EVENT, { minLength: 12, maxLength: 40, size: 'max' })
    await fc.assert(fc.asyncProperty(history, play), { numRuns: IS_LONG ? 300 : 15 })
  })
})
