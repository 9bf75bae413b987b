/** What points to where a company was before it moved finds it where it is now. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { describe, expect, it, vi } from 'vitest'
import { calendars, companies, users } from '../../src/db/schema.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { signSwitchOff } from '../../src/reminders/links.ts'
import { call, createAction, createPlan, ME, PLANS } from '../support/api.ts'
import { type Background, catchBackground, deliver } from '../support/background.ts'
import { openCalendar, readCalendar } from '../support/calendars.ts'
import { sweep } from '../support/clock.ts'
import { askForExport, readExport } from '../support/exports.ts'
import { DATABASES, livingIn, place, unplace } from '../support/home.ts'
import { lineOf } from '../support/log.ts'
import { CODES } from '../support/sign-in.ts'
import { createWorld, openKey, openSession, type World } from '../support/world.ts'
import { leaveWork } from './work.ts'

/** A company in `DB_3` that was in `DB_2` before, and in `DB` before that. */
async function movedWorld(): Promise<World> {
  const world = await livingIn('DB_3', createWorld)
  await place('DB', world.companyId, 'ELSEWHERE', 'DB_3')
  await place('DB_2', world.companyId, 'ELSEWHERE', 'DB_3')
  return world
}

async function recordOf(token: string): Promise<Record<string, unknown>> {
  return JSON.parse((await env.SESSIONS.get(await sha256Hex(token))) ?? '{}') as Record<string, unknown>
}

const FORM = { body: '', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }

const sentIn = ({ exports, codes, webhooks, reminders }: Background) => [
  ...[exports, codes, webhooks, reminders],
]

describe.each(['DB', 'DB_2'] as const)('of a time when the company was in %s,', (before) => {
  it.each(['session', 'access key'])('a %s goes on to work, and is put right', async (kind) => {
    const { marc } = await movedWorld()
    const open = () => (kind === 'session' ? openSession(marc) : openKey(marc, 'WRITE'))
    const token = await livingIn('DB_3', open)
    const [id, record] = [await sha256Hex(token), await recordOf(token)]
    const set = () => env.SESSIONS.put(id, JSON.stringify({ ...record, database: before }))
    await set()
    const plan = await call<{ id: string }>(token, 'POST', PLANS, { body: { title: 'A' }, settled: true })
    expect(plan.status, plan.text).toBe(200)
    expect(await recordOf(token)).toMatchObject({ database: 'DB_3' })
    const again = await call(token, 'GET', `${PLANS}/${plan.body.id}`)
    expect([again.status, lineOf(again.headers.get('X-Request-Id'))?.d1Calls]).toEqual([200, 1])
    // A refusal stays one.
    await set()
    expect((await call(token, 'GET', `${PLANS}/${'0'.repeat(24)}`, { settled: true })).status).toBe(404)
    await set()
    expect((await call(token, 'POST', PLANS, { body: { title: '' } })).status).toBe(400)
    // Also while KV cannot be put right.
    await set()
    vi.spyOn(env.SESSIONS, 'put').mockRejectedValueOnce(new Error('KV is away'))
    expect(
      (await call(token, 'PATCH', `${PLANS}/${plan.body.id}`, { body: { title: 'B' }, settled: true }))
        .status,
    ).toBe(200)
  })

  it('an ended session is none', async () => {
    const { marc } = await movedWorld()
    const token = await livingIn('DB_3', () => openSession(marc))
    await call(token, 'DELETE', '/api/v1/sessions/current')
    const id = await sha256Hex(token)
    const record = {
      userId: marc.id,
      companyId: marc.companyId,
      expiresAt: Date.now() + 60_000,
      database: before,
    }
    await env.SESSIONS.put(id, JSON.stringify(record))
    expect((await call(token, 'GET', ME)).status).toBe(401)
  })

  it('messages do their work', async () => {
    const background = catchBackground()
    const world = await movedWorld()
    const plan = await createPlan(world.marc)
    await createAction(world.marc, plan.id)
    const work = await livingIn('DB_3', () => leaveWork(world, background))
    const asked = await askForExport(world.marc, plan.id)
    background.exports.length = 0
    for (const [queue, body] of [...work.messages, [env.EXPORTS_QUEUE, asked.message] as const]) {
      for (const bodies of sentIn(background)) bodies.length = 0
      const late = await deliver(queue, { ...body, database: before }, 4)
      const [sent] = sentIn(background).flat()
      // A code names no company: where its user is no more, its message is done with, and the sweep sends another.
      expect([late.acked, sent], JSON.stringify(body)).toEqual([
        true,
        'codeId' in body ? undefined : { ...body, database: 'DB_3' },
      ])
      for (const bodies of sentIn(background)) bodies.length = 0
      if ('exportId' in body) {
        const dead = await deliver(env.DEAD_LETTER_QUEUE, { ...body, database: before })
        expect([dead.acked, sentIn(background).flat()]).toEqual([true, [{ ...body, database: 'DB_3' }]])
      }
      for (const bodies of sentIn(background)) bodies.length = 0
      await deliver(queue, sent ?? body)
    }
    expect((await livingIn('DB_3', () => readExport(asked))).status).toBe('SENT')
    await sweep()
    expect(background.mails.length).toBeGreaterThan(0)
  })
})

