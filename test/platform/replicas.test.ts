/**
 * Read replicas, with one that lags: what a read may show that is old, and what asks the primary. The replica is a double
 * (test/support/replica.ts); everything else is as with one database.
 */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newId } from '../../src/platform/new-id.ts'
import { findCaller, rememberSession } from '../../src/platform/session.ts'
import { newMeter } from '../../src/platform/database.ts'
import {
  ACTIONS,
  call,
  createAction,
  createPlan,
  ME,
  PLANS,
  type Reply,
  tagOf,
  USERS,
} from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { openCalendar } from '../support/calendars.ts'
import { HOME } from '../support/home.ts'
import { lineOf } from '../support/log.ts'
import { CODES, mailedCode, SESSIONS } from '../support/sign-in.ts'
import { type Lagging, laggingReplica } from '../support/replica.ts'
import { createWorld, openKey, openSession, type Person, type World } from '../support/world.ts'

const HEADER = 'X-D1-Bookmark'

let world: World
let lagging: Lagging

beforeEach(async () => {
  world = await createWorld()
  lagging = await laggingReplica()
})

afterEach(() => {
  lagging.asked = []
})

/** A request to the service with the replica; `bookmark` is sent along. */
async function ask<Body = Record<string, unknown>>(
  who: Person | string | null,
  method: string,
  path: string,
  {
    bookmark,
    ...options
  }: { bookmark?: string | null; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Reply<Body>> {
  lagging.asked = []
  const headers = { ...options.headers, ...(bookmark === null ? {} : { [HEADER]: bookmark }) }
  return call<Body>(who, method, path, { ...options, headers, vars: lagging.vars, settled: true })
}

/** The copies that the latest request asked, in order. */
const copies = () => lagging.asked.map(({ copy }) => copy)

const bookmarkOf = ({ headers }: Pick<Reply, 'headers'>) => headers.get(HEADER)

const costOf = ({ headers }: Pick<Reply, 'headers'>) => lineOf(headers.get('X-Request-Id'))?.d1Calls

describe('a read', () => {
  it('is answered by a replica, in one call, and may be as old as that is', async () => {
    const { id } = await createPlan(world.ana, { title: 'Before' })
    await lagging.catchUp()
    const changed = await ask(world.ana, 'PATCH', `${PLANS}/${id}`, { body: { title: 'After' } })
    expect(changed.status).toBe(200)
    const old = await ask(world.ana, 'GET', `${PLANS}/${id}`)
    expect([old.status, old.body.title, costOf(old), copies()]).toEqual([200, 'Before', 1, ['replica']])
    await lagging.catchUp()
    const current = await ask(world.ana, 'GET', `${PLANS}/${id}`)
    expect([current.body.title, copies()]).toEqual(['After', ['replica']])
  })

  it('with the bookmark of a write shows that write, and tells a state in which it is', async () => {
    const { id } = await createPlan(world.ana, { title: 'Before' })
    await lagging.catchUp()
    const changed = await ask(world.ana, 'PATCH', `${PLANS}/${id}`, { body: { title: 'After' } })
    const read = await ask(world.ana, 'GET', `${PLANS}/${id}`, { bookmark: bookmarkOf(changed) })
    expect([read.body.title, costOf(read)]).toEqual(['After', 1])
    const again = await ask(world.ana, 'GET', PLANS, { bookmark: bookmarkOf(read) })
    expect(again.text).toContain('After')
    await lagging.catchUp()
    const near = await ask(world.ana, 'GET', `${PLANS}/${id}`, { bookmark: bookmarkOf(changed) })
    expect([near.body.title, copies()]).toEqual(['After', ['replica']])
  })

  it('never shows less than an earlier answer whose bookmark it is sent', async () => {
    const { id } = await createPlan(world.ana, { title: 'v0' })
    await lagging.catchUp()
    let bookmark: string | null = null
    for (let version = 1; version <= 6; version += 1) {
      const written = await ask(world.ana, 'PATCH', `${PLANS}/${id}`, {
        bookmark,
        body: { title: `v${version}` },
      })
      if (version % 3 === 0) await lagging.catchUp()
      const read: Reply = await ask(world.ana, 'GET', `${PLANS}/${id}`, { bookmark: bookmarkOf(written) })
      expect(read.body.title).toBe(`v${version}`)
      bookmark = bookmarkOf(read)
    }
  })

  it.each([
    ['nothing', ''],
    ['no bookmark', 'garbage'],
    ['a rule of D1', 'first-unconstrained'],
    ['a rule of D1 as a bookmark', `${HOME}.first-primary`],
    ['a bookmark without its database', '00000000-00000001-00000000-00000000000000000000000000000000'],
    [
      'one of a database that is not bound',
      'DB_77.00000000-00000001-00000000-00000000000000000000000000000000',
    ],
    ['one of another database', 'DB_3.ffffffff-00000001-00000000-00000000000000000000000000000000'],
    ['one that D1 refuses', `${HOME}.0-1`],
    ['one of a state that never was', `${HOME}.ffffffff-ffffffff-ffffffff-ffffffffffffffffffffffffffffffff`],
    ['a very long text', `${HOME}.${'0'.repeat(4000)}`],
  ])('is answered with %s in place of a bookmark', async (_name, bookmark) => {
    const { id } = await createPlan(world.ana)
    await lagging.catchUp()
    const read = await ask(world.ana, 'GET', `${PLANS}/${id}`, { bookmark })
    expect([read.status, read.body.id]).toEqual([200, id])
    const written = await ask(world.ana, 'PATCH', `${PLANS}/${id}`, { bookmark, body: { title: 'x' } })
    expect(written.status).toBe(200)
    expect(bookmarkOf(written)).toMatch(new RegExp(`^${HOME}\\.[0-9a-f-]{59}$`))
  })

  it('goes to the primary if the replica does not get as far as the bookmark', async () => {
    const { id } = await createPlan(world.ana, { title: 'Before' })
    await lagging.catchUp()
    const changed = await ask(world.ana, 'PATCH', `${PLANS}/${id}`, { body: { title: 'After' } })
    lagging.isWaiting = true
    const read = await ask(world.ana, 'GET', `${PLANS}/${id}`, { bookmark: bookmarkOf(changed) })
    expect([read.status, read.body.title, copies()]).toEqual([200, 'After', ['primary']])
  })

  it('goes to the primary if the replica fails', async () => {
    lagging.isDown = true
    const read = await ask(world.ana, 'GET', ME)
    expect([read.status, copies()]).toEqual([200, ['replica', 'primary']])
  })

  it('is not asked of the primary twice, where the primary was the nearest', async () => {
    const gone = `${PLANS}/${newId(Date.now())}`
    const { headers } = await ask(world.ana, 'GET', gone)
    expect([costOf({ headers }), copies()]).toEqual([2, ['replica', 'primary']])
    const plain = await call(world.ana, 'GET', gone, { vars: { READ_REPLICAS: 'on' } })
    expect([plain.status, costOf(plain)]).toEqual([404, 1])
  })
})

describe('what a replica does not know yet', () => {
  it('a session, is asked of the primary', async () => {
    const session = await openSession(world.marc)
    const read = await ask(session, 'GET', ME)
    expect([read.status, read.body.id, copies()]).toEqual([200, world.marc.id, ['replica', 'primary']])
  })

  it('a key, is asked of the primary, and its use is noted once', async () => {
    const key = await openKey(world.marc, 'READ')
    const first = await ask(key, 'GET', `${PLANS}/${newId(Date.now())}`)
    expect([first.status, copies()]).toEqual([404, ['replica', 'primary', 'primary']])
    await lagging.catchUp()
    const unknown = await ask(key, 'GET', `${PLANS}/${newId(Date.now())}`)
    expect([unknown.status, copies()]).toEqual([404, ['replica', 'primary']])
  })

  it('what a path is about, is asked of the primary', async () => {
    const plan = await createPlan(world.ana)
    const action = await createAction(world.ana, plan.id)
    const paths = [`${PLANS}/${plan.id}`, `${ACTIONS}/${action.id}`, `${ACTIONS}/${action.id}/notes`]
    const person = await ask<{ id: string }>(world.ana, 'POST', USERS, {
      body: { email: `${newId(Date.now())}@x.test`, name: 'New', role: 'MANAGER' },
    })
    for (const path of [...paths, `${USERS}/${person.body.id}`]) {
      const read = await ask(world.ana, 'GET', path)
      expect([read.status, copies()], path).toEqual([200, ['replica', 'primary']])
    }
  })

  it('a calendar, is asked of the primary; a known one is read from the replica', async () => {
    const path = await openCalendar(world.ana)
    await createAction(world.ana, (await createPlan(world.ana)).id, { dueDate: '2099-01-01' })
    const read = await ask(null, 'GET', path)
    expect([read.status, copies().includes('primary')]).toEqual([200, true])
    await lagging.catchUp()
    const known = await ask(null, 'GET', path)
    expect([known.status, known.text.includes('BEGIN:VEVENT'), new Set(copies())]).toEqual([
      ...[200, true],
      new Set(['replica']),
    ])
    expect((await ask(null, 'GET', path.replace(/.{3}\.ics$/, 'AAA.ics'))).status).toBe(404)
  })
})

describe('a session that has ended', () => {
  it('writes nothing more; reads may go on until the replica knows, but not with the bookmark of the end', async () => {
    const session = await openSession(world.marc)
    await lagging.catchUp()
    const record = await findCaller(
      env.SESSIONS,
      { tokenHash: await sha256Hex(session), via: 'SESSION' },
      0,
      newMeter(),
    )
    const ended = await ask(session, 'DELETE', '/api/v1/sessions/current')
    expect(ended.status).toBe(204)
    // KV may be late too.
    if (record) await rememberSession(env.SESSIONS, record, Date.now())
    expect((await ask(session, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(401)
    expect(copies()).not.toContain('replica')
    expect((await ask(session, 'GET', ME)).status).toBe(200)
    expect((await ask(session, 'GET', ME, { bookmark: bookmarkOf(ended) })).status).toBe(401)
    await lagging.catchUp()
    expect((await ask(session, 'GET', ME)).status).toBe(401)
  })

  it('of somebody who is no ADMIN any more writes nothing that only an ADMIN may', async () => {
    await ask(world.ana, 'PATCH', `${USERS}/${world.marc.id}`, { body: { role: 'ADMIN' } })
    await lagging.catchUp()
    await ask(world.ana, 'PATCH', `${USERS}/${world.marc.id}`, { body: { role: 'MANAGER' } })
    const write = await ask(world.marc, 'POST', `/api/v1/company/hierarchies`, { body: { name: 'x' } })
    expect([write.status, copies().includes('replica')]).toEqual([403, false])
  })
})

describe('a write', () => {
  it('decides on what the primary has, whatever the replica and the bookmark say', async () => {
    const { id } = await createPlan(world.ana, { title: 'v0' })
    const path = `${PLANS}/${id}`
    await lagging.catchUp()
    const first = await ask(world.ana, 'GET', path)
    const tag = await tagOf(world.ana, path)
    const headers = { 'If-Match': tag }
    const bookmark = bookmarkOf(first)
    expect((await ask(world.ana, 'PATCH', path, { bookmark, headers, body: { title: 'v1' } })).status).toBe(
      200,
    )
    expect((await ask(world.ana, 'GET', path)).body.title).toBe('v0')
    const late = await ask(world.ana, 'PATCH', path, { bookmark, headers, body: { title: 'v2' } })
    expect([late.status, copies()]).toEqual([412, ['primary']])
    expect((await ask(world.ana, 'GET', path, { bookmark: bookmarkOf(late) })).body.title).toBe('v1')
  })

  it('with an Idempotency-Key is replayed by the primary', async () => {
    const send = () =>
      ask(world.ana, 'POST', PLANS, { headers: { 'Idempotency-Key': 'once' }, body: { title: 'x' } })
    const [first, second] = [await send(), await send()]
    expect(second.body.id).toBe(first.body.id)
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
    expect(copies()).toEqual(['primary'])
  })
})

describe('signing in', () => {
  it('asks the primary alone, and its bookmark lets a replica know the session', async () => {
    const { email } = world.noa
    const asked = await ask(null, 'POST', CODES, { body: { email } })
    expect([asked.status, bookmarkOf(asked), copies().includes('replica')]).toEqual([202, null, false])
    const code = await mailedCode(catchBackground(), email)
    const entered = await ask<{ sessionId: string }>(null, 'POST', SESSIONS, { body: { email, code } })
    expect([entered.status, copies().includes('replica')]).toEqual([200, false])
    const read = await ask(entered.body.sessionId, 'GET', ME, { bookmark: bookmarkOf(entered) })
    expect([read.status, costOf(read)]).toEqual([200, 1])
    const refused = await ask(null, 'POST', SESSIONS, { body: { email, code } })
    expect([refused.status, bookmarkOf(refused)]).toEqual([401, null])
  })
})

describe('without replicas', () => {
  it('no answer has a bookmark, and no session of D1 is begun', async () => {
    const binding = (lagging.vars as Record<string, { withSession: unknown }>)[HOME]
    const vars = {
      [HOME]: {
        ...binding,
        withSession() {
          throw new Error('A session was begun')
        },
      },
    } as unknown as Partial<Env>
    const headers = { [HEADER]: `${HOME}.00000000-00000001-00000000-00000000000000000000000000000000` }
    const made = await call<{ id: string }>(world.ana, 'POST', PLANS, { body: { title: 'x' }, vars, headers })
    const read = await call(world.ana, 'GET', `${PLANS}/${made.body.id}`, { vars, headers })
    expect([made.status, read.status]).toEqual([200, 200])
    expect([bookmarkOf(made), bookmarkOf(read)]).toEqual([null, null])
  })
})

describe.runIf(HOME !== 'DB')('of a company that is elsewhere than KV says', () => {
  it('the bookmark is of the database that it is in, and one of the other is ignored', async () => {
    const tokenHash = await sha256Hex(world.ana.session)
    const record = await findCaller(env.SESSIONS, { tokenHash, via: 'SESSION' }, 0, newMeter())
    if (record) await rememberSession(env.SESSIONS, { ...record, database: 'DB' }, Date.now())
    const bookmark = 'DB.00000000-00000001-00000000-00000000000000000000000000000000'
    const read = await ask(world.ana, 'GET', ME, { bookmark })
    expect([read.status, bookmarkOf(read)?.split('.')[0]]).toEqual([200, HOME])
    expect((await ask(world.ana, 'GET', ME, { bookmark })).status).toBe(200)
  })
})
