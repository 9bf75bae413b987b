/** Keys, repeated requests and the background of companies while another database carries out nothing, or never answers. */
import { beforeEach, describe, expect, it } from 'vitest'
import { env } from 'cloudflare:workers'
import { newMeter } from '../../src/platform/database.ts'
import { checkHealth } from '../../src/service/health.ts'
import { ACTIONS, call, createAction, createPlan, PLANS } from '../support/api.ts'
import { type Background, catchBackground, deliver, deliverExports } from '../support/background.ts'
import { HOUR, letPass, MINUTE, sweep } from '../support/clock.ts'
import { livingIn } from '../support/home.ts'
import { lineOf } from '../support/log.ts'
import { CODES, mailedCode, tryCode } from '../support/sign-in.ts'
import { createWorld, openKey, type World } from '../support/world.ts'
import { importLines } from '../imports/support.ts'
import { expectDown, fell, hangs, lifeIn, stalls } from './falling.ts'
import { forgetWork, leaveWork, undone, type Work } from './work.ts'

const NAMES = ['DB', 'DB_2', 'DB_3'] as const
type Name = (typeof NAMES)[number]

let background: Background

beforeEach(() => {
  background = catchBackground()
})

interface Caller {
  world: World
  planId: string
  actionId: string
  readKey: string
  writeKey: string
}

async function callerIn(name: Name): Promise<Caller> {
  return livingIn(name, async () => {
    const world = await createWorld()
    const { id: planId } = await createPlan(world.ana)
    const { id: actionId } = await createAction(world.ana, planId)
    const [readKey, writeKey] = [await openKey(world.ana, 'READ'), await openKey(world.ana, 'WRITE')]
    return { world, planId, actionId, readKey, writeKey }
  })
}

/** What a program with keys does, and a person who sends things twice. */
function requestsOf({ world, planId, actionId, readKey, writeKey }: Caller) {
  const repeated = { 'Idempotency-Key': `again-${planId}` }
  const note = { body: { text: 'A note' }, headers: repeated }
  const created = { body: { planId, title: 'New' }, headers: repeated }
  return {
    'a list, by a key': () => call(readKey, 'GET', ACTIONS),
    'a plan, by a key': () => call(readKey, 'GET', `${PLANS}/${planId}`),
    'the history, by a key': () => call(readKey, 'GET', '/api/v1/company/history'),
    'a write, by a key': () =>
      call(writeKey, 'PATCH', `${ACTIONS}/${actionId}`, { body: { title: 'Other' } }),
    'a repeated write, by a key': () => call(writeKey, 'POST', ACTIONS, created),
    'a repeated write, by a session': () => call(world.ana, 'POST', `${ACTIONS}/${actionId}/notes`, note),
    'an export, asked for': () => call(world.ana, 'POST', `${PLANS}/${planId}/excel`, { headers: repeated }),
  }
}

const idOf = ({ body, headers }: { body: Record<string, unknown>; headers: Headers }) =>
  body.id ?? headers.get('Location')

describe.each(NAMES)('while %s carries out nothing', (down) => {
  it('keys and repeated requests are answered elsewhere as ever, and there once it works again', async () => {
    const fallen = await callerIn(down)
    const others = NAMES.filter((name) => name !== down)
    const callers: { name: Name; requests: ReturnType<typeof requestsOf> }[] = []
    for (const name of others) callers.push({ name, requests: requestsOf(await callerIn(name)) })
    const restore = fell(down)
    for (const [what, send] of Object.entries(requestsOf(fallen))) expectDown(what, await send())
    for (const { name, requests } of callers)
      for (const [what, send] of Object.entries(requests)) {
        const reply = await send()
        expect(reply.status, `${what} in ${name}: ${reply.text}`).toBe(200)
        const again = await send()
        expect([again.status, idOf(again)], `${what} in ${name}, again`).toEqual([200, idOf(reply)])
      }
    restore()
    for (const [what, send] of Object.entries(requestsOf(fallen))) {
      const [reply, again] = [await send(), await send()]
      expect([reply.status, idOf(again)], `${what}: ${reply.text}`).toEqual([200, idOf(reply)])
    }
    const { body } = await call<{ total: number }>(fallen.world.ana, 'GET', ACTIONS)
    expect(body.total).toBe(2)
  }, 60_000)
})

