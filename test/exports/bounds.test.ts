/** What keeps an export from bringing its worker down, or its company from crowding out the others. */
import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import worker from '../../src/index.ts'
import { linkMail } from '../../src/exports/email.ts'
import type { ExportView } from '../../src/exports/schemas.ts'
import { volumeStarts } from '../../src/exports/volumes.ts'
import { ACTIONS, call, createAction, createPlan, PLANS } from '../support/api.ts'
import { type Background, catchBackground, deliver, deliverExports } from '../support/background.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { cellsOf, readWithExceljs } from './workbook/read-back.ts'

const QUEUE = 'action-plans-exports'
const MINUTE = 60_000

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

afterEach(() => {
  vi.useRealTimers()
})

async function askFor(who: Person, planId: string): Promise<string> {
  const reply = await call(who, 'POST', `${PLANS}/${planId}/excel`)
  expect(reply.status, reply.text).toBe(200)
  return reply.headers.get('Location') ?? ''
}

async function read(who: Person, location: string): Promise<ExportView> {
  return (await call<ExportView>(who, 'GET', location)).body
}

const idOf = (location: string) => location.split('/').at(-1) ?? ''
const messageOf = (location: string) => ({ companyId: world.companyId, exportId: idOf(location) })

/** As a build that takes long leaves it. */
async function pretendBuilding(locations: readonly string[]): Promise<void> {
  const ids = JSON.stringify(locations.map(idOf))
  await env.DB.prepare(
    `UPDATE exports SET status = 'BUILDING', frozen = '{}', lease_until = ?1, next_attempt_at = ?1
     WHERE id IN (SELECT value FROM json_each(?2))`,
  )
    .bind(Date.now() + MINUTE, ids)
    .run()
}

describe('of one company', () => {
  it('three are frozen at once; a fourth waits as QUEUED, untried, until one ends', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const locations = await Promise.all(
      [world.marc, world.noa, world.ana, world.noa].map((who) => askFor(who, plan.id)),
    )
    const [first = '', second = '', third = '', fourth = ''] = locations
    background.exports.splice(0)
    await pretendBuilding([second, third])
    // What begins to build in the same moment counts too.
    const batch = env.DB.batch.bind(env.DB)
    const spy = vi.spyOn(env.DB, 'batch').mockImplementationOnce(async (statements) => {
      const results = await batch(statements)
      await pretendBuilding([first])
      return results
    })
    expect(await deliver(QUEUE, messageOf(fourth))).toEqual({ acked: true, retryAfter: null })
    spy.mockRestore()
    expect(await read(world.noa, fourth)).toMatchObject({ status: 'QUEUED', attempts: 0 })
    expect(await deliver(QUEUE, messageOf(fourth))).toEqual({ acked: true, retryAfter: null })
    expect(await read(world.noa, fourth)).toMatchObject({ status: 'QUEUED', attempts: 0 })
    // Another company's have slots of their own.
    const elsewhere = await createPlan(world.gus)
    const other = await askFor(world.gus, elsewhere.id)
    await deliverExports(background)
    expect((await read(world.gus, other)).status).toBe('SENT')
    // One of the three goes on and ends: the one that waits is called.
    await env.DB.prepare(
      "UPDATE exports SET status = 'QUEUED', frozen = NULL, lease_until = NULL, next_attempt_at = 0 WHERE id = ?",
    )
      .bind(idOf(first))
      .run()
    await deliver(QUEUE, messageOf(first))
    expect((await read(world.marc, first)).status).toBe('SENT')
    expect(background.exports).toEqual([messageOf(fourth)])
    await deliverExports(background)
    expect(await read(world.noa, fourth)).toMatchObject({ status: 'SENT', attempts: 1 })
  })
})

