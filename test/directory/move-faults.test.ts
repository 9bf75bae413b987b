/** A move that has a fault at one of its calls, as its people see it: through the public door, with real databases. */
import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { moveCompany, undoMove } from '../../scripts/company/move/moving.ts'
import type { Stores } from '../../scripts/company/stores.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { ACTIONS, call, codeOf, createAction, createPlan, ME, PLANS, USERS } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { eventsAt, openCalendar } from '../support/calendars.ts'
import { sendExportOf } from '../support/exports.ts'
import { HOME } from '../support/home.ts'
import { CODES } from '../support/sign-in.ts'
import { createWorld, openKey, type World } from '../support/world.ts'
import { databasesWithUsers, operatorsStores } from './operator.ts'

/** Every call of a move in the long version. */
const STEP = env.TEST_LENGTH === 'long' ? 1 : 59

type Fault = 'before' | 'after'

/** What people have and look at, all of it from before the move. */
interface Held {
  world: World
  planId: string
  key: string
  calendar: string
  link: string
  /** Actions whose creation was accepted. */
  accepted: string[]
}

async function hold(): Promise<Held> {
  const world = await createWorld()
  const { ana, marc } = world
  const plan = await createPlan(ana, { visibility: 'PUBLIC' })
  const dueDate = new Date(Date.now() + 86_400_000).toISOString()
  const action = await createAction(ana, plan.id, { dueDate, assigneeIds: [marc.id] })
  const { link } = await sendExportOf(marc, catchBackground())
  const [key, calendar] = [await openKey(marc, 'READ'), await openCalendar(marc)]
  return { world, planId: plan.id, key, calendar, link, accepted: [action.id] }
}

/** Everybody reads all; who writes is accepted or told to wait, and nobody else gets an address that is somebody's. */
async function expectWhole(held: Held, title: string, why: string): Promise<'open' | 'waits'> {
  const { world, planId, key, calendar, link, accepted } = held
  const written = await call<{ id: string }>(world.ana, 'POST', ACTIONS, {
    body: { planId, title },
    settled: true,
  })
  if (written.status === 200) accepted.push(written.body.id)
  else expect([written.status, codeOf(written)], why).toEqual([503, 'COMPANY_MOVING'])
  for (const who of [world.ana, key]) {
    const plan = await call<{ actions: { id: string }[] }>(who, 'GET', `${PLANS}/${planId}`, {
      settled: true,
    })
    expect([plan.status, plan.body.actions.map(({ id }) => id).sort()], why).toEqual([
      200,
      [...accepted].sort(),
    ])
  }
  expect(await eventsAt(calendar), why).toHaveLength(1)
  expect((await call(null, 'GET', link)).status, why).toBe(200)
  const code = await call(null, 'POST', CODES, { body: { email: world.eli.email } })
  // Who signs in may have to wait longer, for the directory.
  expect(written.status === 200 ? [202, 503] : [503], why).toContain(code.status)
  const taken = { email: world.marc.email, name: 'Another', role: 'EMPLOYEE' }
  const refused = await call(world.gus, 'POST', USERS, { body: taken })
  expect([refused.status, codeOf(refused)], why).toEqual([409, 'EMAIL_TAKEN'])
  return code.status === 202 ? 'open' : 'waits'
}

it.each([
  ['DB_3', 'before'],
  ['DB_3', 'after'],
  ['DB', 'before'],
  ['DB', 'after'],
] as const)(
  'a move to %s is noticed by nobody but who writes, if any call fails %s its effect',
  { timeout: 1_200_000 },
  async (away, fault: Fault) => {
    vi.spyOn(console, 'log').mockReturnValue()
    const held = await hold()
    const { companyId, noa } = held.world
    const { stores, cutAt } = operatorsStores()
    const give = (to: DatabaseName | 'undo', using: Stores = stores) =>
      to === 'undo'
        ? undoMove({ command: 'undo', companyId }, using)
        : moveCompany({ command: 'move', companyId, to, dryRun: false }, using)
    const seen = new Set<string>()
    let at: DatabaseName = HOME
    let runs = 0
    for (let n = fault === 'before' ? 1 : 12, isMet = true; isMet; n += STEP) {
      const to = at === HOME ? away : HOME
      const why = `call ${String(n)} of a move from ${at} to ${to} fails ${fault} its effect`
      cutAt(n, fault)
      const error = await give(to).then(() => null, String)
      isMet = error !== null
      cutAt(null)
      if (isMet) expect(error, why).toContain('Network connection lost')
      seen.add(await expectWhole(held, why, why))
      // Some are taken back before they are done after all.
      if (n % 2 === 0) await give('undo').catch(() => '')
      seen.add(await expectWhole(held, why, why))
      await give(to)
      at = to
      expect(await databasesWithUsers(companyId), why).toEqual([at])
      expect(await expectWhole(held, why, why), why).toBe('open')
      expect((await call(noa, 'GET', ME, { settled: true })).status, why).toBe(200)
      runs += 1
    }
    console.info(`move faults: to ${away} and back, ${fault}: ${String(runs)} runs`)
    expect(runs).toBeGreaterThan(3)
    expect(seen).toEqual(new Set(['open', 'waits']))
  },
)
