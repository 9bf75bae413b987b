/** `npm run company -- … --remote` with several databases, against a fake of Cloudflare's API that fails at will. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCompany } from '../../scripts/company/creation.ts'
import { deleteCompany } from '../../scripts/company/deletion.ts'
import { importFile } from '../../scripts/company/import-file.ts'
import { moveCompany, undoMove } from '../../scripts/company/move/moving.ts'
import type { NewCompany } from '../../scripts/company/options.ts'
import { type Stores, withStores } from '../../scripts/company/stores.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { DEMO } from '../../src/platform/demo.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { ACCOUNT, databaseIdOf, type FakeCloudflare, startFakeCloudflare, TOKEN } from './fake-cloudflare.ts'
import { type Rows, rowsIn } from './kept.ts'
import { copyOf, empty, memoryStores } from './memory-stores.ts'
import { seededDatabase } from './seeded.ts'

const NAMES = ['DB', 'DB_2', 'DB_3'] as const
const IN_A_MOMENT = { 'Retry-After': '0' }

vi.mock(import('../../scripts/local/configuration.ts'), async (load) => {
  const original = await load()
  return {
    ...original,
    async readConfiguration(environment: string) {
      const read = await original.readConfiguration(environment)
      return {
        ...read,
        d1_databases: NAMES.map((binding) => ({ binding, database_id: databaseIdOf(binding) })),
      }
    },
  }
})

/** Of more bytes than one parameter of D1 can have; in JSON each is twice as long. */
const NOTES = `
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
  INSERT INTO notes (id, action_id, author_id, text, created_at)
    SELECT printf('%024x', i), a.id, a.created_by, replace(hex(zeroblob(2500)), '0', '"'), i
      FROM n JOIN (SELECT * FROM actions WHERE company_id = '${DEMO.company}' AND created_by IS NOT NULL LIMIT 1) AS a`

let folder: string
let seed: DatabaseSync
let databases: Record<(typeof NAMES)[number], DatabaseSync>
let fake: FakeCloudflare

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'remote-move-'))
  quietWrangler(folder)
  seed = await seededDatabase(folder)
  seed.exec(NOTES)
}, 120_000)

