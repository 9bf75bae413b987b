/** While a company is being moved, nothing of it changes, and nothing of it is lost. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { describe, expect, it } from 'vitest'
import * as schema from '../../src/db/schema.ts'
import { signSwitchOff } from '../../src/reminders/links.ts'
import { call, codeOf, PLANS, type Reply } from '../support/api.ts'
import {
  type Background,
  catchBackground,
  deliver,
  deliverExports,
  type Delivery,
} from '../support/background.ts'
import { openCalendar } from '../support/calendars.ts'
import { sweep } from '../support/clock.ts'
import { type Dump, dumpDatabase } from '../support/dump.ts'
import { sendExportOf } from '../support/exports.ts'
import { HOME, home, place, unplace } from '../support/home.ts'
import { ask, guarded, rowOf, type Scene } from '../support/requests.ts'
import { createSceneIn } from '../support/scene.ts'
import { CODES, SESSIONS } from '../support/sign-in.ts'
import { createWorld, openKey, openSession, type Person } from '../support/world.ts'
import { forgetWork, leaveWork, undone } from './work.ts'

const database = drizzle(home)
const FREE = 'DB_3'

/** All that the company's database holds, without where walks stand and where companies are. */
const rowsNow = () => dumpDatabase(['sweep_cursors', 'company_places'])

/** The tables whose rows differ, for messages that can be read. */
function changed(before: Dump, after: Dump): string[] {
  return Object.keys(before).filter((table) => JSON.stringify(before[table]) !== JSON.stringify(after[table]))
}

const sentIn = ({ exports, codes, webhooks, reminders }: Background) => [
  ...[exports, codes, webhooks, reminders].flatMap((bodies) => bodies.splice(0)),
]

const isWaiting = (reply: Reply) => {
  expect([reply.status, codeOf(reply)], reply.text).toEqual([503, 'COMPANY_MOVING'])
  expect(Number(reply.headers.get('Retry-After'))).toBeGreaterThan(0)
}

describe.each(['LEAVING', 'ARRIVING'] as const)('of a company that is %s', (state) => {
  it('nothing changes, nothing is lost, and afterwards all is done', async () => {
    const background = catchBackground()
    await forgetWork()
    const world = await createWorld()
    const { companyId, ana, marc } = world
    const scene: Scene = await createSceneIn(world, 'bare')
    const other = await createWorld()
    const { link } = await sendExportOf(marc, background)
    const calendar = await openCalendar(marc)
    const key = await openKey(marc, 'READ')
    await sweep()
    const work = await leaveWork(world, background)
    sentIn(background)
    await place(HOME, companyId, state, FREE)
    const before = await rowsNow()
    background.mails.length = 0
    background.received.length = 0

    await sweep()
    expect(changed(before, await rowsNow())).toEqual([])
    expect(sentIn(background)).toEqual([])

    for (const endpoint of guarded) {
      // No request ends the session of the next one.
      const who: Person = { ...ana, session: scene.who.session }
      const reply = await ask(endpoint, { ...scene, who })
      if (rowOf(endpoint).costs === 'read') expect(reply.status, reply.text).toBe(endpoint.answer.status)
      else isWaiting(reply)
    }
    const form = { body: '', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
    isWaiting(
      await call(
        null,
        'POST',
        await signSwitchOff({ companyId, userId: marc.id }, env.DERIVED_KEYS_SECRET),
        form,
      ),
    )
    isWaiting(await call(null, 'POST', link, form))
    isWaiting(await call(null, 'POST', CODES, { body: { email: marc.email } }))
    isWaiting(await call(null, 'POST', SESSIONS, { body: { email: marc.email, code: '12345678' } }))
    for (const path of [link, calendar]) expect((await call(null, 'GET', path)).status).toBe(200)
    // The use of a key is not noted, and nothing fails for that.
    expect((await call(key, 'GET', PLANS, { settled: true })).status).toBe(200)
    expect(changed(before, await rowsNow())).toEqual([])

    for (const [queue, body] of work.messages) {
      const delivery: Delivery = await deliver(queue, body, 3)
      // A new message, so that the wait counts for no try.
      expect([delivery, sentIn(background)], JSON.stringify(body)).toEqual([
        { acked: true, retryAfter: null },
        [body],
      ])
      expect((await deliver(env.DEAD_LETTER_QUEUE, body)).acked, JSON.stringify(body)).toBe(
        !('exportId' in body),
      )
    }
    expect(changed(before, await rowsNow())).toEqual([])
    expect([background.mails, background.received]).toEqual([[], []])
    // Others notice nothing.
    expect((await call(other.ana, 'PATCH', '/api/v1/company', { body: { name: 'Other' } })).status).toBe(200)

    await unplace(HOME, companyId)
    for (const [queue, body] of work.messages) await deliver(queue, body)
    await sweep()
    await sweep()
    await deliverExports(background)
    expect(await undone(work)).toEqual([])
    expect(background.mails.length).toBeGreaterThan(3)
    expect(background.received.length).toBeGreaterThan(0)
    for (const endpoint of guarded) {
      const who: Person = { ...ana, session: await openSession(ana) }
      await database.delete(schema.webhooks)
      await database.delete(schema.calendars).where(eq(schema.calendars.userId, ana.id))
      const fresh = await createSceneIn(world, 'bare')
      const reply = await ask(endpoint, { ...fresh, who })
      expect(reply.status, `${endpoint.operationId} ${reply.text}`).toBe(endpoint.answer.status)
    }
  })
})
