import { beforeEach, describe, expect, it, vi } from 'vitest'
import { personalDataSchema } from '../../src/personal-data/schemas.ts'
import {
  call,
  createAction,
  createPlan,
  ME,
  PLANS,
  type Reply,
  takeStep,
  ACTIONS,
  USERS,
} from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { askForExport, pretendSent, sendExportOf } from '../support/exports.ts'
import {
  insertActions,
  insertEntries,
  insertNotes,
  insertPlan,
  insertReminder,
} from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { enter, forgetCodes, mailedCode } from '../support/sign-in.ts'
import { createWorld, openSession, type Person, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

let world: World
let background: Background

type Item = Record<string, unknown>
type Lists = Record<
  | 'sessions'
  | 'accessKeys'
  | 'signInCodes'
  | 'plans'
  | 'actions'
  | 'assignments'
  | 'notes'
  | 'calendars'
  | 'exports'
  | 'history'
  | 'linkMails'
  | 'reminders'
  | 'webhooks',
  Item[]
>
type Data = Lists & { asOf: string; company: Item; user: Item }

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

async function dataOf(who: Person | string): Promise<Data> {
  const reply = await read(who)
  expect(reply.status, reply.text).toBe(200)
  // The schema refuses what is not described.
  personalDataSchema.parse(reply.body)
  return reply.body
}

async function read(who: Person | string): Promise<Reply<Data>> {
  return call<Data>(who, 'GET', `${ME}/data`)
}

const idsOf = (items: readonly Item[], name = 'id') => items.map((item) => item[name])

describe('the data of a person', () => {
  it('come as a file', async () => {
    const { headers } = await read(world.marc)
    expect(headers.get('Content-Disposition')).toBe('attachment; filename="my-data.json"')
    expect(headers.get('Content-Type')).toBe('application/json')
  })

  it('are for an EMPLOYEE too, who has little', async () => {
    const { user, company, sessions, ...lists } = await dataOf(world.eli)
    expect(user).toEqual((await call(world.eli, 'GET', ME)).body)
    expect(company).toMatchObject({ id: world.companyId })
    expect(sessions).toHaveLength(1)
    for (const [name, list] of Object.entries(lists)) if (name !== 'asOf') expect(list, name).toEqual([])
  })

  it('need a session', async () => {
    expect((await call(null, 'GET', `${ME}/data`)).status).toBe(401)
  })

  it('hold plans, actions, assignments and notes of one`s own, and nobody else`s', async () => {
    const mine = await createPlan(world.marc, { title: 'Mine', visibility: 'PUBLIC', description: 'd' })
    const theirs = await createPlan(world.noa, { title: 'Theirs', visibility: 'PUBLIC' })
    const own = await createAction(world.marc, mine.id, { title: 'Own', assigneeIds: [world.noa.id] })
    const assigned = await createAction(world.noa, theirs.id, {
      ...{ title: 'Assigned', assigneeIds: [world.marc.id, world.noa.id] },
      focusItems: [{ focusType: 'HI' }],
    })
    await createAction(world.noa, theirs.id, { title: 'Foreign' })
    await takeStep(world.marc, assigned.id, 'COMPLETED')
    const note = (who: Person, text: string) =>
      call(who, 'POST', `${ACTIONS}/${assigned.id}/notes`, { body: { text } })
    const { body } = await note(world.marc, 'by me')
    await note(world.noa, 'by another')
    const data = await dataOf(world.marc)
    const {
      actions: _actions,
      companyId: _company,
      completionPercent: _percent,
      createdBy: _by,
      ...plan
    } = mine
    expect(data.plans).toEqual([plan])
    const { assignees: _assignees, companyId: _c, createdBy: _b, ...action } = own
    expect(data.actions).toEqual([action])
    expect(data.assignments).toEqual([
      {
        ...{ actionId: assigned.id, planId: theirs.id, actionTitle: 'Assigned', status: 'COMPLETED' },
        startedAt: expect.any(String) as string,
        finishedAt: expect.any(String) as string,
      },
    ])
    expect(data.notes).toEqual([
      { id: body.id, actionId: assigned.id, text: 'by me', createdAt: body.createdAt },
    ])
    expect(JSON.stringify(data)).not.toMatch(/Foreign|Theirs|by another|Noa/)
  })

  it('hold an assignment as expired by the clock, like the action itself', async () => {
    const plan = await insertPlan({
      companyId: world.companyId,
      createdBy: world.noa.id,
      visibility: 'PUBLIC',
    })
    const started = { status: 'IN_PROGRESS', startedAt: 1000, finishedAt: null } as const
    const done = { status: 'COMPLETED', startedAt: 1000, finishedAt: 2000 } as const
    const assignees = [
      { userId: world.marc.id, ...started },
      { userId: world.noa.id, ...done },
    ]
    await insertActions([{ plan, createdBy: world.noa.id, dueDate: 5000, assignees }])
    expect((await dataOf(world.marc)).assignments).toMatchObject([
      { status: 'EXPIRED', finishedAt: new Date(5000).toISOString() },
    ])
    expect((await dataOf(world.noa)).assignments).toMatchObject([
      { status: 'COMPLETED', finishedAt: new Date(2000).toISOString() },
    ])
  })

  it('hold exports with their state, and those of nobody else', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const asked = await askForExport(world.marc, plan.id, { 'Accept-Language': 'es' })
    await askForExport(world.noa, plan.id)
    await pretendSent(asked.id)
    const { body } = await call(world.marc, 'GET', asked.location)
    expect((await dataOf(world.marc)).exports).toEqual([{ ...body, language: 'es' }])
  })

  it('hold what one did to plans and actions, and nothing that others did', async () => {
    const { companyId, marc, noa } = world
    const plan = await insertPlan({ companyId, createdBy: noa.id, visibility: 'PRIVATE' })
    const changes = { title: { before: 'Old', after: 'New' } }
    const entry = { companyId, planId: plan.id, type: 'plan.updated' as const, title: 'New' }
    const [mine] = await insertEntries([
      { ...entry, actorId: marc.id, at: 5000, changes: JSON.stringify(changes) },
      { ...entry, actorId: noa.id, title: 'By another' },
      { ...entry, actorId: null },
    ])
    const { history } = await dataOf(marc)
    expect(history).toEqual([
      {
        ...{ id: mine?.id, at: new Date(5000).toISOString(), via: 'SESSION', type: 'plan.updated' },
        ...{ planId: plan.id, actionId: null, title: 'New', changes },
      },
    ])
  })

  it('hold the mails with fresh links, and those of nobody else', async () => {
    const { id, link } = await sendExportOf(world.marc, background)
    await call(null, 'POST', link)
    expect((await dataOf(world.marc)).linkMails).toEqual([
      { exportId: id, language: 'en', createdAt: expect.any(String) as string, settledAt: null },
    ])
    expect((await dataOf(world.noa)).linkMails).toEqual([])
  })

  it('hold the reminders, and what they told of', async () => {
    const [overdue, due, expired] = [1, 2, 3].map((number) => String(number).repeat(24))
    const listed = JSON.stringify({ overdue: [overdue], due: [due], expired: [`${String(expired)} 5000`] })
    await insertReminder({
      companyId: world.companyId,
      userId: world.marc.id,
      localDate: '2026-11-30',
      createdAt: 7000,
      listed,
    })
    expect((await dataOf(world.marc)).reminders).toEqual([
      {
        ...{ date: '2026-11-30', overdue: [overdue], due: [due], expired: [expired] },
        ...{ createdAt: new Date(7000).toISOString(), sentAt: null },
      },
    ])
    expect((await dataOf(world.noa)).reminders).toEqual([])
  })

  it('hold sessions and sign-in codes without what opens them', async () => {
    await forgetCodes()
    const code = await mailedCode(background, world.marc.email)
    const { body } = await enter(world.marc.email, code)
    const ended = await openSession(world.marc)
    await call(ended, 'DELETE', '/api/v1/sessions/current')
    const reply = await read(world.marc)
    const { sessions, signInCodes } = reply.body
    expect(signInCodes).toMatchObject([{ language: 'en', tries: 1, usedAt: expect.any(String) as string }])
    expect(sessions).toHaveLength(3)
    expect(sessions.filter(({ revokedAt }) => revokedAt !== null)).toHaveLength(1)
    for (const secret of [code, body.sessionId, world.marc.session]) expect(reply.text).not.toContain(secret)
    expect(reply.text).not.toMatch(/[0-9a-f]{64}/)
  })

  it('cost one batch while they are few', async () => {
    const { headers } = await read(world.marc)
    expect(lineOf(headers.get('X-Request-Id'))).toMatchObject({ kvReads: 1, d1Calls: 1 })
  })

  it('cost rows in proportion to what is one`s own, not to what the company has', async () => {
    const rowsRead = async () => lineOf((await read(world.marc)).headers.get('X-Request-Id'))?.rowsRead ?? 0
    const before = await rowsRead()
    const plan = await insertPlan({
      companyId: world.companyId,
      createdBy: world.noa.id,
      visibility: 'PUBLIC',
    })
    const actions = await insertActions(
      Array.from({ length: 300 }, () => ({
        plan,
        createdBy: world.noa.id,
        assignees: [{ userId: world.noa.id }],
      })),
    )
    await insertNotes(actions.map(({ id }) => ({ actionId: id, authorId: world.noa.id })))
    expect(await rowsRead()).toBe(before)
  })
})