describe('an export that waits for a slot', () => {
  /** As many as fit are being built, and one of each of `waiting` has been turned away. */
  async function crowd(waiting: readonly Person[]): Promise<{ building: string[]; turnedAway: string[] }> {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const building = await Promise.all([1, 2, 3].map(() => askFor(world.marc, plan.id)))
    background.exports.splice(0)
    await pretendBuilding(building)
    const turnedAway: string[] = []
    for (const who of waiting) {
      const location = await askFor(who, plan.id)
      turnedAway.push(location)
      await deliver(QUEUE, messageOf(location))
    }
    background.exports.splice(0)
    return { building, turnedAway }
  }

  async function goOn(location: string): Promise<void> {
    await env.DB.prepare(
      "UPDATE exports SET status = 'QUEUED', frozen = NULL, lease_until = NULL, next_attempt_at = 0 WHERE id = ?",
    )
      .bind(idOf(location))
      .run()
    await deliver(QUEUE, messageOf(location))
  }

  it('is called although the one called before it fails', async () => {
    const { building, turnedAway } = await crowd([world.noa, world.ana])
    await call(world.ana, 'PATCH', `/api/v1/company/users/${world.noa.id}`, { body: { active: false } })
    await goOn(building[0] ?? '')
    await deliverExports(background)
    expect((await read(world.ana, turnedAway[1] ?? '')).status).toBe('SENT')
  })

  it('is called by the sweep when nobody else does', async () => {
    const { building, turnedAway } = await crowd([world.noa])
    const controller = createScheduledController({ scheduledTime: new Date(), cron: '* * * * *' })
    await worker.scheduled(controller, env)
    expect(background.exports).toEqual([])
    await env.DB.prepare("UPDATE exports SET status = 'FAILED' WHERE id = ?")
      .bind(idOf(building[0] ?? ''))
      .run()
    await worker.scheduled(controller, env)
    await deliverExports(background)
    expect((await read(world.noa, turnedAway[0] ?? '')).status).toBe('SENT')
  })
})

describe('an export whose worker dies at each try', () => {
  const dead: ((error: Error) => void)[] = []
  const deliveries: Promise<unknown>[] = []

  // A dead isolate takes with it what it held; this one lives on for other tests.
  afterEach(async () => {
    for (const end of dead.splice(0)) end(new Error('dead'))
    await Promise.all(deliveries.splice(0))
  })

  /** A try that ends without a word: the build has begun, and nothing more is heard of it. */
  async function dieSilently(location: string): Promise<void> {
    let isStoring = false
    vi.spyOn(env.FILES, 'put').mockImplementationOnce(() => {
      isStoring = true
      return new Promise((_, reject) => dead.push(reject))
    })
    const delivery = deliver(QUEUE, messageOf(location))
    deliveries.push(delivery)
    await vi.waitFor(() => {
      expect(isStoring).toBe(true)
    })
    // Beyond its lease, and what it held of the isolate.
    vi.useFakeTimers({ now: Date.now() + 2 * MINUTE, toFake: ['Date'] })
  }

  it('is FAILED at the sixth, and its requester told once', async () => {
    const plan = await createPlan(world.marc)
    const location = await askFor(world.marc, plan.id)
    const [message] = background.exports.splice(0)
    for (let tries = 1; tries <= 5; tries += 1) {
      await dieSilently(location)
      expect(await read(world.marc, location)).toMatchObject({ status: 'BUILDING', attempts: tries })
    }
    expect((await deliver(QUEUE, message)).acked).toBe(true)
    expect(await read(world.marc, location)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'BUILD_FAILED' },
    })
    await deliver(QUEUE, message)
    expect(background.mails.map(({ subject }) => subject)).toEqual([
      'Action plan “A plan”: the export failed',
    ])
  })

  it('goes on after four, and a try that ends with a word begins the count anew', async () => {
    const plan = await createPlan(world.marc)
    const location = await askFor(world.marc, plan.id)
    for (let tries = 1; tries <= 4; tries += 1) await dieSilently(location)
    vi.spyOn(env.FILES, 'put').mockRejectedValueOnce(new Error('down'))
    expect((await deliver(QUEUE, messageOf(location))).acked).toBe(false)
    vi.useFakeTimers({ now: Date.now() + 2 * MINUTE, toFake: ['Date'] })
    await dieSilently(location)
    await deliver(QUEUE, messageOf(location))
    expect((await read(world.marc, location)).status).toBe('SENT')
  })
})

it('workbooks are built one after the other in one isolate', async () => {
  const locations: string[] = []
  for (let count = 0; count < 3; count += 1) {
    const plan = await createPlan(world.marc)
    await createAction(world.marc, plan.id)
    locations.push(await askFor(world.marc, plan.id))
  }
  let building = 0
  let most = 0
  const put = env.FILES.put.bind(env.FILES)
  vi.spyOn(env.FILES, 'put').mockImplementation((async (...args: Parameters<typeof put>) => {
    building += 1
    most = Math.max(most, building)
    await scheduler.wait(30)
    const stored = await put(...args)
    building -= 1
    return stored
  }) as typeof env.FILES.put)
  const messages = background.exports.splice(0)
  await Promise.all(messages.map((message) => deliver(QUEUE, message)))
  await deliverExports(background)
  const states = await Promise.all(locations.map((location) => read(world.marc, location)))
  expect([most, states.map(({ status }) => status)]).toEqual([1, ['SENT', 'SENT', 'SENT']])
})

