/** Against the real bindings of wrangler.toml; every test has an address and people of its own. */
import { beforeEach, describe, expect, it } from 'vitest'
import { signLink } from '../../src/exports/links.ts'
import { CURRENT } from '../access/links.ts'
import { call, codeOf, createPlan, ME, PLANS, type Reply } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { openCalendar } from '../support/calendars.ts'
import { askForExport, pretendSent } from '../support/exports.ts'
import { createWorld, openKey, type Person, type World } from '../support/world.ts'

const ON = { RATE_LIMITS: 'on' } as const

let world: World
let addresses = 0

const WINDOW_MILLISECONDS = 60_000
const LONGEST_TEST_MILLISECONDS = 12_000

beforeEach(async () => {
  world = await createWorld()
  catchBackground()
  addresses += 1
  // Locally a window is a minute of the clock, in the next of which a test would count anew.
  const left = WINDOW_MILLISECONDS - (Date.now() % WINDOW_MILLISECONDS)
  if (left < LONGEST_TEST_MILLISECONDS) await new Promise((resolve) => setTimeout(resolve, left))
}, 2 * LONGEST_TEST_MILLISECONDS)

/** From this test's address, with limits. */
function ask(who: Person | string | null, method: string, path: string, body?: unknown): Promise<Reply> {
  return call(who, method, path, { body, headers: { 'CF-Connecting-IP': `192.0.2.${addresses}` }, vars: ON })
}

/** The answers to `count` requests at once, how many of each. */
async function flood(count: number, request: () => Promise<Reply>): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  for (const { status } of await Promise.all(Array.from({ length: count }, request))) {
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  return counts
}