describe('the data of somebody who has made much', () => {
  const COUNT = 1500

  async function makeMuch(who: Person) {
    const plan = await insertPlan({ companyId: who.companyId, createdBy: who.id, visibility: 'PUBLIC' })
    const description = '\n"'.repeat(400)
    const actions = await insertActions(
      Array.from({ length: COUNT }, (_, index) => ({
        ...{ plan, createdBy: who.id, description, title: `Action ${String(index)}` },
        assignees: [{ userId: who.id }],
      })),
    )
    const notes = await insertNotes(
      actions.map(({ id }, index) => ({ actionId: id, authorId: who.id, text: `Note ${String(index)}` })),
    )
    return { actions, notes }
  }

  it('are whole: each row once, though it is read in portions', async () => {
    const { actions, notes } = await makeMuch(world.marc)
    const batches = vi.spyOn(home, 'batch')
    const data = await dataOf(world.marc)
    expect(batches.mock.calls.length).toBeGreaterThan(5)
    const expected = idsOf(actions).sort()
    expect(idsOf(data.actions).sort()).toEqual(expected)
    expect(idsOf(data.assignments, 'actionId').sort()).toEqual(expected)
    expect(idsOf(data.notes).sort()).toEqual(idsOf(notes).sort())
    expect(data.exports).toEqual([])
  })

  it('break off when the session ends meanwhile', async () => {
    await makeMuch(world.marc)
    const session = await openSession(world.marc)
    const original = home.batch.bind(home)
    let calls = 0
    vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
      calls += 1
      if (calls === 2) await home.prepare('UPDATE sessions SET revoked_at = 1').run()
      return original(statements)
    })
    await expect(read(session)).rejects.toThrow()
    expect(calls).toBe(2)
  })
})

it('the data of a deactivated person are not to be had', async () => {
  await call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { active: false } })
  expect((await call(world.noa, 'GET', `${ME}/data`)).status).toBe(401)
  expect((await call(world.noa, 'GET', PLANS)).status).toBe(401)
})
