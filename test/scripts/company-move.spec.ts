import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { moveCompany, undoMove } from '../../scripts/company/move/moving.ts'
import type { Query } from '../../scripts/company/stores.ts'
import { DEMO } from '../../src/platform/demo.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { bytesOf, copyOf, Killed, memoryStores, type MemoryStores } from './memory-stores.ts'
import {
  expectMoved,
  expectOneHome,
  movingOf,
  openScene,
  placesIn,
  rowsOf,
  type Scene,
  storesOf,
} from './move-scene.ts'

let scene: Scene
let stores: MemoryStores

beforeAll(async () => {
  scene = await openScene()
}, 120_000)

afterAll(() => scene.close())

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  stores = storesOf(scene)
})

afterEach(() => {
  vi.restoreAllMocks()
  stores.close()
})

/** More entries and people than a portion has rows, and notes of more bytes on one action, each twice as long in JSON. */
const MUCH = `
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
  INSERT INTO history (company_id, number, id, at, recorded_at, via, type, plan_id, title, changes)
    SELECT c.id, c.history_number + i, printf('%024x', i), 1, 1, 'OPERATOR', 'plan.updated', 'plan', 'T', '{}'
      FROM n JOIN companies AS c ON c.id = '${DEMO.company}';
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
  INSERT INTO users (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
    SELECT printf('%024x', 7919 * i % 4096), '${DEMO.company}', 'p' || i, 'p' || i, 'P', 'p', 'EMPLOYEE', 1, 1 FROM n;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
  INSERT INTO notes (id, action_id, author_id, text, created_at)
    SELECT printf('%024x', i), a.id, a.created_by, replace(hex(zeroblob(2500)), '0', '"'), i
      FROM n JOIN (SELECT * FROM actions WHERE company_id = '${DEMO.company}' AND created_by IS NOT NULL LIMIT 1) AS a;`

const move = (to: DatabaseName) =>
  moveCompany({ command: 'move', companyId: DEMO.company, to, dryRun: false }, stores)
const undo = () => undoMove({ command: 'undo', companyId: DEMO.company }, stores)

