import { env } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { companies, reminders, users } from '../../src/db/schema.ts'
import { call, COMPANY, ME, USERS } from '../support/api.ts'
import { type Background, catchBackground, deliver } from '../support/background.ts'
import { DAY, HOUR, letPass, MINUTE, sweep } from '../support/clock.ts'
import { insertAction, insertPlan, insertUsers } from '../support/factories.ts'
import { logged } from '../support/log.ts'
import { deliverReminders, forgetMornings, morning, setClock } from '../support/reminders.ts'
import { createWorld, openSession, type Person, type World } from '../support/world.ts'
import { home, homeOf } from '../support/home.ts'

const database = drizzle(home)
/** In Madrid, where the world's company is. */
const MONDAY = '2026-11-30T08:00:00+01:00'
const TUESDAY = '2026-12-01T08:00:00+01:00'
const at = (moment: string, further = 0) => new Date(moment).getTime() + further

let world: World
let background: Background
let plan: { id: string; companyId: string }

beforeEach(async () => {
  await forgetMornings()
  setClock('2026-11-29T12:00:00+01:00')
  world = await createWorld()
  plan = await insertPlan({
    companyId: world.companyId,
    createdBy: world.ana.id,
    title: 'Mornings',
    visibility: 'PUBLIC',
  })
  background = catchBackground()
})

/** A call of somebody who signs in for it, since the clock goes on for days. */
async function as<Body = unknown>(person: Person, method: string, path: string, options: object = {}) {
  const session = await openSession(person)
  const reply = await call<Body>({ ...person, session }, method, path, options)
  expect(reply.status, reply.text).toBe(200)
  return reply
}

type Fields = Partial<Parameters<typeof insertAction>[0]>

/** An action of marc's, due at that time. */
const due = (dueDate: number | null, fields: Fields = {}) =>
  insertAction({ plan, dueDate, title: 'Do it', assignees: [{ userId: world.marc.id }], ...fields })

const rows = () => database.select().from(reminders).where(eq(reminders.companyId, world.companyId))
const subjects = (mails: readonly { subject: string }[]) => mails.map(({ subject }) => subject)