it('no database forwards in circles for ever', async () => {
  const { marc } = await livingIn('DB_3', createWorld)
  const token = await livingIn('DB_3', () => openSession(marc))
  await place('DB_2', marc.companyId, 'ELSEWHERE', 'DB')
  await place('DB', marc.companyId, 'ELSEWHERE', 'DB_2')
  const id = await sha256Hex(token)
  await env.SESSIONS.put(id, JSON.stringify({ ...(await recordOf(token)), database: 'DB_2' }))
  expect((await call(token, 'GET', ME)).status).toBe(401)
})

describe('while a company is at both ends of a move', () => {
  /** Copies a company with its people and calendars, the company under another name. */
  async function copyTo(from: DatabaseName, to: DatabaseName, companyId: string): Promise<void> {
    const [source, target] = [drizzle(DATABASES[from] ?? env.DB), drizzle(DATABASES[to] ?? env.DB)]
    const [company] = await source.select().from(companies).where(eq(companies.id, companyId))
    const people = await source.select().from(users).where(eq(users.companyId, companyId))
    if (company) await target.insert(companies).values({ ...company, name: 'The copy' })
    for (const person of people) {
      await target.insert(users).values(person)
      const kept = await source.select().from(calendars).where(eq(calendars.userId, person.id))
      for (const calendar of kept) await target.insert(calendars).values(calendar)
    }
  }

  it.each([
    ['DB', 'DB_2'],
    ['DB_2', 'DB'],
    ['DB_2', 'DB_3'],
    ['DB_3', 'DB_2'],
  ] as const)('from %s to %s, what names no database is read where all rows are', async (from, to) => {
    const { companyId, marc } = await livingIn(from, createWorld)
    const path = await openCalendar(marc)
    const nameShown = async () => /X-WR-CALNAME:(.*)/.exec((await readCalendar(path)).text)?.[1]
    const before = await nameShown()
    expect(before).toBeDefined()
    const askForCode = () => call(null, 'POST', CODES, { body: { email: marc.email } })
    await place(from, companyId, 'LEAVING', to)
    await place(to, companyId, 'ARRIVING', from)
    expect([await nameShown(), (await askForCode()).status]).toEqual([before, 503])
    await copyTo(from, to, companyId)
    expect([await nameShown(), (await askForCode()).status]).toEqual([before, 503])
    const switchOff = await signSwitchOff({ companyId, userId: marc.id }, env.DERIVED_KEYS_SECRET)
    const press = () => call(null, 'POST', switchOff, FORM)
    expect((await press()).status).toBe(503)
    await place(from, companyId, 'ELSEWHERE', to)
    expect(await nameShown()).toContain('The copy')
    expect([(await press()).status, (await askForCode()).status]).toEqual([503, 503])
    await unplace(to, companyId)
    if (from !== 'DB' && to !== 'DB') await place('DB', companyId, 'ELSEWHERE', to)
    expect(await nameShown()).toContain('The copy')
    expect((await press()).status).toBe(200)
  })
})