describe('npm run company -- move', { timeout: 600_000 }, () => {
  it('moves every row, and nothing of another company', async () => {
    for (const [table, rows] of Object.entries(scene.moving)) expect(rows.length, table).toBeGreaterThan(0)
    expect(await move('DB_2')).toBe(`The company ${DEMO.company} is in DB_2.`)
    await expectMoved(stores, scene, 'DB_2')
    expect(placesIn(stores, 'DB')).toEqual([
      { company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB_2' },
    ])
    expect(placesIn(stores, 'DB_2')).toEqual([])
    const addresses = stores.of('DB').prepare('SELECT email_key FROM addresses ORDER BY 1').all()
    const kept = stores
      .of('DB_2')
      .prepare('SELECT email_key FROM users WHERE erased_at IS NULL ORDER BY 1')
      .all()
    expect(addresses).toEqual(kept)
    expect(await move('DB_2')).toContain('is in DB_2 already')
  })

  it('moves on, and back again, with forwarding rows at every place that it left', async () => {
    await move('DB_2')
    await move('DB_3')
    await expectMoved(stores, scene, 'DB_3')
    expect(placesIn(stores, 'DB')).toEqual([
      { company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB_3' },
    ])
    expect(placesIn(stores, 'DB_2')).toEqual([
      { company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB_3' },
    ])
    await move('DB')
    await expectMoved(stores, scene, 'DB')
    expect(placesIn(stores, 'DB')).toEqual([])
    // One hop is enough, however often it has moved.
    for (const left of ['DB_2', 'DB_3'] as const)
      expect(placesIn(stores, left)).toEqual([
        { company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB' },
      ])
    expect((await rowsOf(stores, 'DB')).addresses).toEqual([])
  })

  it('does no harm if every batch is carried out twice, as after a lost answer', async () => {
    const execute = stores.execute.bind(stores)
    stores.execute = async (queries, at) => {
      await execute(queries, at)
      return execute(queries, at)
    }
    await move('DB_2')
    await expectMoved(stores, scene, 'DB_2')
    stores.cut = (_call, _at, [, query]) =>
      query?.sql.includes('INSERT INTO sessions') === true ? 'before' : null
    await expect(move('DB')).rejects.toBeInstanceOf(Killed)
    stores.cut = () => null
    await undo()
    await expectMoved(stores, scene, 'DB_2')
    await move('DB')
    await expectMoved(stores, scene, 'DB')
  })

  it('switches nothing if the copy differs, and says where', async () => {
    stores.cut = (_call, _at, [, query]) => {
      // A write that did not wait.
      if (query?.sql.includes('INSERT INTO sessions') === true)
        stores.of('DB').exec("UPDATE notes SET text = text || '!'; DELETE FROM calendars")
      return null
    }
    await expect(move('DB_2')).rejects.toThrow(
      /notes has other rows.*\n.*calendars has 0 rows at the source, 1 at/,
    )
    expect(placesIn(stores, 'DB')).toEqual([{ company_id: DEMO.company, state: 'LEAVING', database: 'DB_2' }])
    expectOneHome(stores)
  })

  it('refuses what cannot be, and says why', async () => {
    await expect(move('DB_7')).rejects.toThrow('no database is bound as DB_7')
    const nobody = moveCompany(
      { command: 'move', companyId: 'f'.repeat(24), to: 'DB_2', dryRun: false },
      stores,
    )
    await expect(nobody).rejects.toThrow('there is no such company')
    expect(await move('DB')).toContain('is in DB already')
    expect(await undo()).toContain('not on its way')
    stores.cut = (call) => (call === 40 ? 'before' : null)
    await expect(move('DB_2')).rejects.toBeInstanceOf(Killed)
    stores.cut = () => null
    await expect(move('DB_3')).rejects.toThrow('it is on its way to DB_2')
    await undo()
    stores.cut = (call, _at, queries) => (isWrite(queries) && call > 0 ? 'after' : null)
    await expect(move('DB_2')).rejects.toBeInstanceOf(Killed)
    stores.cut = () => null
    await expect(move('DB_3')).rejects.toThrow('it is on its way to DB_2')
  })

  it('moves what is more than a portion, in portions that D1 takes', async () => {
    stores.of('DB').exec(MUCH)
    const much = movingOf(await rowsOf(stores, 'DB'), scene.before)
    expect([much.history?.length, much.notes?.length]).toEqual([
      1300 + (scene.moving.history?.length ?? 0),
      300 + (scene.moving.notes?.length ?? 0),
    ])
    const portions: { rows: number; bytes: number }[] = []
    stores.cut = (_call, _at, [, insert]) => {
      const [lines = ''] = insert?.sql.startsWith('INSERT INTO') === true ? insert.params : []
      if (lines.startsWith('[[['))
        portions.push({ rows: (JSON.parse(lines) as unknown[]).length, bytes: bytesOf(lines) })
      return null
    }
    await move('DB_2')
    expect(movingOf(await rowsOf(stores, 'DB_2'), scene.before)).toEqual(much)
    expect(Math.max(...portions.map(({ rows }) => rows))).toBe(1000)
    expect(Math.max(...portions.map(({ bytes }) => bytes))).toBeLessThan(1_010_000)
    expect(portions.filter(({ bytes }) => bytes > 900_000).length).toBeGreaterThan(1)
  })

  it('touches nothing while two databases have the company, as after a restore, until a row says which', async () => {
    await move('DB_2')
    const restored = copyOf(scene.seed)
    const both = memoryStores({ DB: restored, DB_2: stores.of('DB_2') })
    const again = { command: 'move', companyId: DEMO.company, to: 'DB_2', dryRun: false } as const
    await expect(moveCompany(again, both)).rejects.toThrow('it is in DB and in DB_2, as after a restore')
    await expect(undoMove({ command: 'undo', companyId: DEMO.company }, both)).rejects.toThrow(
      'as after a restore',
    )
    restored.exec(`INSERT INTO company_places VALUES ('${DEMO.company}', 'ELSEWHERE', 'DB_2', 0)`)
    await moveCompany(again, both)
    const left = restored
      .prepare('SELECT count(*) AS users FROM users WHERE company_id = ?')
      .get(DEMO.company)
    expect(left).toEqual({ users: 0 })
    expect(movingOf(await rowsOf(stores, 'DB_2'), scene.before)).toEqual(scene.moving)
    restored.close()
  })

  it('tells how much there is without moving it', async () => {
    const said = await moveCompany(
      { command: 'move', companyId: DEMO.company, to: 'DB_2', dryRun: true },
      stores,
    )
    expect(said).toMatch(/notes +\d+\n/)
    expect(said).toMatch(/"Acme" would move from DB to DB_2: [\d,]+ rows, 0\.\d MiB\. Nothing was done\.$/)
    expect(await rowsOf(stores, 'DB')).toEqual(scene.before)
  })
})

function isWrite(queries: readonly Query[]): boolean {
  return queries.some(({ sql }) => !/^\s*(SELECT|WITH)/.test(sql))
}
