/** A company with everything that one may have, in databases in memory, to be moved; and what must be true of it then. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { DEMO } from '../../src/platform/demo.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { ofGlobex, type Rows, rowsIn } from './kept.ts'
import { copyOf, memoryStores, type MemoryStores } from './memory-stores.ts'
import { seededDatabase } from './seeded.ts'

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

/** Tables that do not move, and the text index, of whose rows none tells whose it is. */
const APART = ['company_places', 'addresses', 'sweep_cursors', 'action_texts']

export interface Scene {
  /** One database with two companies; that which moves is the demo company Acme. */
  seed: DatabaseSync
  before: Rows
  /** The rows among them that move. */
  moving: Rows
  close(): Promise<void>
}

export async function openScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'move-'))
  quietWrangler(folder)
  const seed = await seededDatabase(folder)
  seed.exec(MORE)
  const before = await rowsOfDatabase(seed)
  return {
    seed,
    before,
    moving: movingOf(before, before),
    async close() {
      seed.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Three databases: that of the scene, and two empty ones. */
export function storesOf({ seed }: Scene): MemoryStores {
  return memoryStores({ DB: copyOf(seed), DB_2: null, DB_3: null })
}

const rowsOfDatabase = (database: DatabaseSync) =>
  rowsIn((sql) => Promise.resolve(database.prepare(sql).all()))

export function rowsOf(stores: MemoryStores, at: DatabaseName): Promise<Rows> {
  return rowsOfDatabase(stores.of(at))
}

/** Of rows, those of the company that moves. */
export function movingOf(rows: Rows, before: Rows): Rows {
  const globex = ofGlobex(before)
  const staying = new Set(Object.entries(globex).flatMap(([table, of]) => of.map((row) => table + row)))
  return Object.fromEntries(
    Object.entries(rows)
      .filter(([table]) => !APART.includes(table))
      .map(([table, of]) => [table, of.filter((row) => !staying.has(table + row) && !isNobodys(table, row))]),
  )
}

/** A sign-in code of an address that nobody has. */
function isNobodys(table: string, row: string): boolean {
  return table === 'sign_in_codes' && (JSON.parse(row) as { user_id: string | null }).user_id === null
}

export function placesIn(stores: MemoryStores, at: DatabaseName) {
  return stores.of(at).prepare('SELECT company_id, state, database FROM company_places').all()
}

/** Without the times at which places have changed, which no two moves share. */
export async function timelessRows(stores: MemoryStores): Promise<Partial<Record<DatabaseName, Rows>>> {
  const all: Partial<Record<DatabaseName, Rows>> = {}
  for (const at of stores.databases)
    all[at] = {
      ...(await rowsOf(stores, at)),
      company_places: placesIn(stores, at).map((row) => JSON.stringify(row)),
    }
  return all
}

/** The company is there and nowhere else, and the other one is where it was. */
export async function expectMoved(
  stores: MemoryStores,
  { before, moving }: Scene,
  to: DatabaseName,
): Promise<void> {
  expect(movingOf(await rowsOf(stores, to), before)).toEqual(moving)
  const texts = stores
    .of(to)
    .prepare('SELECT count(*) - (SELECT count(*) FROM actions) AS n FROM action_texts')
  expect(texts.get()).toEqual({ n: 0 })
  for (const other of stores.databases.filter((at) => at !== to)) {
    const rows = Object.entries(await rowsOf(stores, other)).filter(([table]) => !APART.includes(table))
    for (const [table, of] of rows)
      expect(
        of.filter((row) => row.includes(DEMO.company)),
        `${table} of ${other}`,
      ).toEqual([])
  }
  const inDirectory = await rowsOf(stores, 'DB')
  for (const [table, rows] of Object.entries(ofGlobex(before)))
    expect(inDirectory[table], table).toEqual(expect.arrayContaining(rows))
}

/** The company is in one place: at home, or at the end of the move that has all of it; which that is. */
export function expectOneHome(stores: MemoryStores, why = ''): DatabaseName {
  const standings = stores.databases.map((at) => {
    const [place] = placesIn(stores, at)
    const hasCompany = stores.of(at).prepare('SELECT 1 FROM companies WHERE id = ?').get(DEMO.company)
    return { at, hasCompany: hasCompany !== undefined, state: place?.state, other: place?.database }
  })
  const complete = standings.filter(({ at, hasCompany, state, other }) => {
    const otherEnd = standings.find((each) => each.at === other)
    const isSwitched = state === 'ARRIVING' && otherEnd?.state === 'ELSEWHERE' && otherEnd.other === at
    return hasCompany && (state === undefined || state === 'LEAVING' || isSwitched)
  })
  expect(complete, `${why} ${JSON.stringify(standings)}`).toHaveLength(1)
  return complete[0]?.at ?? expect.fail('There is one')
}
