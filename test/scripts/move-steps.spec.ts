import fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { standingsOf } from '../../scripts/company/homes.ts'
import { moveCompany, undoMove } from '../../scripts/company/move/moving.ts'
import { nextStep, nextUndoing, type Standing } from '../../scripts/company/move/steps.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { Killed, memoryStores, type MemoryStores } from './memory-stores.ts'

const COMPANY = 'c'.repeat(24)
const NAMES = ['DB', 'DB_2', 'DB_3'] as const satisfies readonly DatabaseName[]

const seedSql = `INSERT INTO companies (id, name, created_at, updated_at) VALUES ('${COMPANY}', 'Acme', 1, 1);
  INSERT INTO users (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
    VALUES ('u', '${COMPANY}', 'a@b.test', 'a@b.test', 'A', 'a', 'ADMIN', 1, 1);
  INSERT INTO sessions (id, user_id, company_id, created_at, expires_at) VALUES ('s', 'u', '${COMPANY}', 1, 9e12);`

/** What an operator gives: where to move it to, or to undo. */
const command = fc.constantFrom(...NAMES, 'undo' as const)
type Command = (typeof NAMES)[number] | 'undo'

function give(wish: Command, stores: MemoryStores): Promise<string> {
  const base = { companyId: COMPANY }
  return wish === 'undo'
    ? undoMove({ command: 'undo', ...base }, stores)
    : moveCompany({ command: 'move', ...base, to: wish, dryRun: false }, stores)
}

/** Where the company has all its rows and is answered for, and where it may be written. */
async function truthOf(stores: MemoryStores) {
  const standings = await standingsOf(stores, COMPANY)
  const complete = standings.filter(({ at, hasCompany, place }) => {
    const other = standings.find((each) => each.at === place?.database)?.place
    const isSwitched = place?.state === 'ARRIVING' && other?.state === 'ELSEWHERE' && other.database === at
    return hasCompany && (place === null || place.state === 'LEAVING' || isSwitched)
  })
  return { complete: complete.map(({ at }) => at), standings }
}

function rowsAt(stores: MemoryStores, at: DatabaseName) {
  const count = (table: string) => `(SELECT count(*) FROM ${table} WHERE company_id = ?) AS ${table}`
  return stores
    .of(at)
    .prepare(`SELECT ${count('users')}, ${count('sessions')}`)
    .get(COMPANY, COMPANY)
}

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})

/** Ends what is under way by the commands that the refusals ask for; gives the company's home. */
async function settle(stores: MemoryStores): Promise<DatabaseName> {
  await give('undo', stores).catch(async (error: unknown) => {
    const to = /it has gone to (\w+) for good/.exec(String(error))?.[1]
    if (to === undefined) throw error
    // A refusal names a database that is bound.
    await give(to as Command, stores)
  })
  const { complete } = await truthOf(stores)
  expect(complete).toHaveLength(1)
  const [home] = complete
  if (!home) return expect.fail('The company has a home')
  await give(home as Command, stores)
  return home
}

describe('the steps of a move', { timeout: 300_000 }, () => {
  it('keep the company whole in one place, whatever commands are given one after the other and cut off', async () => {
    const acts = fc.array(fc.record({ wish: command, calls: fc.integer({ min: 0, max: 250 }) }), {
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(acts, async (given) => {
        const stores = memoryStores({ DB: null, DB_2: null, DB_3: null })
        stores.of('DB').exec(seedSql)
        for (const { wish, calls } of given) {
          const last = stores.calls + calls
          stores.cut = (call) => (call > last ? 'before' : null)
          await give(wish, stores).catch((error: unknown) => {
            if (!(error instanceof Killed)) expect(String(error)).toContain('Nothing was done: ')
          })
          expect((await truthOf(withoutCuts(stores))).complete).toHaveLength(1)
        }
        const home = await settle(withoutCuts(stores))
        for (const at of NAMES)
          expect(rowsAt(stores, at), at).toEqual({
            users: Number(at === home),
            sessions: Number(at === home),
          })
        stores.close()
      }),
      { numRuns: 20 },
    )
  })

  it('keep it whole while several commands run at once, in whatever order their calls come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(command, { minLength: 2, maxLength: 3 }),
        async (scheduler, wishes) => {
          const stores = memoryStores({ DB: null, DB_2: null, DB_3: null })
          stores.of('DB').exec(seedSql)
          const execute = stores.execute.bind(stores)
          stores.execute = scheduler.scheduleFunction(execute)
          const running = wishes.map((wish) => give(wish, stores).catch(() => ''))
          await scheduler.waitFor(Promise.all(running))
          stores.execute = execute
          expect((await truthOf(stores)).complete).toHaveLength(1)
          const home = await settle(stores)
          for (const at of NAMES)
            expect(rowsAt(stores, at), at).toEqual({
              users: Number(at === home),
              sessions: Number(at === home),
            })
          stores.close()
        },
      ),
      { numRuns: 20 },
    )
  })

  it('are decided for everything that databases may say', () => {
    const standing = fc.record({
      hasCompany: fc.boolean(),
      place: fc.option(
        fc.record({
          state: fc.constantFrom('LEAVING' as const, 'ARRIVING' as const, 'ELSEWHERE' as const),
          database: fc.constantFrom(...NAMES),
          since: fc.constantFrom(1, 2),
        }),
      ),
    })
    fc.assert(
      fc.property(
        fc.tuple(standing, standing, standing),
        fc.constantFrom(...NAMES),
        fc.constantFrom(null, '1/1', '1/2', '2/1', '2/2'),
        (all, to, copied) => {
          const standings: Standing[] = all.map((each, index) => ({ at: NAMES[index] ?? 'DB', ...each }))
          const step = nextStep(standings, to, copied)
          const find = (at: DatabaseName) => standings.find((each) => each.at === at)
          // Nothing is removed where the company lives, nor switched to what was copied in another move.
          if (step.do === 'clear') expect(find(step.at)?.place).not.toBeNull()
          if (step.do === 'switch')
            expect(copied).toBe(`${find(step.at)?.place?.since ?? ''}/${find(to)?.place?.since ?? ''}`)
          const undoing = nextUndoing(standings)
          const turned = standings.find(
            ({ at, place }) => place?.state === 'LEAVING' && place.database === at,
          )
          if (undoing.do === 'clear' || undoing.do === 'recall') {
            expect(find(undoing.at)?.place?.state).toBe('ARRIVING')
            expect(turned).toBeDefined()
          }
        },
      ),
    )
  })
})

function withoutCuts(stores: MemoryStores): MemoryStores {
  stores.cut = () => null
  return stores
}
