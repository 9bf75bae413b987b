import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCompany } from '../../scripts/company/creation.ts'
import { deleteCompany } from '../../scripts/company/deletion.ts'
import { importFile } from '../../scripts/company/import-file.ts'
import { moveCompany } from '../../scripts/company/move/moving.ts'
import type { NewCompany } from '../../scripts/company/options.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { Killed, memoryStores, type MemoryStores } from './memory-stores.ts'

const NAMES = ['DB', 'DB_2', 'DB_3'] as const satisfies readonly DatabaseName[]
let stores: MemoryStores

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue()
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  stores = memoryStores({ DB: null, DB_2: null, DB_3: null })
})

afterEach(() => {
  stores.close()
})

const wishFor = (name: string, database: DatabaseName | null = 'DB_2'): NewCompany => ({
  ...{ command: 'create', name, adminEmail: `Ana@${name}.test`, adminName: 'Ana', timeZone: 'UTC' },
  ...{ language: 'en', database },
})
const idOf = (said: string) => /\((\w{24})\)/.exec(said)?.[1] ?? expect.fail('It says the id')
const create = (name: string, database?: DatabaseName | null) =>
  createCompany(wishFor(name, database), stores)

/** Rows of a query without parameters. */
const rows = (at: DatabaseName, sql: string) => stores.of(at).prepare(sql).all()
const namesIn = (at: DatabaseName) =>
  rows(at, 'SELECT name FROM companies ORDER BY 1').map(({ name }) => name)
const directory = () => ({
  places: rows('DB', 'SELECT database, state FROM company_places'),
  addresses: rows('DB', 'SELECT email_key, settle_at FROM addresses'),
})

describe('npm run company -- create with several databases', () => {
  it('makes the company in the database that is named, with its rows of the directory, once', async () => {
    expect(await create('acme')).toMatch(/^Made the company "acme" \(\w+\) in DB_2 with/)
    expect(await create('acme')).toContain('Nothing to do')
    expect(await create('acme', 'DB')).toContain('Nothing to do')
    expect(NAMES.map(namesIn)).toEqual([[], ['acme'], []])
    expect(directory()).toEqual({
      places: [{ database: 'DB_2', state: 'ELSEWHERE' }],
      addresses: [{ email_key: 'ana@acme.test', settle_at: null }],
    })
    const [user] = rows('DB_2', 'SELECT id, company_id FROM users')
    expect(rows('DB', 'SELECT user_id AS id, company_id FROM addresses')).toEqual([user])
  })

  it('chooses the database whose companies store least, the first of equals', async () => {
    for (const name of ['a', 'b', 'c']) await create(name, null)
    expect(NAMES.map(namesIn)).toEqual([['a'], ['b'], ['c']])
    stores.of('DB').exec('UPDATE companies SET stored_bytes = 10000')
    stores.of('DB_2').exec('UPDATE companies SET stored_bytes = 9000')
    stores.of('DB_3').exec('UPDATE companies SET stored_bytes = 9500')
    await create('d', null)
    expect(NAMES.map(namesIn)).toEqual([['a'], ['b', 'd'], ['c']])
  })

  it('refuses an address of a user in another database, in either direction, and a database that is not bound', async () => {
    await create('acme', 'DB_2')
    await create('globex', 'DB')
    for (const taken of ['acme', 'globex'])
      for (const at of NAMES) {
        const wish = { ...wishFor('other', at), adminEmail: `ana@${taken}.test` }
        await expect(createCompany(wish, stores)).rejects.toThrow(
          `belongs to somebody with the role ADMIN in the company "${taken}"`,
        )
      }
    await expect(create('new', 'DB_9')).rejects.toThrow('no database is bound as DB_9, only DB, DB_2, DB_3')
    expect(NAMES.map(namesIn)).toEqual([['globex'], ['acme'], []])
  })

  it('adds nobody to a company whose new user has the address reserved', async () => {
    await create('acme')
    stores
      .of('DB')
      .exec(`INSERT INTO addresses SELECT 'ana@new.test', company_id, 'u', 9e12 FROM addresses LIMIT 1`)
    await expect(create('new')).rejects.toThrow('is reserved')
    expect(rows('DB_2', 'SELECT email_key FROM users')).toEqual([{ email_key: 'ana@acme.test' }])
  })

  it('makes one company if every batch is carried out twice, as after a lost answer', async () => {
    const execute = stores.execute.bind(stores)
    stores.execute = async (queries, at) => {
      await execute(queries, at)
      return execute(queries, at)
    }
    for (const at of NAMES) expect(await create(`of-${at}`, at)).toMatch(/^Made the company/)
    expect(NAMES.map(namesIn)).toEqual([['of-DB'], ['of-DB_2'], ['of-DB_3']])
  })

  it.each(
    [1, 2, 3].flatMap((call) => [
      { call, cut: 'before' as const },
      { call, cut: 'after' as const },
    ]),
  )('is completed by the same command after an end $cut call $call', async ({ call, cut }) => {
    stores.cut = (now) => (now === call ? cut : null)
    await expect(create('acme')).rejects.toBeInstanceOf(Killed)
    stores.cut = () => null
    expect(await create('acme', call === 2 ? 'DB_3' : 'DB_2')).toMatch(/^(Made|The) /)
    expect(NAMES.map(namesIn)).toEqual([[], ['acme'], []])
    expect(directory()).toEqual({
      places: [{ database: 'DB_2', state: 'ELSEWHERE' }],
      addresses: [{ email_key: 'ana@acme.test', settle_at: null }],
    })
  })
})

