/** A database that carries out nothing: its companies wait, and the others notice nothing. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import * as schema from '../../src/db/schema.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newMeter } from '../../src/platform/database.ts'
import { checkHealth } from '../../src/service/health.ts'
import { call } from '../support/api.ts'
import { type Background, catchBackground, deliver, deliverExports } from '../support/background.ts'
import { letPass, MINUTE, sweep } from '../support/clock.ts'
import { sendExportOf } from '../support/exports.ts'
import { DATABASES, livingIn } from '../support/home.ts'
import { lineOf, logged } from '../support/log.ts'
import { CODES, mailedCode, SESSIONS, tryCode } from '../support/sign-in.ts'
import { createWorld } from '../support/world.ts'
import { askEach, expectDown, fell, FORM, lifeIn, scenesIn } from './falling.ts'
import { forgetWork, leaveWork, undone, type Work } from './work.ts'

let background: Background

beforeEach(() => {
  background = catchBackground()
})

describe('while DB_2 does not answer', () => {
  it('its companies get 503 on every endpoint, and a moment later all is well', async () => {
    const life = await lifeIn('DB_2', background)
    const scenes = await scenesIn('DB_2')
    const restore = fell('DB_2')
    for (const [name, , reply] of await askEach(scenes)) expectDown(name, reply)
    const { email } = life.world.marc
    expectDown('calendar', await call(null, 'GET', life.calendar))
    expectDown('fresh links', await call(null, 'POST', life.link, FORM))
    expectDown('switching off', await call(null, 'POST', life.switchOff, FORM))
    expectDown('code', await call(null, 'POST', CODES, { body: { email } }))
    expectDown('session', await call(null, 'POST', SESSIONS, { body: { email, code: '12345678' } }))
    // Files are not in a database.
    expect((await call(null, 'GET', life.link)).status).toBe(200)
    restore()
    for (const [name, status, reply] of await askEach(scenes))
      expect(reply.status, `${name} ${reply.text}`).toBe(status)
    expect(await tryCode(email, await mailedCode(background, email))).toBe(200)
  }, 120_000)

  it.each(['DB', 'DB_3'] as const)(
    'nobody in %s notices',
    async (name) => {
      const life = await lifeIn(name, background)
      const scenes = await scenesIn(name)
      fell('DB_2')
      for (const [operation, status, reply] of await askEach(scenes))
        expect(reply.status, `${operation} ${reply.text}`).toBe(status)
      const { email } = life.world.marc
      expect(await tryCode(email, await mailedCode(background, email))).toBe(200)
      for (const path of [life.calendar, life.link]) expect((await call(null, 'GET', path)).status).toBe(200)
      expect((await call(null, 'POST', life.link, FORM)).status).toBeLessThan(400)
      expect((await call(null, 'POST', life.switchOff, FORM)).status).toBe(200)
    },
    120_000,
  )

  it('nor does anybody whose company has left it', async () => {
    const { ana } = await livingIn('DB_3', createWorld)
    const { gus } = await createWorld('DB')
    fell('DB_2')
    for (const { session, companyId } of [ana, gus]) {
      const id = await sha256Hex(session)
      const record = JSON.parse((await env.SESSIONS.get(id)) ?? '{}') as object
      await env.SESSIONS.put(id, JSON.stringify({ ...record, database: 'DB_2' }))
      const path = '/api/v1/company'
      const changed = await call(session, 'PATCH', path, { body: { name: 'Renamed' }, settled: true })
      expect([changed.status, changed.body.id], changed.text).toEqual([200, companyId])
      const read = await call(session, 'GET', path)
      expect([read.status, lineOf(read.headers.get('X-Request-Id'))?.d1Calls]).toEqual([200, 1])
    }
  })

  it('exports, mails, reminders and webhooks of others go on, and its own wait', async () => {
    await forgetWork()
    const works: Work[] = []
    for (const name of ['DB', 'DB_2', 'DB_3'] as const) {
      works.push(await livingIn(name, async () => leaveWork(await createWorld(), background)))
    }
    const [ofFirst, ofFallen, ofThird] = works
    if (!ofFirst || !ofFallen || !ofThird) throw new Error('there are three')
    background.mails.length = 0
    const restore = fell('DB_2')
    for (const [queue, body] of works.flatMap(({ messages }) => messages)) {
      const { acked, retryAfter } = await deliver(queue, body)
      const isFallen = 'database' in body && body.database === 'DB_2'
      expect([acked, retryAfter !== null], JSON.stringify(body)).toEqual(
        isFallen ? [false, true] : [acked, !acked],
      )
    }
    expect(background.mails.length).toBeGreaterThan(5)
    const received = background.received.length
    expect(received).toBeGreaterThan(1)
    await sweep()
    await sweep()
    await deliverExports(background)
    // What belongs to nothing is only known while all answer.
    expect([await undone(ofFirst), await undone(ofThird)]).toEqual([['orphan'], ['orphan']])
    restore()
    expect((await undone(ofFallen)).length).toBeGreaterThan(5)
    await sweep()
    await sweep()
    await deliverExports(background)
    expect(await undone(ofFallen)).toEqual([])
  }, 60_000)

  it('no file in the bucket is taken for an orphan', async () => {
    const asked = await livingIn('DB_2', async () => sendExportOf((await createWorld()).marc, background))
    await drizzle(env.DB).delete(schema.sweepCursors)
    const restore = fell('DB_2')
    for (let run = 1; run <= 5; run += 1) await sweep()
    restore()
    expect((await call(null, 'GET', asked.link)).status).toBe(200)
  })

  it('the health names it, and the log the tasks that failed', async () => {
    letPass(MINUTE)
    fell('DB_2')
    const reply = await call(null, 'GET', '/healthz')
    expect([reply.status, reply.body.detail]).toEqual([503, expect.stringContaining('Not answering: DB_2.')])
    const health = await checkHealth(env, newMeter(), Date.now() + MINUTE)
    expect([health.d1, health.databases]).toEqual([false, { DB: true, DB_2: false, DB_3: true }])
    const start = logged.length
    await sweep()
    expect(logged.slice(start).join()).toContain('DB_2')
  })
})

describe('while DB does not answer', () => {
  it('nobody signs in and no user is created, and who is signed in elsewhere works on', async () => {
    const lives = [await lifeIn('DB_2', background), await lifeIn('DB_3', background)]
    const scenes = [await scenesIn('DB_2'), await scenesIn('DB_3')]
    const own = await scenesIn('DB')
    const restore = fell('DB')
    for (const [name, status, reply] of (await Promise.all(scenes.map(askEach))).flat()) {
      if (name === 'createUser') expectDown(name, reply)
      else expect(reply.status, `${name} ${reply.text}`).toBe(status)
    }
    for (const { world, link, calendar, switchOff } of lives) {
      const { email } = world.noa
      expectDown('code', await call(null, 'POST', CODES, { body: { email } }))
      expectDown('session', await call(null, 'POST', SESSIONS, { body: { email, code: '12345678' } }))
      for (const path of [calendar, link]) expect((await call(null, 'GET', path)).status).toBe(200)
      expect((await call(null, 'POST', switchOff, FORM)).status).toBe(200)
      expect((await call(null, 'POST', link, FORM)).status).toBeLessThan(400)
    }
    expectDown('unknown', await call(null, 'POST', CODES, { body: { email: 'nobody@example.test' } }))
    for (const [name, , reply] of await askEach(own)) expectDown(name, reply)
    restore()
    // What was erased meanwhile is released later.
    await sweep()
    const kept = await drizzle(env.DB).select().from(schema.addresses)
    for (const { companyId, userId } of kept) {
      const at = await whereIs(userId)
      expect(at, companyId).not.toBe('erased')
    }
  }, 180_000)
})

async function whereIs(userId: string): Promise<'there' | 'erased' | 'nowhere'> {
  for (const database of Object.values(DATABASES)) {
    const [row] = await drizzle(database).select().from(schema.users).where(eq(schema.users.id, userId))
    if (row) return row.erasedAt === null ? 'there' : 'erased'
  }
  return 'nowhere'
}
