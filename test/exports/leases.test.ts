/** Who works on an export: one consumer at a time, and of one company not more exports than the contract says. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MOST_SILENT_TRIES } from '../../src/exports/lease-store.ts'
import { call, createPlan } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import {
  askForExport,
  type AskedExport,
  deliverExport,
  MOST_BUILT_AT_ONCE,
  outliveLeases,
  pretendBuilding,
  pretendUntried,
  readExport,
} from '../support/exports.ts'
import { inBetween } from '../support/race.ts'
import { createWorld, type Person, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

const SETTLED = { acked: true, retryAfter: null }

/** Asks for an export whose message the test delivers itself. */
async function ask(who: Person, planId: string): Promise<AskedExport> {
  const asked = await askForExport(who, planId)
  background.exports.length = 0
  return asked
}

describe('an export beyond those that one company may build at once', () => {
  let building: AskedExport[]
  let waiting: AskedExport
  let planId: string

  beforeEach(async () => {
    ;({ id: planId } = await createPlan(world.marc, { visibility: 'PUBLIC' }))
    const requests = Array.from({ length: MOST_BUILT_AT_ONCE }, () => ask(world.marc, planId))
    building = await Promise.all(requests)
    waiting = await ask(world.noa, planId)
  })

  /** Lets one of the exports in `building` go on to its end. */
  async function finishOne(): Promise<void> {
    const [first] = building
    if (!first) expect.fail('nothing is built')
    await pretendUntried(first)
    await deliverExport(first)
    expect((await readExport(first)).status).toBe('SENT')
  }

  async function expectToWait(): Promise<void> {
    expect(await deliverExport(waiting)).toEqual(SETTLED)
    expect(await readExport(waiting)).toMatchObject({ status: 'QUEUED', attempts: 0 })
  }

  it('waits as QUEUED, and its message is no try', async () => {
    await pretendBuilding(building)
    await expectToWait()
  })

  it('waits as well when the last slot is taken in the same moment', async () => {
    await pretendBuilding(building.slice(1))
    inBetween(() => pretendBuilding(building))
    await expectToWait()
    await expectToWait()
  })

  it('keeps no other company waiting', async () => {
    await pretendBuilding(building)
    await expectToWait()
    const plan = await createPlan(world.gus)
    const elsewhere = await askForExport(world.gus, plan.id)
    await deliverExports(background)
    expect((await readExport(elsewhere)).status).toBe('SENT')
  })

  it('is called by the one that ends, and its first try counts as the first', async () => {
    await pretendBuilding(building)
    await expectToWait()
    await finishOne()
    expect(background.exports).toEqual([waiting.message])
    await deliverExports(background)
    expect(await readExport(waiting)).toMatchObject({ status: 'SENT', attempts: 1 })
  })

  it('is called although the one called before it fails', async () => {
    await pretendBuilding(building)
    await expectToWait()
    const next = await ask(world.ana, planId)
    await deliverExport(next)
    await call(world.ana, 'PATCH', `/api/v1/company/users/${world.noa.id}`, { body: { active: false } })
    await finishOne()
    await deliverExports(background)
    expect((await readExport(next)).status).toBe('SENT')
  })
})

describe('an export whose worker dies at each try', () => {
  const dead: ((error: Error) => void)[] = []
  const deliveries: Promise<unknown>[] = []
  let asked: AskedExport

  beforeEach(async () => {
    const plan = await createPlan(world.marc)
    asked = await ask(world.marc, plan.id)
  })

  // A dead isolate takes its turn to build with it; this isolate lives on, so the turn is given back.
  afterEach(async () => {
    for (const end of dead.splice(0)) end(new Error('dead'))
    await Promise.all(deliveries.splice(0))
  })

  /** A try that dies while it stores the workbook, without noting anything. */
  async function dieSilently(): Promise<void> {
    let isStoring = false
    vi.spyOn(env.FILES, 'put').mockImplementationOnce(() => {
      isStoring = true
      return new Promise((_, reject) => dead.push(reject))
    })
    deliveries.push(deliverExport(asked))
    await vi.waitFor(() => {
      expect(isStoring).toBe(true)
    })
    outliveLeases()
  }

  it('is BUILDING after as many tries as are allowed, FAILED with the next, and its requester told once', async () => {
    for (let tries = 1; tries <= MOST_SILENT_TRIES; tries += 1) {
      await dieSilently()
      expect(await readExport(asked)).toMatchObject({ status: 'BUILDING', attempts: tries })
    }
    expect((await deliverExport(asked)).acked).toBe(true)
    expect(await readExport(asked)).toMatchObject({ status: 'FAILED', failure: { code: 'BUILD_FAILED' } })
    await deliverExport(asked)
    const subjects = background.mails.map(({ subject }) => subject)
    expect(subjects).toEqual(['Action plan “A plan”: export failed'])
  })

  it('has the count begin anew with a try that ends with a word', async () => {
    for (let tries = 1; tries < MOST_SILENT_TRIES; tries += 1) await dieSilently()
    vi.spyOn(env.FILES, 'put').mockRejectedValueOnce(new Error('down'))
    expect((await deliverExport(asked)).acked).toBe(false)
    outliveLeases()
    await dieSilently()
    await deliverExport(asked)
    expect((await readExport(asked)).status).toBe('SENT')
  })
})
