/** `npm run company -- … --remote`, against a fake of Cloudflare's API that fails at will. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../../scripts/company/cloudflare.ts'
import { createCompany } from '../../scripts/company/creation.ts'
import { deleteCompany } from '../../scripts/company/deletion.ts'
import { importFile } from '../../scripts/company/import-file.ts'
import type { NewCompany } from '../../scripts/company/options.ts'
import { withStores } from '../../scripts/company/stores.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { DEMO } from '../../src/platform/demo.ts'
import { ACCOUNT, type FakeCloudflare, type Failure, startFakeCloudflare, TOKEN } from './fake-cloudflare.ts'
import { ofGlobex, type Rows, rowsIn } from './kept.ts'
import { seededDatabase } from './seeded.ts'
import { npmRun } from './support.ts'

const VARIABLES = ['CLOUDFLARE_API_BASE_URL', 'CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_ACCOUNT_ID', 'STATE_DIR']
const IN_A_MOMENT = { 'Retry-After': '0' }

let folder: string
let fake: FakeCloudflare
let database: DatabaseSync
const environment = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'remote-'))
  quietWrangler(folder)
  database = await seededDatabase(folder)
  fake = await startFakeCloudflare({ DB: database })
  for (const { id } of query<{ id: string }>(
    'SELECT id FROM sessions UNION ALL SELECT key_hash FROM access_keys',
  ))
    fake.keys.add(id)
  fake.keys.add('of-another')
  for (const { file } of query<{ file: string }>(
    `SELECT f.export_id || '/' || f.name AS file FROM export_files AS f`,
  ))
    fake.objects.add(`exports/${file}`)
}, 120_000)

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue()
  fake.failure = () => undefined
  Object.assign(process.env, {
    CLOUDFLARE_API_BASE_URL: fake.url,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT.id,
    STATE_DIR: folder,
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }
})

afterAll(async () => {
  await fake.close()
  database.close()
  await rm(folder, { recursive: true })
})

/** SQL that a test wrote, with the type of its rows. */
function query<Row>(sql: string): Row[] {
  return database.prepare(sql).all() as Row[]
}

const rowsNow = (): Promise<Rows> => rowsIn((sql) => Promise.resolve(query<object>(sql)))

/** A failure for a share of the requests, the same ones each time. */
function sometimes(...failures: Failure[]) {
  return (request: number) => (request % 2 === 0 ? failures[(request / 2) % failures.length] : undefined)
}

const BEFORE = { status: 429, headers: IN_A_MOMENT }
const AFTERWARDS = [
  { status: 500, headers: IN_A_MOMENT, afterwards: true },
  { status: 503, headers: IN_A_MOMENT, afterwards: true },
]
/** A folder of settings as `wrangler login` leaves it. */
async function loggedIn(): Promise<string> {
  const home = join(folder, 'home')
  await mkdir(join(home, '.wrangler/config'), { recursive: true })
  const login = `oauth_token = "${TOKEN}"\nexpiration_time = "2099-01-01T00:00:00.000Z"\nrefresh_token = "none"\nscopes = []\n`
  await writeFile(join(home, '.wrangler/config/default.toml'), login)
  return home
}

const initech: NewCompany = {
  command: 'create',
  name: `Ini"tech's`,
  adminEmail: 'p@initech.test',
  adminName: 'Ü? --',
  timeZone: 'UTC',
  language: 'en',
  database: null,
}

