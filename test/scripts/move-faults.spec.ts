/**
 * A company is moved, and each call to a database in turn has a fault: it fails without an effect, it fails after its effect,
 * or the command ends with it. The company stays whole in one place, and the same command, or its undoing, brings everything
 * to where a move without a fault does.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { moveCompany, undoMove } from '../../scripts/company/move/moving.ts'
import { DEMO } from '../../src/platform/demo.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import type { Rows } from './kept.ts'
import { copyOf, type Cut, Killed, memoryStores, type MemoryStores } from './memory-stores.ts'
import { expectOneHome, openScene, rowsOf, type Scene, storesOf, timelessRows } from './move-scene.ts'

const IS_LONG = process.env.TEST_LENGTH === 'long'

/** Faults of the n-th call from where the calls are counted. The end of a command takes what it has under way with it. */
const WAYS: Readonly<Record<string, (n: number) => (call: number) => Cut>> = {
  'fails before its effect': (n) => (call) => (call === n ? 'before' : null),
  'fails after its effect': (n) => (call) => (call === n ? 'after' : null),
  'is the last before the command ends': (n) => (call) => (call < n ? null : call === n ? 'after' : 'before'),
}

/** Moves in turn; each begins with what the ones before it have left. */
const MOVES = [
  { from: 'DB', to: 'DB_2' },
  { from: 'DB_2', to: 'DB_3' },
  { from: 'DB_3', to: 'DB_2' },
  { from: 'DB_2', to: 'DB' },
] as const satisfies readonly { from: DatabaseName; to: DatabaseName }[]

type AllRows = Awaited<ReturnType<typeof timelessRows>>

/** A move without a fault. */
interface Undisturbed {
  /** What it begins with; never worked on itself. */
  start: MemoryStores
  before: AllRows
  after: AllRows
  calls: number
}

let scene: Scene
let stores: MemoryStores
const undisturbed: Undisturbed[] = []

const move = (to: DatabaseName) =>
  moveCompany({ command: 'move', companyId: DEMO.company, to, dryRun: false }, stores)
const undo = () => undoMove({ command: 'undo', companyId: DEMO.company }, stores)

function copyStores(from: MemoryStores): MemoryStores {
  return memoryStores(Object.fromEntries(from.databases.map((at) => [at, copyOf(from.of(at))])))
}

function quietly(): void {
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
}

beforeAll(async () => {
  quietly()
  scene = await openScene()
  let start = storesOf(scene)
  for (const { to } of MOVES) {
    stores = copyStores(start)
    const before = await timelessRows(stores)
    await move(to)
    undisturbed.push({ start, before, after: await timelessRows(stores), calls: stores.calls })
    start = stores
  }
}, 120_000)

afterAll(() => scene.close())

beforeEach(quietly)

afterEach(() => {
  vi.restoreAllMocks()
})

/** Has the calls of a command meet what `cut` says, counted from 1; says whether that ended the command. */
async function meets(command: () => Promise<unknown>, cut: (call: number) => Cut): Promise<boolean> {
  const done = stores.calls
  stores.cut = (call) => cut(call - done)
  try {
    await command()
    return false
  } catch (error) {
    if (error instanceof Killed) return true
    throw error
  } finally {
    stores.cut = () => null
  }
}

/** Tables that a database has for itself, of which each step of a move may change rows. */
const OF_DATABASE = ['company_places', 'addresses']

/** What must be true at every moment of a move. */
async function expectWhole(why: string): Promise<DatabaseName> {
  const home = expectOneHome(stores, why)
  const { company_places: _places, addresses: _addresses, action_texts, ...rows } = await rowsOf(stores, home)
  expect(rows, why).toEqual(home === 'DB' ? inDirectory() : elsewhere())
  expect(action_texts, why).toHaveLength(rows.actions?.length ?? 0)
  expectKnownAddresses(home, why)
  for (const at of stores.databases) {
    const state = stores.of(at).prepare('SELECT state FROM company_places').get()?.state
    const writable = state === undefined && at !== home && count(at, 'companies') > 0
    expect(
      [writable, state === 'ELSEWHERE' && count(at, 'sessions') + count(at, 'access_keys') > 0],
      why,
    ).toEqual([false, false])
  }
  return home
}

/** Rows of a table in which the company has any. */
function count(at: DatabaseName, table: string): number {
  const through = table === 'companies' ? 'id' : 'company_id'
  const found = stores
    .of(at)
    .prepare(`SELECT count(*) AS n FROM ${table} WHERE ${through} = ?`)
    .get(DEMO.company)
  return Number(found?.n)
}

const without = (rows: Rows | undefined, tables: readonly string[]): Rows =>
  Object.fromEntries(Object.entries(rows ?? {}).filter(([table]) => !tables.includes(table)))
