/** A deployment whose PUBLIC_URL is a local address, and what comes to it from where. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import worker from '../../src/index.ts'
import { createPlan, PLANS } from '../support/api.ts'
import { type Background, catchBackground, deliver, deliverExports } from '../support/background.ts'
import { CALENDAR } from '../support/calendars.ts'
import { HOUR, letPass, MINUTE, sweep } from '../support/clock.ts'
import {
  askForExport,
  type AskedExport,
  buryExport,
  deliverExport,
  EXPORTS,
  outliveLeases,
  readExport,
  sendExportOf,
} from '../support/exports.ts'
import { logged } from '../support/log.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

const LOCAL = 'http://localhost:8787'
const PUBLIC = 'https://plans.example.com'
/** What the jobs go by. */
const NOTE = 'reached-from-outside'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

afterEach(async () => {
  await env.SESSIONS.delete(NOTE)
})

interface Reach {
  method?: string
  path: string
  who?: Person
  /** Where the request is sent to. */
  origin?: string
  publicUrl?: string
  inEnv?: Env
}

/** A request to a deployment, and all that it does in the background. */
async function reach({ method = 'GET', path, who, origin = PUBLIC, publicUrl = LOCAL, inEnv }: Reach) {
  const context = createExecutionContext()
  const headers = { 'Content-Type': 'application/json', ...(who ? { SessionId: who.session } : {}) }
  const body = path.endsWith('sign-in-codes') ? { body: JSON.stringify({ email: world.marc.email }) } : {}
  const request = new Request(origin + path, { method, headers, ...body })
  const response = await worker.fetch(request, inEnv ?? { ...env, PUBLIC_URL: publicUrl }, context)
  const text = await response.text()
  await waitOnExecutionContext(context)
  const isJson = text.startsWith('{')
  return { status: response.status, body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown> }
}

async function excelOf(who: Person): Promise<string> {
  return `${PLANS}/${(await createPlan(who)).id}/excel`
}

describe('reached under a public host, a deployment with a local PUBLIC_URL', () => {
  it('refuses an export, and neither records nor queues it', async () => {
    const reply = await reach({ method: 'POST', path: await excelOf(world.marc), who: world.marc })
    expect([reply.status, reply.body.code]).toEqual([503, 'LINKS_UNAVAILABLE'])
    expect(background.exports).toEqual([])
    expect((await reach({ path: EXPORTS, who: world.marc })).body.total).toBe(0)
  })

  it('refuses the address of a calendar', async () => {
    const reply = await reach({ method: 'POST', path: CALENDAR, who: world.marc })
    expect([reply.status, reply.body.code]).toEqual([503, 'LINKS_UNAVAILABLE'])
  })

  it('refuses fresh links', async () => {
    const { location } = await sendExportOf(world.marc, background)
    const reply = await reach({ method: 'POST', path: `${location}/links`, who: world.marc })
    expect([reply.status, reply.body.code]).toEqual([503, 'LINKS_UNAVAILABLE'])
  })

  it.each([
    ['noa', 403],
    ['gus', 404],
  ] as const)('says to %s, who may not read the plan, what it says elsewhere: %i', async (who, status) => {
    const reply = await reach({ method: 'POST', path: await excelOf(world.marc), who: world[who] })
    expect(reply.status).toBe(status)
  })

  it('still mails codes to sign in, which are no links', async () => {
    const reply = await reach({ method: 'POST', path: '/api/v1/sign-in-codes' })
    expect(reply.status).toBe(202)
    await deliver(env.SIGN_IN_MAIL_QUEUE, background.codes[0])
    expect(background.mails).toHaveLength(1)
  })

  it('is not well, and names the variable', async () => {
    const { status, body } = await reach({ path: '/healthz' })
    expect([status, body.code, body.detail]).toEqual([
      503,
      'UNHEALTHY',
      'PUBLIC_URL is a local address, so no links are mailed.',
    ])
    expect(body.parts).toMatchObject({ d1: true, publicUrl: false })
  })

  it('says so in the log, every 10 minutes at most', async () => {
    const inEnv = { ...env, PUBLIC_URL: LOCAL }
    const start = logged.length
    const lines = () => logged.slice(start).filter((line) => line.includes('"public-url.local"')).length
    await reach({ path: '/docs', inEnv })
    await reach({ path: '/docs', inEnv })
    expect(lines()).toBe(1)
    letPass(10 * MINUTE)
    await reach({ path: '/docs', inEnv })
    expect(lines()).toBe(2)
  })
})

describe('an export that was accepted before', () => {
  let asked: AskedExport

  beforeEach(async () => {
    asked = await askForExport(world.marc, (await createPlan(world.marc)).id)
    await reach({ path: '/healthz' })
  })

  it('is built, but its mail waits', async () => {
    const { acked, retryAfter } = await deliverExport(asked)
    expect([acked, retryAfter !== null && retryAfter > 0]).toEqual([false, true])
    expect((await readExport(asked)).status).toBe('STORED')
    expect(background.tries).toEqual([])
  })

  it('waits also when the sweep takes it up', async () => {
    await deliverExport(asked)
    background.exports.length = 0
    letPass(HOUR)
    await sweep()
    expect(background.exports).toContainEqual(asked.message)
    await deliverExport(asked)
    expect(background.tries).toEqual([])
  })

  it('is mailed with a link that works once PUBLIC_URL is right', async () => {
    await deliverExport(asked)
    outliveLeases()
    await deliver(env.EXPORTS_QUEUE, asked.message, 2, { ...env, PUBLIC_URL: PUBLIC })
    expect(background.mails[0]?.text).toContain(`${PUBLIC}/api/v1/downloads/${asked.id}/`)
    expect((await readExport(asked)).status).toBe('SENT')
  })

  it('is reported when it fails, since that mail has no link', async () => {
    await buryExport(asked)
    background.exports.splice(0, background.exports.length, asked.message)
    await deliverExports(background)
    expect(background.mails).toHaveLength(1)
  })
})

describe('links are mailed as ever', () => {
  it.each([
    ['localhost on another port', LOCAL, 'http://localhost:9999'],
    ['a loopback address', LOCAL, 'http://127.0.0.1:8787'],
    ['an address of the local network', LOCAL, 'http://192.168.1.20:8787'],
    ['a name of the local network', LOCAL, 'http://devbox.local:8787'],
    ['the public host itself', PUBLIC, PUBLIC],
    ['another public host', PUBLIC, 'https://action-plans.acme.workers.dev'],
    ['a local host, if PUBLIC_URL is public', PUBLIC, 'http://localhost:8787'],
  ])('by a deployment that is reached under %s', async (_host, publicUrl, origin) => {
    const path = await excelOf(world.marc)
    const reply = await reach({ method: 'POST', path, who: world.marc, origin, publicUrl })
    expect(reply.status).toBe(200)
    await deliverExports(background)
    expect(background.mails).toHaveLength(1)
    expect((await reach({ path: '/healthz', origin, publicUrl })).status).toBe(200)
  })
})