describe('a reminder', () => {
  it('lists what is overdue, what is due within 7 days and what expired, the most urgent first', async () => {
    await due(at(MONDAY, 6 * DAY), { title: 'Later' })
    await due(at(MONDAY, -2 * DAY), { title: 'Late' })
    await due(at(MONDAY, -3 * DAY), { title: 'Later than late' })
    await due(at(MONDAY, HOUR), { title: 'Today' })
    const started = [
      { userId: world.marc.id, status: 'IN_PROGRESS' as const, startedAt: at(MONDAY, -9 * DAY) },
    ]
    await due(at(MONDAY, -DAY), { title: 'Gone', assignees: started })
    const [mail, ...others] = await morning(background, MONDAY)
    expect(others).toEqual([])
    expect(mail).toMatchObject({
      to: [world.marc.email],
      subject: '2 actions overdue, 2 due within 7 days at A company',
    })
    const titles = ['Later than late', 'Late', 'Today', 'Later', 'Gone']
    const places = titles.map((title) => mail?.text.indexOf(`- ${title}\n`) ?? -1)
    expect(places).toEqual([...places].sort((left, right) => left - right))
    expect(places).not.toContain(-1)
    expect(mail?.text).toContain('Mornings · due Saturday, 28 November 2026, for 2 days')
    expect(mail?.text).toContain('Mornings · due Monday, 30 November 2026, today')
    expect(mail?.text).toContain('expired Sunday, 29 November 2026')
  })

  it.each([
    ['exactly within 7 days', 7 * DAY, 1],
    ['a millisecond beyond 7 days', 7 * DAY + 1, 0],
    ['overdue by years', -1000 * DAY, 1],
  ])('is for work that is due %s: %i ms', async (_, further, mails) => {
    await due(at(MONDAY, further))
    expect(await morning(background, MONDAY)).toHaveLength(mails)
  })

  it.each([
    ['without a due date', null, {}],
    ['that is completed', -DAY, { status: 'COMPLETED' as const, startedAt: 1, finishedAt: 2 }],
    ['that is cancelled', -DAY, { status: 'CANCELLED' as const, finishedAt: 2 }],
    ['that has expired, though nobody stored it', -DAY, { status: 'IN_PROGRESS' as const, startedAt: 1 }],
    ['that has expired', -DAY, { status: 'EXPIRED' as const, startedAt: 1, finishedAt: at(MONDAY, -DAY) }],
  ])('does not come for work %s alone', async (_, further, state) => {
    const assignees = [{ userId: world.marc.id, ...state }]
    await due(further === null ? null : at(MONDAY, further), { assignees })
    expect(await morning(background, MONDAY)).toEqual([])
    expect(await rows()).toEqual([])
  })

  it('comes for work that was started after its due date', async () => {
    const startedAt = at(MONDAY, -HOUR)
    const assignees = [{ userId: world.marc.id, status: 'IN_PROGRESS' as const, startedAt }]
    await due(at(MONDAY, -DAY), { assignees })
    expect(await morning(background, MONDAY)).toHaveLength(1)
  })

  it.each(['deactivated', 'EMPLOYEE', 'without reminders'])('does not come to who is %s', async (kind) => {
    await due(at(MONDAY, -DAY))
    const change =
      kind === 'deactivated'
        ? { active: false }
        : kind === 'EMPLOYEE'
          ? { role: 'EMPLOYEE' as const }
          : { reminders: false }
    await database.update(users).set(change).where(eq(users.id, world.marc.id))
    expect(await morning(background, MONDAY)).toEqual([])
  })

  it('names a plan only to who may read it', async () => {
    const secret = await insertPlan({ companyId: world.companyId, createdBy: world.ana.id, title: 'Secret' })
    await due(at(MONDAY, -DAY), { plan: secret, createdBy: world.ana.id })
    const [mail] = await morning(background, MONDAY)
    expect(mail?.text).toContain('- Do it\n  due Sunday')
    expect(mail?.text).not.toContain('Secret')
  })

  it('carries the address that switches it off, in its header and its text', async () => {
    await due(at(MONDAY, -DAY))
    const [mail] = await morning(background, MONDAY)
    const address = /^<(http:\/\/localhost:8787\/api\/v1\/reminders\/.*)>$/.exec(
      mail?.headers['List-Unsubscribe'] ?? '',
    )?.[1]
    expect(mail?.headers).toMatchObject({
      'Auto-Submitted': 'auto-generated',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    })
    expect(mail?.text).toContain(`Switch these reminders off: ${String(address)}`)
    expect(mail?.html).toContain(`href="${String(address)}"`)
    const page = await call(null, 'POST', address?.replace('http://localhost:8787', '') ?? '')
    expect(page.status).toBe(200)
    expect((await as<{ reminders: boolean }>(world.marc, 'GET', ME)).body.reminders).toBe(false)
  })

  it.each([
    ['es', 'en', '1 acción con retraso en A company'],
    ['en', 'es', '1 action overdue at A company'],
    [null, 'es', '1 acción con retraso en A company'],
    [null, 'en', '1 action overdue at A company'],
  ] as const)(
    'is in the language of its user, else of the company: %s, %s',
    async (own, ofCompany, subject) => {
      await due(at(MONDAY, -DAY))
      await database.update(users).set({ language: own }).where(eq(users.id, world.marc.id))
      await database.update(companies).set({ language: ofCompany }).where(eq(companies.id, world.companyId))
      expect(subjects(await morning(background, MONDAY))).toEqual([subject])
    },
  )
})