function expectLimited(reply: Reply): void {
  expect([reply.status, codeOf(reply)]).toEqual([429, 'RATE_LIMITED'])
  expect(Number(reply.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect(reply.headers.get('Content-Type')).toBe('application/problem+json')
}

describe('an address without a session', () => {
  it('has 60 requests a minute, whichever endpoint they go to', async () => {
    const answers = await flood(40, () => ask(null, 'GET', ME))
    for (const [status, count] of await flood(30, () => ask('A'.repeat(43), 'GET', PLANS)))
      answers.set(status, (answers.get(status) ?? 0) + count)
    expect(answers).toEqual(
      new Map([
        [401, 60],
        [429, 10],
      ]),
    )
    expectLimited(await ask(null, 'GET', ME))
  })

  it('is limited in signing in too, before the body is looked at', async () => {
    await flood(61, () => ask(null, 'GET', ME))
    expectLimited(await ask(null, 'POST', `/api/v1/sessions`, { email: 7 }))
    expectLimited(await ask(null, 'POST', '/api/v1/sign-in-codes', { email: world.ana.email }))
  })

  it('is limited after an unknown path and a wrong method are refused, and never for health', async () => {
    await flood(61, () => ask(null, 'GET', ME))
    expect((await ask(null, 'GET', '/api/v1/company/nothing')).status).toBe(404)
    expect((await ask(null, 'PUT', ME)).status).toBe(405)
    expect((await ask(null, 'GET', '/healthz')).status).toBe(200)
    expectLimited(await ask(null, 'GET', '/openapi.json'))
  })

  it('is limited beside those with a session and other addresses, who are not', async () => {
    await flood(61, () => ask(null, 'GET', ME))
    expect((await ask(world.ana, 'GET', ME)).status).toBe(200)
    addresses += 1
    expect((await ask(null, 'GET', ME)).status).toBe(401)
  })

  it('is not limited with RATE_LIMITS=off', async () => {
    const headers = { 'CF-Connecting-IP': `192.0.2.${addresses}` }
    const answers = await flood(130, () => call(null, 'GET', ME, { headers }))
    expect(answers).toEqual(new Map([[401, 130]]))
  })
})

describe('an access key', () => {
  it('has the limit of a session, and leaves that of its user alone', async () => {
    const key = await openKey(world.ana, 'READ')
    const answers = await flood(620, () => ask(key, 'GET', ME))
    expect(answers).toEqual(
      new Map([
        [200, 600],
        [429, 20],
      ]),
    )
    expect((await ask(world.ana, 'GET', ME)).status).toBe(200)
  })
})

describe('the overview', () => {
  it('has 10 requests a minute for a user, by whichever session or key they come', async () => {
    const key = await openKey(world.marc, 'READ')
    const answers = await flood(8, () => ask(world.marc, 'GET', `${PLANS}/overview`))
    for (const [status, count] of await flood(8, () => ask(key, 'GET', `${PLANS}/overview`)))
      answers.set(status, (answers.get(status) ?? 0) + count)
    expect(answers).toEqual(
      new Map([
        [200, 10],
        [429, 6],
      ]),
    )
    expectLimited(await ask(world.marc, 'GET', `${PLANS}/overview`))
    expect((await ask(world.noa, 'GET', `${PLANS}/overview`)).status).toBe(200)
    expect((await call(world.marc, 'GET', `${PLANS}/overview`)).status).toBe(200)
  })
})

describe('a signed link', () => {
  /** The link to a file of the size of a test. */
  async function newLink(): Promise<string> {
    const plan = await createPlan(world.marc)
    const { id } = await askForExport(world.marc, plan.id)
    await pretendSent(id)
    return signLink({ exportId: id, file: 'plan.xlsx', expiresAt: Date.now() + 60_000 }, CURRENT)
  }

  it('that is genuine has 60 requests a minute of its own, from wherever they come', async () => {
    const [link, other] = [await newLink(), await newLink()]
    await flood(61, () => ask(null, 'GET', ME))
    const answers = await flood(50, () => ask(null, 'GET', link))
    addresses += 1
    for (const [status, count] of await flood(20, () => ask(null, 'POST', link)))
      answers.set(status, (answers.get(status) ?? 0) + count)
    expect(answers).toEqual(
      new Map([
        [200, 60],
        [429, 10],
      ]),
    )
    expectLimited(await ask(null, 'GET', link))
    expect((await ask(null, 'GET', other)).status).toBe(200)
    expect((await ask(null, 'GET', ME)).status).toBe(401)
  })

  it.each(['GET', 'POST'])('that is not genuine counts for the address, with %s', async (method) => {
    const link = await newLink()
    const answers = await flood(61, () => ask(null, method, `${link}0`))
    expect(answers).toEqual(
      new Map([
        [403, 60],
        [429, 1],
      ]),
    )
    expectLimited(await ask(null, 'GET', ME))
    expect((await ask(null, 'GET', link)).status).toBe(200)
  })
})

describe('a calendar', () => {
  it('has 60 requests a minute of its own; an address that is nobody’s counts for the network', async () => {
    const path = await openCalendar(world.marc)
    const unknown = path.replace(/[^/]{43}\.ics$/, `${'A'.repeat(43)}.ics`)
    expect(await flood(61, () => ask(null, 'GET', unknown))).toEqual(
      new Map([
        [404, 60],
        [429, 1],
      ]),
    )
    expectLimited(await ask(null, 'GET', ME))
    expect(await flood(61, () => ask(null, 'GET', path))).toEqual(
      new Map([
        [200, 60],
        [429, 1],
      ]),
    )
  })
})

describe('a session', () => {
  it('has 600 requests a minute, from wherever they come, and leaves other sessions theirs', async () => {
    const answers = await flood(620, () => ask(world.eli, 'POST', PLANS, {}))
    // An EMPLOYEE gets 403: the limit comes before the role.
    expect(answers).toEqual(
      new Map([
        [403, 600],
        [429, 20],
      ]),
    )
    addresses += 1
    expectLimited(await ask(world.eli, 'GET', ME))
    expect((await ask(world.ana, 'GET', ME)).status).toBe(200)
  })
})

describe('a user', () => {
  it('has 20 exports a minute, beside all other requests and those of others', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const path = `${PLANS}/${plan.id}/excel`
    const answers = await flood(22, () => ask(world.marc, 'POST', path))
    expect(answers).toEqual(
      new Map([
        [200, 20],
        [429, 2],
      ]),
    )
    expectLimited(await ask(world.marc, 'POST', path))
    expect((await ask(world.ana, 'POST', path)).status).toBe(200)
    expect((await ask(world.marc, 'GET', path.replace('/excel', ''))).status).toBe(200)
  })
})