describe('npm run company -- delete with several databases', () => {
  it('finds the company, and leaves no row of it anywhere', async () => {
    await create('globex', 'DB_2')
    const made = await create('acme', 'DB_3')
    const companyId = /\((\w+)\)/.exec(made)?.[1] ?? ''
    await moveCompany({ command: 'move', companyId, to: 'DB_2', dryRun: false }, stores)
    expect(NAMES.map(namesIn)).toEqual([[], ['acme', 'globex'], []])
    const said = await deleteCompany({ command: 'delete', companyId, confirmed: 'acme' }, stores)
    expect(said).toContain('Deleted the company "acme"')
    expect(NAMES.map(namesIn)).toEqual([[], ['globex'], []])
    expect(directory().addresses).toEqual([{ email_key: 'ana@globex.test', settle_at: null }])
    for (const at of NAMES)
      expect(rows(at, 'SELECT company_id FROM company_places').map((row) => row.company_id)).not.toContain(
        companyId,
      )
    const again = deleteCompany({ command: 'delete', companyId, confirmed: 'acme' }, stores)
    await expect(again).rejects.toThrow('there is no company')
  })

  it('leaves a company alone that is on its way', async () => {
    const companyId = /\((\w+)\)/.exec(await create('acme', 'DB'))?.[1] ?? ''
    const start = stores.calls
    stores.cut = (call) => (call > start + 30 ? 'before' : null)
    const moving = moveCompany({ command: 'move', companyId, to: 'DB_2', dryRun: false }, stores)
    await expect(moving).rejects.toBeInstanceOf(Killed)
    stores.cut = () => null
    const deleting = deleteCompany({ command: 'delete', companyId, confirmed: 'acme' }, stores)
    await expect(deleting).rejects.toThrow('is on its way to another database')
    expect(namesIn('DB')).toEqual(['acme'])
  })
})

describe('npm run company -- import with several databases', () => {
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'import-places-'))
    file = join(folder, 'plans.ndjson')
    await writeFile(file, JSON.stringify({ externalId: 'p', title: 'A plan', actions: [] }))
  })

  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  const importTo = (companyId: string | null) =>
    importFile({ command: 'import', file, companyId, dryRun: false }, stores)
  const plansIn = (at: DatabaseName) => rows(at, 'SELECT company_id FROM plans').map((row) => row.company_id)

  it('finds the company wherever it is, and the only one there is', async () => {
    const first = idOf(await create('acme', 'DB_2'))
    expect(await importTo(null)).toContain('1 were stored')
    const second = idOf(await create('globex', 'DB'))
    await expect(importTo(null)).rejects.toThrow('there are several companies')
    expect(await importTo(second)).toContain('1 were stored')
    expect(NAMES.map(plansIn)).toEqual([[second], [first], []])
    await expect(importTo('f'.repeat(24))).rejects.toThrow('there is no such company')
  })

  it('waits for no company that is on its way', async () => {
    const id = idOf(await create('acme', 'DB_2'))
    const start = stores.calls
    stores.cut = (call) => (call > start + 30 ? 'before' : null)
    await expect(
      moveCompany({ command: 'move', companyId: id, to: 'DB', dryRun: false }, stores),
    ).rejects.toBeInstanceOf(Killed)
    stores.cut = () => null
    await expect(importTo(id)).rejects.toThrow('is on its way to another database')
    expect(NAMES.map(plansIn)).toEqual([[], [], []])
  })
})