describe('the time of reminders', () => {
  beforeEach(() => due(at(MONDAY, -DAY)))

  it.each([
    ['2026-11-30T07:59:00+01:00', 0],
    ['2026-11-30T08:00:00+01:00', 1],
    ['2026-11-30T11:59:00+01:00', 1],
    ['2026-11-30T12:00:00+01:00', 0],
  ])('is from 8:00 to 12:00 of the company: %s', async (moment, mails) => {
    expect(await morning(background, moment)).toHaveLength(mails)
  })

  it('is looked for once, and then at the next 8:00', async () => {
    await morning(background, '2026-11-30T05:00:00+01:00')
    const dueAt = async () =>
      (await database.select().from(companies).where(eq(companies.id, world.companyId)))[0]?.remindersDueAt
    expect(await dueAt()).toBe(at(MONDAY))
    await morning(background, MONDAY)
    expect(await dueAt()).toBe(at(TUESDAY))
  })

  it('follows the company into another time zone', async () => {
    await morning(background, '2026-11-30T05:00:00+01:00')
    await as(world.ana, 'PATCH', COMPANY, { body: { timeZone: 'Asia/Kolkata' } })
    expect(await morning(background, '2026-11-30T05:01:00+01:00')).toHaveLength(1)
  })

  it('is over at noon: a mail that waits then is given up, and the day after counts as if it had not been', async () => {
    setClock(MONDAY)
    await sweep()
    const [message] = background.reminders.splice(0)
    background.answerMail(() => new Response('', { status: 503 }))
    expect((await deliver(env.REMINDERS_QUEUE, message)).acked).toBe(false)
    background.answerMail(null)
    setClock('2026-11-30T12:00:00+01:00')
    await sweep()
    await deliverReminders(background)
    expect(background.mails).toEqual([])
    expect(await rows()).toMatchObject([{ mailDueAt: null, sentAt: null, content: '' }])
    expect(await morning(background, TUESDAY)).toHaveLength(1)
  })

  it('comes once a local date, however often the sweep runs and whatever the clocks do', async () => {
    const dates: string[] = []
    setClock(MONDAY)
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Madrid', 'America/St_Johns']) {
      await as(world.ana, 'PATCH', COMPANY, { body: { timeZone } })
      for (let hour = 0; hour < 24; hour += 3) {
        await database.update(companies).set({ remindersDueAt: 0 }).where(eq(companies.id, world.companyId))
        letPass(3 * HOUR)
        await due(Date.now() - 1)
        await sweep()
        dates.push(
          ...(await rows()).filter(({ sentAt }) => sentAt === null).map(({ localDate }) => localDate),
        )
        await deliverReminders(background)
      }
    }
    expect(dates.length).toBeGreaterThan(2)
    expect(dates).toEqual([...new Set(dates)].sort())
    expect(background.mails).toHaveLength(dates.length)
  })
})

describe('the day after', () => {
  const next = () => morning(background, TUESDAY)

  beforeEach(async () => {
    await due(at(MONDAY, -DAY), { title: 'Known as late' })
    await due(at(MONDAY, 5 * DAY), { title: 'Known as due' })
    expect(await morning(background, MONDAY)).toHaveLength(1)
  })

  it('is quiet if nothing is new', async () => {
    expect(await next()).toEqual([])
    expect(await rows()).toMatchObject([{ localDate: '2026-11-30', content: '' }])
  })

  it('has a mail again the next Monday', async () => {
    await next()
    expect(await morning(background, '2026-12-07T08:00:00+01:00')).toHaveLength(1)
    expect(await rows()).toMatchObject([{ localDate: '2026-12-07' }])
  })

  it.each([
    ['came within 7 days', async () => due(at(MONDAY, 7 * DAY + HOUR))],
    ['was assigned', async () => due(at(TUESDAY, 2 * DAY))],
    ['became overdue', async () => due(at(TUESDAY, -HOUR))],
    [
      'expired',
      async () => {
        const state = { status: 'IN_PROGRESS' as const, startedAt: at(MONDAY, -DAY) }
        return due(at(TUESDAY, -HOUR), { assignees: [{ userId: world.marc.id, ...state }] })
      },
    ],
    [
      'expired before, since its due date was moved',
      async () => {
        const state = { status: 'IN_PROGRESS' as const, startedAt: at(MONDAY, -9 * DAY) }
        return due(at(MONDAY, -2 * DAY), { assignees: [{ userId: world.marc.id, ...state }] })
      },
    ],
  ])('has a mail if something newly %s, and then is quiet', async (_, happen) => {
    await happen()
    expect(await next()).toHaveLength(1)
    expect(await morning(background, '2026-12-02T08:00:00+01:00')).toEqual([])
  })

  it('has one when what was known as due is overdue', async () => {
    expect(subjects(await morning(background, '2026-12-06T08:00:00+01:00'))).toEqual([
      '2 actions overdue at A company',
    ])
  })

  it('tells of what expired once', async () => {
    const state = { status: 'IN_PROGRESS' as const, startedAt: at(MONDAY, -DAY) }
    await due(at(TUESDAY, -HOUR), { title: 'Gone', assignees: [{ userId: world.marc.id, ...state }] })
    const [mail] = await next()
    expect(mail?.text).toContain('- Gone\n')
    await due(at(TUESDAY, -HOUR / 2), { title: 'New' })
    const [second] = await morning(background, '2026-12-02T08:00:00+01:00')
    expect(second?.text).toContain('- New\n')
    expect(second?.text).not.toContain('- Gone\n')
  })
})