describe('while DB carries out nothing', () => {
  it('exports, mails, reminders and webhooks of other databases go on, by queue and by sweep', async () => {
    await forgetWork()
    const works: Partial<Record<Name, Work>> = {}
    for (const name of NAMES)
      works[name] = await livingIn(name, async () => leaveWork(await createWorld(), background))
    const { DB: ofFallen, DB_2: ofSecond, DB_3: ofThird } = works
    if (!ofFallen || !ofSecond || !ofThird) throw new Error('there are three')
    background.mails.length = 0
    background.received.length = 0
    const restore = fell('DB')
    for (const [queue, body] of [...ofSecond.messages, ...ofThird.messages]) {
      const { acked, retryAfter } = await deliver(queue, body)
      // What is tried again is due later for a reason of its own, and not for the database's.
      expect(retryAfter === null, JSON.stringify(body)).toBe(acked)
    }
    for (const [queue, body] of ofFallen.messages) {
      const { acked, retryAfter } = await deliver(queue, body)
      expect([acked, retryAfter !== null], JSON.stringify(body)).toEqual([false, true])
    }
    expect(background.mails.length).toBeGreaterThan(5)
    expect(background.received.length).toBeGreaterThan(1)
    await sweep()
    await sweep()
    await deliverExports(background)
    // What belongs to nothing is only known while all answer.
    expect([await undone(ofSecond), await undone(ofThird)]).toEqual([['orphan'], ['orphan']])
    restore()
    expect((await undone(ofFallen)).length).toBeGreaterThan(5)
    await sweep()
    await sweep()
    await deliverExports(background)
    expect([await undone(ofFallen), await undone(ofSecond), await undone(ofThird)]).toEqual([[], [], []])
  }, 60_000)

  it('an export is asked for, built, mailed and downloaded elsewhere, and the health names the database', async () => {
    letPass(MINUTE)
    fell('DB')
    for (const name of ['DB_2', 'DB_3'] as const) {
      const { link } = await lifeIn(name, background)
      expect((await call(null, 'GET', link)).status).toBe(200)
    }
    const reply = await call(null, 'GET', '/healthz')
    expect([reply.status, reply.body.detail]).toEqual([503, expect.stringContaining('Not answering: DB.')])
    const { databases } = await checkHealth(env, newMeter(), Date.now() + MINUTE)
    expect(databases).toEqual({ DB: false, DB_2: true, DB_3: true })
  })
})

describe.each(['DB', 'DB_2'] as const)('while %s never answers', (down) => {
  it('its companies get 503 after a while, messages are tried again, and the others notice nothing', async () => {
    const fallen = await callerIn(down)
    const { world, requests } = await livingIn('DB_3', async () => {
      const caller = await callerIn('DB_3')
      return { world: caller.world, requests: requestsOf(caller) }
    })
    await forgetWork()
    const work = await livingIn(down, async () => leaveWork(await createWorld(), background))
    const restore = hangs(down)
    const waiting = Object.entries(requestsOf(fallen)).map(async ([what, send]) => {
      expectDown(what, await send())
    })
    for (const [what, send] of Object.entries(requests)) {
      const reply = await send()
      expect(reply.status, `${what}: ${reply.text}`).toBe(200)
      expect(lineOf(reply.headers.get('X-Request-Id'))?.d1Calls, what).toBeLessThanOrEqual(2)
    }
    await Promise.all(waiting)
    for (const { acked, retryAfter } of await Promise.all(work.messages.map((each) => deliver(...each))))
      expect([acked, retryAfter !== null]).toEqual([false, true])
    const health = await checkHealth(env, newMeter(), Date.now() + (down === 'DB' ? 2 : 3) * HOUR)
    expect(health.databases).toEqual({ DB: true, DB_2: true, DB_3: true, [down]: false })
    const { email } = world.marc
    if (down === 'DB') expectDown('code', await call(null, 'POST', CODES, { body: { email } }))
    else expect(await tryCode(email, await mailedCode(background, email))).toBe(200)
    restore()
    for (const [what, send] of Object.entries(requestsOf(fallen)))
      expect((await send()).status, what).toBe(200)
  }, 120_000)
})

describe('memory', () => {
  it('is there for others, however many wait for a database that does not answer', async () => {
    const [fallen, other] = [await callerIn('DB_2'), await callerIn('DB_3')]
    const plans = [{ externalId: 'x', title: 'Imported', actions: [] }]
    const restore = stalls('DB_2')
    const waiting = [
      ...Array.from({ length: 40 }, () => call(fallen.world.ana, 'GET', ACTIONS)),
      ...Array.from({ length: 3 }, () => importLines(fallen.world.ana, plans)),
    ]
    const { ana } = other.world
    const [list, plan] = await Promise.all([
      call(ana, 'GET', ACTIONS),
      call(ana, 'GET', `${PLANS}/${other.planId}`),
    ])
    expect([list.status, plan.status, (await importLines(ana, plans)).status]).toEqual([200, 200, 200])
    restore()
    // Those that still waited for memory find the database well.
    for (const { status } of await Promise.all(waiting)) expect([200, 503]).toContain(status)
  })
})
