/** A company is moved, by the operator's own command, while its people work. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { moveCompany, undoMove } from '../../scripts/company/move/moving.ts'
import type { Stores } from '../../scripts/company/stores.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { ACTIONS, call, codeOf, createAction, createPlan, ME, PLANS, type Slice } from '../support/api.ts'
import { eventsAt, openCalendar } from '../support/calendars.ts'
import { HOME } from '../support/home.ts'
import { createWorld, type World } from '../support/world.ts'
import { databasesWithUsers, operatorsStores } from './operator.ts'

let during: (call: number) => Promise<void>
let world: World
let stores: Stores

beforeEach(async () => {
  vi.spyOn(console, 'log').mockReturnValue()
  world = await createWorld()
  during = () => Promise.resolve()
  stores = operatorsStores((number) => during(number)).stores
})

afterEach(() => {
  vi.restoreAllMocks()
})

const move = (to: DatabaseName) =>
  moveCompany({ command: 'move', companyId: world.companyId, to, dryRun: false }, stores)
const undo = () => undoMove({ command: 'undo', companyId: world.companyId }, stores)

/** Has Ana write and read at every few calls; gives the ids of what was accepted, and how often it was refused. */
async function working(planId: string) {
  const dueDate = new Date(Date.now() + 86_400_000).toISOString()
  for (let number = 0; number < 3; number += 1)
    await createAction(world.ana, planId, { dueDate, assigneeIds: [world.marc.id], title: 'Due' })
  const calendar = await openCalendar(world.marc)
  const events = await eventsAt(calendar)
  expect(events).toHaveLength(3)
  const done = { accepted: await actionsOf(planId), refused: 0, reads: 0 }
  during = async (number) => {
    if (number % 7 !== 0) return
    const body = { planId, title: `Written at call ${String(number)}` }
    const written = await call<{ id: string }>(world.ana, 'POST', ACTIONS, { body, settled: true })
    if (written.status === 200) done.accepted.push(written.body.id)
    else {
      expect([written.status, codeOf(written)], written.text).toEqual([503, 'COMPANY_MOVING'])
      expect(Number(written.headers.get('Retry-After'))).toBeGreaterThan(0)
      done.refused += 1
    }
    const read = await call<{ actions: { id: string }[] }>(world.marc, 'GET', `${PLANS}/${planId}`)
    expect(read.status, read.text).toBe(200)
    expect(read.body.actions.map(({ id }) => id)).toEqual(expect.arrayContaining(done.accepted))
    // An address names no database: a copy that is not whole must not answer.
    expect(await eventsAt(calendar)).toEqual(events)
    done.reads += 1
    const other = await call(world.gus, 'POST', PLANS, { body: { title: 'Of another company' } })
    expect(other.status, other.text).toBe(200)
  }
  return done
}

async function actionsOf(planId: string): Promise<string[]> {
  const reply = await call<Slice<{ id: string }>>(world.ana, 'GET', `${ACTIONS}?planId=${planId}&to=100`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body.result.map(({ id }) => id).sort()
}

describe('a company that is moved while its people work', { timeout: 120_000 }, () => {
  it.each([['DB_3'], ['DB']] as const)('loses nothing on its way to %s', async (to) => {
    const { id: planId } = await createPlan(world.ana, { visibility: 'PUBLIC' })
    await createAction(world.ana, planId, { assigneeIds: [world.marc.id, world.noa.id] })
    const done = await working(planId)
    expect(await move(to)).toContain(`is in ${to}`)
    during = () => Promise.resolve()
    expect(done.refused).toBeGreaterThan(10)
    expect(done.reads).toBeGreaterThan(10)
    expect(await actionsOf(planId)).toEqual([...done.accepted].sort())
    expect(await databasesWithUsers(world.companyId)).toEqual([to])
    // Sessions from before, of people who asked for nothing meanwhile, find the company.
    const me = await call(world.noa, 'GET', ME, { settled: true })
    expect(me.status, me.text).toBe(200)
    const later = await createAction(world.noa, planId)
    expect(await actionsOf(planId)).toContain(later.id)
  })

  it('comes back, and is written to at once', async () => {
    const { id: planId } = await createPlan(world.ana, { visibility: 'PUBLIC' })
    await move('DB')
    const done = await working(planId)
    await move('DB_3')
    await move(HOME)
    during = () => Promise.resolve()
    expect(await databasesWithUsers(world.companyId)).toEqual([HOME])
    expect(await actionsOf(planId)).toEqual([...done.accepted].sort())
    await createAction(world.noa, planId)
  })

  it('works on where it was once a move is undone that was cut off', async () => {
    const { id: planId } = await createPlan(world.ana, { visibility: 'PUBLIC' })
    during = (number) => (number > 90 ? Promise.reject(new Error('Cut off')) : Promise.resolve())
    await expect(move('DB_3')).rejects.toThrow('Cut off')
    const refused = await call(world.ana, 'POST', ACTIONS, { body: { planId, title: 'Waits' } })
    expect(codeOf(refused)).toBe('COMPANY_MOVING')
    during = () => Promise.resolve()
    expect(await undo()).toContain('The move is undone')
    const action = await createAction(world.ana, planId)
    expect(await actionsOf(planId)).toEqual([action.id])
    expect(await databasesWithUsers(world.companyId)).toEqual([HOME])
  })
})