describe('the mail of a reminder', () => {
  beforeEach(() => due(at(MONDAY, -DAY)))

  const asked = async () => {
    setClock(MONDAY)
    await sweep()
    return background.reminders.splice(0)[0]
  }

  it('has the same bytes at every try, whatever changes meanwhile', async () => {
    const message = await asked()
    background.answerMail(() => new Response('', { status: 503 }))
    await deliver(env.REMINDERS_QUEUE, message)
    await as(world.ana, 'PATCH', COMPANY, {
      body: { name: 'Other', accentColor: '#7c2d12', language: 'es' },
    })
    await as(world.ana, 'PATCH', `${USERS}/${world.marc.id}`, { body: { name: 'Other' } })
    letPass(HOUR)
    await deliver(env.REMINDERS_QUEUE, message, 2)
    const [first, second] = background.tries
    expect(second).toEqual(first)
    expect(first?.key).toMatch(/^reminder-[0-9a-f]{24}$/)
  })

  it.each([
    ['deactivated', { active: false }],
    ['no manager', { role: 'EMPLOYEE' as const }],
    ['without reminders', { reminders: false }],
  ])('does not go out to who is %s by then', async (_, change) => {
    const message = await asked()
    await database.update(users).set(change).where(eq(users.id, world.marc.id))
    expect((await deliver(env.REMINDERS_QUEUE, message)).acked).toBe(true)
    expect(background.tries).toEqual([])
    expect(await rows()).toMatchObject([{ mailDueAt: null, sentAt: null, content: '' }])
  })

  it('goes out once, however often its message comes', async () => {
    const message = await asked()
    await deliver(env.REMINDERS_QUEUE, message)
    await deliver(env.REMINDERS_QUEUE, message)
    expect(background.tries).toHaveLength(1)
    expect(await rows()).toMatchObject([{ mailDueAt: null, sentAt: Date.now(), content: '' }])
  })

  it('is sent by the sweep when its message is lost', async () => {
    const message = await asked()
    letPass(MINUTE)
    await sweep()
    expect(background.reminders).toEqual([message])
  })

  it('counts as if it had not been when the provider refuses it', async () => {
    background.answerMail(() => new Response('', { status: 422 }))
    expect((await deliver(env.REMINDERS_QUEUE, await asked())).acked).toBe(true)
    background.answerMail(null)
    background.tries.length = 0
    expect(await morning(background, TUESDAY)).toHaveLength(1)
    expect(await rows()).toMatchObject([{ localDate: '2026-12-01' }])
  })

  it('waits in a deployment that does not know its public address, which the log tells', async () => {
    await env.SESSIONS.put('reached-from-outside', 'x')
    await morning(background, MONDAY)
    expect(await rows()).toEqual([])
    expect(logged.join()).toContain('"step":"reminders.links-unavailable"')
    await env.SESSIONS.delete('reached-from-outside')
    expect(await morning(background, '2026-11-30T08:01:00+01:00')).toHaveLength(1)
  })

  it('is of one company alone', async () => {
    const [other] = await insertUsers([{ companyId: world.gus.companyId }])
    const foreign = await insertPlan({ companyId: world.gus.companyId })
    await insertAction({ plan: foreign, dueDate: at(MONDAY, -DAY), assignees: [{ userId: other?.id ?? '' }] })
    await morning(background, '2026-11-30T10:00:00+01:00')
    const mine = and(eq(reminders.userId, world.marc.id), eq(reminders.companyId, world.companyId))
    expect(await database.select().from(reminders).where(mine)).toHaveLength(1)
    const theirs = eq(reminders.companyId, world.gus.companyId)
    const neighbour = drizzle(homeOf(world.gus.companyId))
    expect(await neighbour.select().from(reminders).where(theirs)).toMatchObject([{ userId: other?.id }])
  })
})
