import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { moveCompany, undoMove } from '../../scripts/company/move/moving.ts'
import type { Query } from '../../scripts/company/stores.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { DEMO } from '../../src/platform/demo.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { ofGlobex, type Rows, rowsIn } from './kept.ts'
import { bytesOf, copyOf, Killed, memoryStores, type MemoryStores } from './memory-stores.ts'
import { run } from './support.ts'

let folder: string
let seed: DatabaseSync
let stores: MemoryStores
let before: Rows

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'move-'))
  quietWrangler(folder)
  const seeding = run('node', ['test/scripts/seed-demo.ts'], { STATE_DIR: folder })
  expect(await seeding.ended, seeding.output()).toBe(0)
  const databases = join(folder, 'v3/d1/miniflare-D1DatabaseObject')
  const name = (await readdir(databases)).find((file) => /^[0-9a-f]{64}\.sqlite$/.test(file))
  seed = new DatabaseSync(join(databases, name ?? expect.fail('There is a database')))
  seed.exec(MORE)
  before = await rowsIn((sql) => Promise.resolve(seed.prepare(sql).all()))
}, 120_000)

afterAll(async () => {
  seed.close()
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  stores = memoryStores({ DB: await copyOf(seed, join(folder, 'copy.sqlite')), DB_2: null, DB_3: null })
})

afterEach(() => {
  vi.restoreAllMocks()
  stores.close()
})

/** Rows of every kind that the demo data have none of, and an area that is newer than those inside it. */
const MORE = `
  INSERT INTO sessions (id, user_id, company_id, created_at, expires_at)
    SELECT 'hash-' || id, id, company_id, 1, 9e12 FROM users;
  INSERT INTO idempotency_records (id, company_id, body_hash, facts, created_at)
    SELECT 'kept-' || id, id, 'hash', '{"a":"\\"1"}', 1 FROM companies;
  INSERT INTO link_mails (id, company_id, export_id, user_id, locale, link_expires_at, link_key_id, created_at)
    SELECT 'link-' || id, company_id, id, requested_by, 'en', 1, 'k', 1 FROM exports;
  INSERT INTO webhook_cursors (company_id, number) SELECT id, history_number FROM companies;
  INSERT INTO reminders (id, company_id, user_id, local_date, listed, content, send_until, created_at)
    SELECT 'reminder-' || id, company_id, id, '2026-11-26', '{}', 'Ünï' || char(10) || '"''?', 1, 1 FROM users;
  INSERT INTO export_actions SELECT id, 7, 'action', 12, '{}', '{"d":1.50}' FROM exports;
  INSERT INTO export_plans SELECT id, 0, 'plan', '{}' FROM exports;
  INSERT INTO export_hierarchies SELECT id, 'area', 'Area', NULL, NULL FROM exports;
  INSERT INTO export_notes SELECT id, 7, 'note', 'A note' FROM exports;
  INSERT INTO hierarchies (id, company_id, parent_id, name, created_at, updated_at)
    SELECT 'ffffffff' || substr(id, 9), id, NULL, 'Late', 1, 1 FROM companies;
  UPDATE hierarchies SET parent_id = 'ffffffff' || substr(company_id, 9)
    WHERE parent_id IS NULL AND name <> 'Late';`

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
const rowsOf = (at: DatabaseName) => rowsIn((sql) => Promise.resolve(stores.of(at).prepare(sql).all()))

/** Tables that do not move, and the text index, of whose rows none tells whose it is. */
const APART = ['company_places', 'addresses', 'sweep_cursors', 'action_texts']

/** Of rows, those of the company that moves. */
function movingOf(rows: Rows): Rows {
  const globex = ofGlobex(before)
  return Object.fromEntries(
    Object.entries(rows)
      .filter(([table]) => !APART.includes(table))
      .map(([table, of]) => [
        table,
        of.filter((row) => globex[table]?.includes(row) !== true && !isNobodys(table, row)),
      ]),
  )
}

/** A sign-in code of an address that nobody has. */
function isNobodys(table: string, row: string): boolean {
  return table === 'sign_in_codes' && (JSON.parse(row) as { user_id: string | null }).user_id === null
}