/** What a database has while the company lives there. */
const inDirectory = () => without(undisturbed[0]?.before.DB, [...OF_DATABASE, 'action_texts'])
const elsewhere = () => without(undisturbed[0]?.after.DB_2, [...OF_DATABASE, 'action_texts'])

/** In `DB`, each address in use is that of its user; so nobody else can take it, and a sign-in finds the company. */
function expectKnownAddresses(home: DatabaseName, why: string): void {
  const used = stores
    .of(home)
    .prepare('SELECT email_key, id FROM users WHERE company_id = ? AND erased_at IS NULL')
    .all(DEMO.company)
  const known = stores
    .of('DB')
    .prepare(
      `SELECT email_key, user_id AS id FROM addresses JOIN company_places USING (company_id)
       UNION SELECT email_key, id FROM users`,
    )
    .all()
    .map((row) => JSON.stringify(row))
  const told = used.filter((row) => known.includes(JSON.stringify(row)))
  expect([used.length > 3, told], why).toEqual([true, used])
  expect(new Set(known.map((row) => (JSON.parse(row) as { email_key: string }).email_key)).size, why).toBe(
    known.length,
  )
}

/** Which calls have a fault: each; or every so many, at other ones for each way, and more of the last, which come after the switch. */
function* faultsOf(calls: number, step: number): Generator<[string, number, (call: number) => Cut]> {
  for (const [index, [way, cutAt]] of Object.entries(WAYS).entries())
    for (let n = 1; n <= calls; n += 1) {
      const isTried = (n - 1 - index * 5) % (n > calls - 12 ? Math.min(step, 4) : step) === 0
      if (isTried) yield [way, n, cutAt(n)]
    }
}

describe.each(MOVES.map((each, index) => [`from ${each.from} to ${each.to}`, index, each] as const))(
  'a move %s',
  { timeout: 1_800_000 },
  (_name, index, { from, to }) => {
    const sweep = it.skipIf(!IS_LONG && from === 'DB_3')
    const given = (): Undisturbed => undisturbed[index] ?? expect.fail('It was played')

    it('has the company whole in one place before each of its calls', async () => {
      stores = copyStores(given().start)
      const execute = stores.execute.bind(stores)
      const homes: DatabaseName[] = []
      const moments: string[] = []
      stores.execute = async (queries, at) => {
        // Calls that are under way together see one moment.
        const moment = stores.databases.map(
          (each) => stores.of(each).prepare('SELECT total_changes() AS n').get()?.n,
        )
        if (moments.at(-1) !== moment.join()) homes.push(await expectWhole(`before call ${stores.calls + 1}`))
        moments.push(moment.join())
        return execute(queries, at)
      }
      await move(to)
      expect([homes[0], homes.at(-1), new Set(homes).size]).toEqual([from, to, 2])
      expect(homes.length).toBeGreaterThan(20)
      stores.close()
    })

    sweep('is finished by the same command, whichever call has a fault', async () => {
      const { start, after, calls } = given()
      let runs = 0
      for (const [way, n, cut] of faultsOf(calls, IS_LONG ? 1 : 47)) {
        const why = `call ${n} of ${calls} ${way}`
        stores = copyStores(start)
        expect(await meets(() => move(to), cut), why).toBe(true)
        await expectWhole(why)
        // The second command ends somewhere as well.
        await meets(
          () => move(to),
          (call) => (call > (n * 37) % calls ? 'before' : null),
        )
        await expectWhole(why)
        await move(to)
        expect(await timelessRows(stores), why).toEqual(after)
        stores.close()
        runs += 1
      }
      expect(runs).toBeGreaterThan(IS_LONG ? 300 : 8)
    })

    sweep('is undone until it is switched, whichever call has a fault, and can be begun anew', async () => {
      const { start, before, after, calls } = given()
      const homes = new Set<DatabaseName>()
      for (const [way, n, cut] of faultsOf(calls, IS_LONG ? 1 : 61)) {
        const why = `call ${n} of ${calls} ${way}`
        stores = copyStores(start)
        expect(await meets(() => move(to), cut), why).toBe(true)
        const home = expectOneHome(stores, why)
        homes.add(home)
        if (home === to) {
          expect(await undo().catch(String), why).toMatch(/for good|not on its way/)
        } else {
          for (const lost of ['before', 'after'] as const) {
            await meets(undo, (call) => (call > 1 + (n % 29) ? lost : null))
            expect(await expectWhole(why), why).toBe(from)
          }
          expect(await undo(), why).toContain(`ompany ${DEMO.company} is in ${from}`)
          const rows = await timelessRows(stores)
          for (const at of stores.databases)
            expect(without(rows[at], ['company_places']), why).toEqual(
              without(before[at], ['company_places']),
            )
        }
        await move(to)
        expect(await timelessRows(stores), why).toEqual(after)
        stores.close()
      }
      expect(homes).toEqual(new Set([from, to]))
    })
  },
)