describe('volumes', () => {
  it.each([
    [[], [0]],
    [[1, 2, 3], [0]],
    [Array<number>(500).fill(1), [0]],
    [Array<number>(1001).fill(1), [0, 500, 1000]],
    [
      [6e6, 6e6, 6e6, 6e6, 6e6],
      [0, 2, 4],
    ],
    [
      [20e6, 1, 20e6],
      [0, 1, 2],
    ],
  ])('begin where one is full, by number or by bytes', (bytes, starts) => {
    expect(volumeStarts(bytes)).toEqual(starts)
  })
})

async function workbookOf(location: string) {
  const { objects } = await env.FILES.list({ prefix: `exports/${idOf(location)}/` })
  const file = await env.FILES.get(objects[0]?.key ?? '')
  return readWithExceljs(new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0)))
}

it('holds all notes of an action in order, however many portions they are read in', async () => {
  const plan = await createPlan(world.marc)
  const action = await createAction(world.marc, plan.id, { description: 'x' })
  const insert = env.DB.prepare(
    'INSERT INTO notes (id, action_id, author_id, text, created_at) VALUES (?, ?, ?, ?, ?)',
  )
  const text = (index: number) => `Note ${String(index)} ${'w'.repeat(4900)}`
  const notes = Array.from({ length: 300 }, (_, index) =>
    insert.bind(index.toString(16).padStart(24, '0'), action.id, world.marc.id, text(index), index),
  )
  await env.DB.batch(notes)
  const calls = vi.spyOn(env.DB, 'batch')
  const location = await askFor(world.marc, plan.id)
  await deliverExports(background)
  expect(calls.mock.calls.length).toBeGreaterThan(8)
  const workbook = await workbookOf(location)
  const written = [...cellsOf(workbook.worksheets[1]).values()].filter(
    (value) => typeof value === 'string' && value.startsWith('Note '),
  )
  expect(written).toEqual(Array.from({ length: 300 }, (_, index) => text(index)))
})

it('neither the workbook nor the mail tells how many actions are hidden', async () => {
  const plan = await createPlan(world.marc, { visibility: 'PUBLIC', title: 'Shared' })
  await createAction(world.marc, plan.id, { title: 'For all' })
  const mailsAndCells: string[] = []
  for (const more of [1, 2]) {
    for (let count = 0; count < more; count += 1)
      await createAction(world.marc, plan.id, { title: 'Secret', visibility: 'PRIVATE' })
    const location = await askFor(world.noa, plan.id)
    await deliverExports(background)
    const { text = '', html = '' } = background.mails.at(-1) ?? {}
    const workbook = await workbookOf(location)
    const cells = [...cellsOf(workbook.worksheets[0]).values()].filter((value) => typeof value === 'string')
    expect(cells.join('\n')).toContain("Actions that aren't visible to you count towards the percentage too.")
    const changing = /https?:\S+"?|until [^.]*\.|[0-9a-f]{24}/g
    mailsAndCells.push([text, html, ...cells].join('\n').replace(changing, ''))
  }
  expect(mailsAndCells[1]).toBe(mailsAndCells[0])
  expect((await call(world.noa, 'GET', `${ACTIONS}?planId=${plan.id}`)).body.total).toBe(1)
})

describe('a title that runs from right to left', () => {
  const facts = {
    ...{ exportId: 'e', to: 'a@b.c', locale: 'en' as const, timeZone: 'UTC', actionCount: 1 },
    ...{ links: [], linkExpiresAt: 0 },
  }

  it('turns nothing around but itself, whatever controls it holds', () => {
    const { subject, text, html } = linkMail({ ...facts, planTitle: 'a\u202eb\u2069c\u2067d' })
    const whole = '\u2068a\u202ebc\u2067d\u2069\u2069'
    expect(subject).toBe(`Action plan “${whole}”: your Excel export`)
    expect(text).toContain(`“${whole}”`)
    expect(html).toContain('“<bdi>a\u202ebc\u2067d\u2069</bdi>”')
  })

  it('is isolated when its letters do, and left alone when they do not', () => {
    expect(linkMail({ ...facts, planTitle: 'שלום' }).subject).toContain('\u2068שלום\u2069')
    expect(linkMail({ ...facts, planTitle: 'Zoë & 計画' })).toMatchObject({
      subject: 'Action plan “Zoë & 計画”: your Excel export',
      html: expect.stringContaining('“<bdi>Zoë &amp; 計画</bdi>”') as string,
    })
  })
})