async function expectMoved(to: DatabaseName, others: readonly DatabaseName[]) {
  expect(movingOf(await rowsOf(to))).toEqual(movingOf(before))
  const texts = stores
    .of(to)
    .prepare('SELECT count(*) - (SELECT count(*) FROM actions) AS n FROM action_texts')
  expect(texts.get()).toEqual({ n: 0 })
  for (const other of others) {
    const rows = Object.entries(await rowsOf(other)).filter(([table]) => !APART.includes(table))
    for (const [table, of] of rows)
      expect(
        of.filter((row) => row.includes(DEMO.company)),
        `${table} of ${other}`,
      ).toEqual([])
  }
  for (const [table, rows] of Object.entries(ofGlobex(before)))
    expect((await rowsOf('DB'))[table], table).toEqual(expect.arrayContaining(rows))
}

function placesIn(at: DatabaseName) {
  return stores.of(at).prepare('SELECT company_id, state, database FROM company_places').all()
}

describe('npm run company -- move', { timeout: 600_000 }, () => {
  it('moves every row, and nothing of another company', async () => {
    for (const [table, rows] of Object.entries(movingOf(before)))
      expect(rows.length, table).toBeGreaterThan(0)
    expect(await move('DB_2')).toBe(`The company ${DEMO.company} is in DB_2.`)
    await expectMoved('DB_2', ['DB', 'DB_3'])
    expect(placesIn('DB')).toEqual([{ company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB_2' }])
    expect(placesIn('DB_2')).toEqual([])
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
    await expectMoved('DB_3', ['DB', 'DB_2'])
    expect(placesIn('DB')).toEqual([{ company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB_3' }])
    expect(placesIn('DB_2')).toEqual([{ company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB_3' }])
    await move('DB')
    await expectMoved('DB', ['DB_2', 'DB_3'])
    expect(placesIn('DB')).toEqual([])
    // One hop is enough, however often it has moved.
    for (const left of ['DB_2', 'DB_3'] as const)
      expect(placesIn(left)).toEqual([{ company_id: DEMO.company, state: 'ELSEWHERE', database: 'DB' }])
    expect((await rowsOf('DB')).addresses).toEqual([])
  })

  it('does no harm if every batch is carried out twice, as after a lost answer', async () => {
    const execute = stores.execute.bind(stores)
    stores.execute = async (queries, at) => {
      await execute(queries, at)
      return execute(queries, at)
    }
    await move('DB_2')
    await expectMoved('DB_2', ['DB', 'DB_3'])
    stores.cut = (_call, _at, [, query]) =>
      query?.sql.includes('INSERT INTO sessions') === true ? 'before' : null
    await expect(move('DB')).rejects.toBeInstanceOf(Killed)
    stores.cut = () => null
    await undo()
    await expectMoved('DB_2', ['DB', 'DB_3'])
    await move('DB')
    await expectMoved('DB', ['DB_2', 'DB_3'])
  })

  it('is taken up again after an end at any write, whether or not the write was carried out', async () => {
    const writes = await writesOf(() => move('DB_2'))
    expect(writes.length).toBeGreaterThan(40)
    for (const [index, call] of writes.entries()) {
      await renew()
      // An end before a write is one after the write before it.
      stores.cut = (now) => (now === call ? (index === 0 ? 'before' : 'after') : null)
      await expect(move('DB_2'), `call ${call}`).rejects.toBeInstanceOf(Killed)
      expectOneHome()
      stores.cut = () => null
      expect(await move('DB_2')).toContain('is in DB_2')
      if (index % 8 === 0) await expectMoved('DB_2', ['DB', 'DB_3'])
      else expect((await rowsOf('DB_2')).companies).toEqual(movingOf(before).companies)
    }
  })

  it('is undone after an end at any write before the switch, also if the undoing ends; then it can be moved', async () => {
    const writes = await writesOf(() => move('DB_2'))
    for (const [index, call] of writes.entries()) {
      if (index % 5 !== 0) continue
      await renew()
      stores.cut = (now) => (now === call ? 'after' : null)
      await expect(move('DB_2')).rejects.toBeInstanceOf(Killed)
      const isSwitched = placesIn('DB').some(({ state }) => state === 'ELSEWHERE')
      const start = stores.calls
      stores.cut = (now, _at, queries) => (now > start + (index % 7) && isWrite(queries) ? 'after' : null)
      await undo().catch(() => undefined)
      expectOneHome()
      stores.cut = () => null
      if (isSwitched) {
        expect(await undo().catch(String)).toMatch(/for good|not on its way/)
        continue
      }
      expect(await undo()).toContain(`ompany ${DEMO.company} is in DB`)
      await expectMoved('DB', ['DB_2', 'DB_3'])
      expect(placesIn('DB')).toEqual([])
      await move('DB_2')
      await expectMoved('DB_2', ['DB', 'DB_3'])
    }
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
    expect(placesIn('DB')).toEqual([{ company_id: DEMO.company, state: 'LEAVING', database: 'DB_2' }])
    expectOneHome()
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
    const much = movingOf(await rowsOf('DB'))
    expect([much.history?.length, much.notes?.length]).toEqual([
      1300 + (movingOf(before).history?.length ?? 0),
      300 + (movingOf(before).notes?.length ?? 0),
    ])
    const portions: { rows: number; bytes: number }[] = []
    stores.cut = (_call, _at, [, insert]) => {
      const [lines = ''] = insert?.sql.startsWith('INSERT INTO') === true ? insert.params : []
      if (lines.startsWith('[[['))
        portions.push({ rows: (JSON.parse(lines) as unknown[]).length, bytes: bytesOf(lines) })
      return null
    }
    await move('DB_2')
    expect(movingOf(await rowsOf('DB_2'))).toEqual(much)
    expect(Math.max(...portions.map(({ rows }) => rows))).toBe(1000)
    expect(Math.max(...portions.map(({ bytes }) => bytes))).toBeLessThan(1_010_000)
    expect(portions.filter(({ bytes }) => bytes > 900_000).length).toBeGreaterThan(1)
  })

  it('touches nothing while two databases have the company, as after a restore, until a row says which', async () => {
    await move('DB_2')
    const restored = await copyOf(seed, join(folder, 'restored.sqlite'))
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
    expect(movingOf(await rowsOf('DB_2'))).toEqual(movingOf(before))
    restored.close()
  })

  it('tells how much there is without moving it', async () => {
    const said = await moveCompany(
      { command: 'move', companyId: DEMO.company, to: 'DB_2', dryRun: true },
      stores,
    )
    expect(said).toMatch(/notes +\d+\n/)
    expect(said).toMatch(/"Acme" would move from DB to DB_2: [\d,]+ rows, 0\.\d MiB\. Nothing was done\.$/)
    expect(await rowsOf('DB')).toEqual(before)
  })
})

async function renew() {
  stores.close()
  stores = memoryStores({ DB: await copyOf(seed, join(folder, 'copy.sqlite')), DB_2: null, DB_3: null })
}

function isWrite(queries: readonly Query[]): boolean {
  return queries.some(({ sql }) => !/^\s*(SELECT|WITH)/.test(sql))
}

/** The numbers of the calls that write. */
async function writesOf(work: () => Promise<unknown>): Promise<number[]> {
  const writes: number[] = []
  stores.cut = (call, _at, queries) => {
    if (isWrite(queries)) writes.push(call)
    return null
  }
  await work()
  return writes
}

/** The company is in one place: at home, or at the end of the move that has all of it. */
function expectOneHome() {
  const standings = stores.databases.map((at) => {
    const [place] = placesIn(at)
    const hasCompany = stores.of(at).prepare('SELECT 1 FROM companies WHERE id = ?').get(DEMO.company)
    return { at, hasCompany: hasCompany !== undefined, state: place?.state, other: place?.database }
  })
  const complete = standings.filter(({ at, hasCompany, state, other }) => {
    const otherEnd = standings.find((each) => each.at === other)
    const isSwitched = state === 'ARRIVING' && otherEnd?.state === 'ELSEWHERE' && otherEnd.other === at
    return hasCompany && (state === undefined || state === 'LEAVING' || isSwitched)
  })
  expect(complete, JSON.stringify(standings)).toHaveLength(1)
}