beforeEach(async () => {
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  databases = { DB: copyOf(seed), DB_2: empty(), DB_3: empty() }
  fake = await startFakeCloudflare(databases)
  vi.stubEnv('CLOUDFLARE_API_BASE_URL', fake.url)
  vi.stubEnv('CLOUDFLARE_API_TOKEN', TOKEN)
  vi.stubEnv('CLOUDFLARE_ACCOUNT_ID', ACCOUNT.id)
  vi.stubEnv('STATE_DIR', folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await fake.close()
  for (const database of Object.values(databases)) database.close()
})

afterAll(async () => {
  seed.close()
  await rm(folder, { recursive: true })
})

const remotely = <Said>(work: (stores: Stores) => Promise<Said>) => withStores(true, work)
const acme = DEMO.company
const move = (to: DatabaseName, companyId = acme) =>
  remotely((stores) => moveCompany({ command: 'move', companyId, to, dryRun: false }, stores))
const undo = () => remotely((stores) => undoMove({ command: 'undo', companyId: acme }, stores))

/** All rows of all databases, but for the times of places, which no two moves share. */
async function rowsOf(of: (name: DatabaseName) => DatabaseSync): Promise<Rows[]> {
  return Promise.all(
    NAMES.map(async (name) => {
      const read = (sql: string) => Promise.resolve(of(name).prepare(sql).all())
      return { ...(await rowsIn(read)), company_places: placesIn(of(name)) }
    }),
  )
}
const rowsNow = () => rowsOf((name) => databases[name as 'DB'])

function placesIn(database: DatabaseSync): string[] {
  return database
    .prepare('SELECT company_id, state, database FROM company_places ORDER BY 1')
    .all()
    .map((row) => JSON.stringify(row))
}

/** What the moves, one after the other, leave if nothing disturbs them and no API is between. */
async function undisturbed(...moves: DatabaseName[]): Promise<Rows[]> {
  const stores = memoryStores({ DB: copyOf(seed), DB_2: null, DB_3: null })
  for (const to of moves) await moveCompany({ command: 'move', companyId: acme, to, dryRun: false }, stores)
  const rows = await rowsOf((name) => stores.of(name))
  stores.close()
  return rows
}

/** Carries out a command that meets its end ever later, again and again until it has come to its own end. */
async function throughEnds<Said>(
  work: () => Promise<Said>,
  { first, further }: { first: number; further: number },
): Promise<{ said: Said; runs: number }> {
  for (let runs = 1; ; runs += 1) {
    let left = first + (runs - 1) * further
    // Every other end comes when the request has been carried out.
    fake.failure = () => (left-- > 0 ? undefined : { status: 403, afterwards: runs % 2 === 0 })
    const ended = await work().then(
      (said) => ({ said, runs }),
      (error: unknown) => {
        expect(String(error)).toContain('run the same command again')
        return null
      },
    )
    if (ended) {
      fake.failure = () => undefined
      return ended
    }
  }
}

/** Every fifth request is refused for now, answered with an error, or has its answer replaced by one. */
function disturbed(): void {
  const failures = [
    { status: 429, headers: IN_A_MOMENT },
    { status: 500, headers: IN_A_MOMENT, afterwards: true },
    { status: 503, headers: IN_A_MOMENT },
    { status: 520, headers: IN_A_MOMENT, afterwards: true },
  ]
  fake.failure = (request) => (request % 5 === 0 ? failures[(request / 5) % failures.length] : undefined)
}

const initech: NewCompany = {
  command: 'create',
  name: 'Initech',
  adminEmail: 'p@initech.test',
  adminName: 'Peter',
  timeZone: 'UTC',
  language: 'en',
  database: 'DB_2',
}
const create = (wish = initech) => remotely((stores) => createCompany(wish, stores))

function companiesIn(name: 'DB' | 'DB_2' | 'DB_3', company: string): string[] {
  const found = databases[name].prepare('SELECT id FROM companies WHERE name = ?').all(company)
  return found.map(({ id }) => String(id))
}

describe('npm run company -- … --remote, with several databases', { timeout: 300_000 }, () => {
  it('makes a company in one of them, once, also when it ends or an answer is lost at any request', async () => {
    const { said, runs } = await throughEnds(() => create(), { first: 0, further: 1 })
    expect(runs).toBe(4)
    const [id = ''] = companiesIn('DB_2', 'Initech')
    expect(said).toContain(id)
    expect(companiesIn('DB', 'Initech')).toEqual([])
    expect(placesIn(databases.DB)).toEqual([
      JSON.stringify({ company_id: id, state: 'ELSEWHERE', database: 'DB_2' }),
    ])
    for (const lost of [1, 2, 3]) {
      let left = lost
      fake.failure = () => (--left === 0 ? { status: 0, afterwards: true } : undefined)
      const wish = { ...initech, name: `Lost ${lost}`, adminEmail: `p@lost-${lost}.test` }
      expect(await create(wish)).toContain(`Made the company "Lost ${lost}"`)
      expect(companiesIn('DB_2', `Lost ${lost}`)).toHaveLength(1)
    }
    const addresses = databases.DB.prepare('SELECT settle_at FROM addresses').all()
    expect(addresses).toEqual(Array.from({ length: 4 }, () => ({ settle_at: null })))
    // Without a name, where least is stored.
    expect(await create({ ...initech, adminEmail: 'p@new.test', name: 'New', database: null })).toMatch(
      / in DB_[23] /,
    )
    await expect(create({ ...initech, database: 'DB_7' })).rejects.toThrow('only DB, DB_2, DB_3')
  })

  it('imports into it and deletes it, and what the others have stays', async () => {
    await create()
    const [companyId = ''] = companiesIn('DB_2', 'Initech')
    const before = await rowsNow()
    const file = join(folder, 'plans.ndjson')
    const lines = Array.from({ length: 12 }, (_, plan) => ({
      externalId: `plan-${plan}`,
      title: `Plan ${plan}`,
      actions: Array.from({ length: 100 }, (_action, action) => ({
        externalId: `plan-${plan}/${action}`,
        title: `Action ${action}`,
        assignees: [initech.adminEmail],
      })),
    }))
    await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const wish = { command: 'import', file, companyId, dryRun: false } as const
    await expect(remotely((stores) => importFile({ ...wish, companyId: null }, stores))).rejects.toThrow(
      'there are several companies',
    )
    disturbed()
    const stored = await remotely((stores) => importFile(wish, stores))
    expect(stored).toMatch(/^12 plans and 1,200 actions: /)
    const [count] = databases.DB_2.prepare('SELECT count(*) AS actions FROM actions').all()
    expect(count).toEqual({ actions: 1200 })
    const deletion = { command: 'delete', companyId, confirmed: 'Initech' } as const
    const { said, runs } = await throughEnds(
      () => remotely((stores) => deleteCompany(deletion, stores)).catch(goneAlready),
      { first: 4, further: 2 },
    )
    expect(said).toMatch(/Deleted the company "Initech"|there is no company/)
    expect(runs).toBeGreaterThan(3)
    const [inDirectory, inSecond, inThird] = await rowsNow()
    expect([inDirectory, inThird]).toEqual([
      { ...before[0], company_places: [], addresses: [] },
      { ...before[2] },
    ])
    for (const [table, rows] of Object.entries(inSecond ?? {}))
      for (const row of rows) expect(row.includes(companyId), `${table}: ${row}`).toBe(false)
  })

  it('tells how much a move would be, and touches nothing', async () => {
    const before = await rowsNow()
    const said = await remotely((stores) =>
      moveCompany({ command: 'move', companyId: acme, to: 'DB_2', dryRun: true }, stores),
    )
    expect(said).toMatch(/notes +\d+\n/)
    expect(said).toMatch(/"Acme" would move from DB to DB_2: [\d,]+ rows, \d\.\d MiB\. Nothing was done\.$/)
    expect(await rowsNow()).toEqual(before)
  })

  it('moves all of it while requests are refused and answers are lost, and back', async () => {
    disturbed()
    expect(await move('DB_2')).toBe(`The company ${acme} is in DB_2.`)
    expect(await rowsNow()).toEqual(await undisturbed('DB_2'))
    expect(fake.mostBytes).toBeGreaterThan(900_000)
    expect(await move('DB_3')).toBe(`The company ${acme} is in DB_3.`)
    expect(await move('DB')).toBe(`The company ${acme} is in DB.`)
    expect(await rowsNow()).toEqual(await undisturbed('DB_2', 'DB_3', 'DB'))
  })

  it('goes on with a move that ended, however often', async () => {
    const { said, runs } = await throughEnds(() => move('DB_2'), { first: 3, further: 11 })
    expect(said).toContain(`The company ${acme} is in DB_2`)
    expect(runs).toBeGreaterThan(10)
    expect(await rowsNow()).toEqual(await undisturbed('DB_2'))
  })

  it('undoes a move that ended, also if the undoing ends; then it can be moved', async () => {
    const before = await rowsNow()
    for (const first of [20, 60, 100]) {
      let left = first
      fake.failure = () => (left-- > 0 ? undefined : { status: 403 })
      await expect(move('DB_2')).rejects.toThrow('run the same command again')
      expect(placesIn(databases.DB)).toHaveLength(1)
      const { said } = await throughEnds(undo, { first: 4, further: 3 })
      expect(said).toMatch(new RegExp(`he company ${acme} is in DB(,|$)`))
      const [inDirectory, ...others] = await rowsNow()
      expect(inDirectory).toEqual(before[0])
      for (const rows of others)
        for (const [table, list] of Object.entries(rows))
          for (const row of list) expect(row.includes(acme) && table !== 'company_places', row).toBe(false)
    }
    await move('DB_2')
    expect((await rowsNow())[0]).toEqual((await undisturbed('DB_2'))[0])
  })

  it('ends when another command has undone the move, and says so', async () => {
    let isUndone = false
    fake.failure = (request) => {
      if (request < 60 || isUndone) return undefined
      isUndone = true
      databases.DB_2.exec('DELETE FROM company_places')
      return undefined
    }
    await expect(move('DB_2')).rejects.toThrow('Another command moves the company, or undoes its move')
  })

  it('rests before it is refused for five minutes', async () => {
    fake.limit = { requests: 60, seconds: 1 }
    expect(await move('DB_2')).toBe(`The company ${acme} is in DB_2.`)
    expect([fake.refused, fake.done.length > 120]).toEqual([0, true])
    expect(await rowsNow()).toEqual(await undisturbed('DB_2'))
  })

  it('tries again what D1 itself could not do', async () => {
    const errors = ['D1 DB is overloaded. Requests queued for too long.', 'Network connection lost.']
    let failed = 0
    fake.failure = (request) => {
      const message = request % 40 === 0 ? errors[failed % 2] : undefined
      if (message === undefined) return undefined
      failed += 1
      return {
        status: 400,
        headers: IN_A_MOMENT,
        afterwards: failed % 3 === 0,
        error: { code: 7500, message },
      }
    }
    expect(await move('DB_2')).toBe(`The company ${acme} is in DB_2.`)
    expect(failed).toBeGreaterThan(3)
    expect(await rowsNow()).toEqual(await undisturbed('DB_2'))
  })

  it.each([
    ['lacks a result', (results: unknown[]) => results.slice(1)],
    ['has one that failed', (results: unknown[]) => results.map(() => ({ results: [], success: false }))],
  ])('takes no answer that %s', async (_name, alter) => {
    let requests = 0
    fake.answer = (results) => ((requests += 1) === 50 ? alter(results as unknown[]) : results)
    await expect(move('DB_2')).rejects.toThrow('D1 did not answer every query')
    await move('DB_2')
    expect(await rowsNow()).toEqual(await undisturbed('DB_2'))
  })
})

/** After an end between the last row and the traces, the deletion finds nothing, and removes the traces. */
function goneAlready(error: unknown): string {
  if (error instanceof Error && error.message.includes('there is no company')) return error.message
  throw error
}