describe('npm run company -- … --remote', { timeout: 120_000 }, () => {
  it('makes a company, once, also when the answer is lost', async () => {
    fake.failure = (request) => (request === 1 ? { status: 0, afterwards: true } : undefined)
    const args = ['create', '--name', initech.name, '--admin-email', initech.adminEmail]
    const env = { CLOUDFLARE_API_TOKEN: '', XDG_CONFIG_HOME: await loggedIn() }
    const made = npmRun('company', env, [...args, '--admin-name', initech.adminName, '--remote'])
    expect(await made.ended, made.output()).toBe(0)
    expect(made.output()).toContain('with p@initech.test as its ADMIN')
    const rows =
      query(`SELECT c.name, u.name AS admin FROM users AS u JOIN companies AS c ON c.id = u.company_id
      WHERE u.email = 'p@initech.test'`)
    expect(rows).toEqual([{ name: initech.name, admin: 'Ü? --' }])
  })

  it('finds the only account of the login', async () => {
    delete process.env.CLOUDFLARE_ACCOUNT_ID
    const said = await withStores(true, (stores) => createCompany(initech, stores))
    expect(said).toContain('Nothing to do')
    expect(fake.done).toContain('accounts')
  })

  it('imports in batches, whatever is refused or lost, without a double', async () => {
    const lines = Array.from({ length: 24 }, (_, plan) => ({
      externalId: `plan-${plan}`,
      title: `Plan ${plan}; it's "quoted"?`,
      actions: Array.from({ length: 100 }, (_action, action) => ({
        externalId: `plan-${plan}/${action}`,
        title: `Action ${action}?`,
        description: "One line\nand another: --; it's?",
        assignees: ['p@initech.test'],
        notes: action === 0 ? [{ author: 'p@initech.test', text: 'A note?' }] : [],
      })),
    }))
    const file = join(folder, 'plans.ndjson')
    await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const [company] = query<{ id: string }>(`SELECT id FROM companies WHERE name LIKE 'Ini%'`)
    const wish = { command: 'import', file, companyId: company?.id ?? '', dryRun: false } as const
    fake.failure = sometimes(BEFORE, ...AFTERWARDS)
    const first = await withStores(true, (stores) => importFile(wish, stores))
    expect(first).toMatch(/^24 plans and 2,400 actions: /)
    fake.failure = () => undefined
    const again = await withStores(true, (stores) => importFile(wish, stores))
    expect(again).toBe('24 plans and 2,400 actions: 0 were stored, 2,424 were there already.')
    const [counts] = query(`SELECT
      (SELECT count(*) FROM plans WHERE importer = '') AS plans,
      (SELECT count(*) FROM actions WHERE importer = '' AND description LIKE '%it''s?') AS actions,
      (SELECT count(*) FROM notes WHERE text = 'A note?') AS notes,
      (SELECT count(*) FROM history WHERE via = 'OPERATOR') AS entries`)
    expect(counts).toEqual({ plans: 24, actions: 2400, notes: 24, entries: 2448 })
    const [types] =
      query(`SELECT DISTINCT typeof(created_at) AS created, typeof(content_bytes) AS bytes FROM actions
      WHERE importer = ''`)
    expect(types).toEqual({ created: 'integer', bytes: 'integer' })
  })

  it('says what to do when it is refused, and leaves all as it is', async () => {
    const before = await rowsNow()
    const refused = async (text: string | RegExp) => {
      const deleting = withStores(true, (stores) =>
        deleteCompany({ command: 'delete', companyId: DEMO.company, confirmed: 'Acme' }, stores),
      )
      await expect(deleting).rejects.toThrow(text)
      await expect(deleting).rejects.toBeInstanceOf(ApiError)
    }
    process.env.CLOUDFLARE_API_TOKEN = 'of-somebody-else'
    await refused(/refuses the login: 401, Authentication error \(10000\)\.\nRun `npx wrangler login`/)
    process.env.CLOUDFLARE_API_TOKEN = TOKEN
    process.env.CLOUDFLARE_ACCOUNT_ID = 'b'.repeat(32)
    await refused(/refuses it: 404.*\nIs \/accounts\/b+\/d1/)
    process.env.CLOUDFLARE_ACCOUNT_ID = ACCOUNT.id
    fake.failure = () => ({ status: 503, headers: IN_A_MOMENT })
    await refused(/did not carry it out at 6 tries: 503, Not now \(1000\)\.\nWhat is done stays done/)
    expect(await rowsNow()).toEqual(before)
  })

  it('deletes a company in the middle of failures, and goes on after an end at any request', async () => {
    const before = await rowsNow()
    const others = Object.values(before)
      .flat()
      .filter((row) => row.includes('initech')).length
    const wish = { command: 'delete', companyId: DEMO.company, confirmed: 'Acme' } as const
    const start = fake.done.length
    let runs = 0
    for (let said = ''; said === ''; runs += 1) {
      // Each run meets an end one request later.
      let left = runs
      fake.failure = () => (left-- > 0 ? undefined : { status: 403 })
      if (runs > 6) fake.failure = sometimes(BEFORE, ...AFTERWARDS)
      const deleting = withStores(true, (stores) => deleteCompany(wish, stores))
      said = await deleting.catch((error: unknown) => {
        expect(String(error)).toContain('run the same command again')
        return ''
      })
    }
    expect(runs).toBeGreaterThan(3)
    expect(new Set(fake.done.slice(start))).toEqual(new Set(['query', 'keys', 'object']))
    const after = await rowsNow()
    for (const [table, rows] of Object.entries(ofGlobex(before)))
      expect(after[table], table).toEqual(expect.arrayContaining(rows))
    for (const [table, rows] of Object.entries(after))
      for (const row of rows) expect(row.includes(DEMO.company), `${table}: ${row}`).toBe(false)
    expect(
      Object.values(after)
        .flat()
        .filter((row) => row.includes('initech')),
    ).toHaveLength(others)
    expect([...fake.keys]).toEqual(['of-another'])
    expect([...fake.objects]).toEqual([])
  })
})
