import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCompany } from '../../scripts/company/creation.ts'
import { parseCommandLine } from '../../scripts/company/options.ts'
import { localStores } from '../../scripts/company/stores.ts'
import { withLocalBindings } from '../../scripts/local/bindings.ts'
import { furtherDatabases } from '../../scripts/local/databases.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { companies, users } from '../../src/db/schema.ts'
import { npmRun, untilOutput } from './support.ts'

let stateDir: string

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'company-'))
  quietWrangler(stateDir)
})

afterAll(async () => {
  await rm(stateDir, { recursive: true })
})

const NASTY = `O'Brien "& Söhne"; DROP TABLE users; -- $HOME`
const create = (name: string, email: string) => [
  ...['create', '--name', name, '--admin-email', email],
  ...['--admin-name', `Zoë O'Brien`, '--time-zone', 'Europe/Madrid', '--language', 'es'],
]

/** The same without a process of its own. */
async function createHere(name: string, email: string) {
  const wish = parseCommandLine(create(name, email))
  if (wish.command !== 'create') return expect.fail('It is a company')
  return withLocalBindings(stateDir, (bindings) => createCompany(wish, localStores(bindings)))
}

describe('npm run company', () => {
  it('makes a company with its ADMIN, once', async () => {
    const run = npmRun('company', { STATE_DIR: stateDir }, create(NASTY, `Zoe.O'Brien@Example.Test`))
    expect(await run.ended, run.output()).toBe(0)
    expect(run.output()).toContain('Made the company')
    expect(await createHere(NASTY, `zoe.o'brien@example.test`)).toContain('Nothing to do')

    const rows = await withLocalBindings(stateDir, ({ database }) =>
      database.select().from(users).innerJoin(companies, eq(companies.id, users.companyId)),
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      companies: { name: NASTY, timeZone: 'Europe/Madrid', language: 'es' },
      users: {
        email: `Zoe.O'Brien@Example.Test`,
        emailKey: `zoe.o'brien@example.test`,
        name: `Zoë O'Brien`,
        nameFolded: `zoë o'brien`,
        role: 'ADMIN',
        active: true,
      },
    })
  })

  it('makes a company in a further database of this machine', async () => {
    const env = { STATE_DIR: stateDir, DATABASES: '3' }
    const run = npmRun('company', env, [...create('Third', 't@third.test'), '--database', 'DB_3'])
    expect(await run.ended, run.output()).toBe(0)
    expect(run.output()).toMatch(/Made the company "Third" \(\w+\) in DB_3 with/)
  })

  it('moves it to another one, also if the first try is killed', async () => {
    const env = { STATE_DIR: stateDir, DATABASES: '3' }
    const again = npmRun('company', env, create('Third', 't@third.test'))
    expect(await again.ended, again.output()).toBe(0)
    const [, id = ''] = /\((\w+)\) exists/.exec(again.output()) ?? []
    const args = ['move', '--company', id, '--to', 'DB_2']
    const first = npmRun('company', env, args)
    await untilOutput(first, 'Its people can read now')
    if (first.child.pid !== undefined) process.kill(-first.child.pid, 'SIGKILL')
    await first.ended
    const second = npmRun('company', env, args)
    expect(await second.ended, second.output()).toBe(0)
    expect(second.output()).toContain(`The company ${id} is in DB_2`)
  })

  it.each(['0', '11', 'three'])('DATABASES=%s is refused', async (DATABASES) => {
    await expect(furtherDatabases({ DATABASES })).rejects.toThrow('DATABASES must be a number from 1 to 10')
  })

  it('refuses an address that belongs to another company', async () => {
    const other = createHere('Other', `zoe.o'brien@example.test`)
    await expect(other).rejects.toThrow('belongs to somebody with the role ADMIN in the company')
  })

  it('names every wrong option at once', () => {
    const names = ['--name', ' ', '--admin-email', 'x', '--time-zone', 'Mars', '--language', 'Latin']
    const usage = parseCommandLine(['create', 'x', ...names, '--foo', '--confirm=x'])
    const complaints = usage.command === null ? usage.complaints.join('\n') : ''
    for (const text of [
      '--name must',
      '--admin-email must',
      '--admin-name needs',
      '--time-zone must',
      '--language must',
      '--foo is not',
      '--confirm is not',
      '"x" belongs',
    ])
      expect(complaints).toContain(text)
  })

  it('refuses an option that is given twice', () => {
    const usage = parseCommandLine([...create('A', 'a@x.test'), '--name', 'B'])
    expect(usage).toMatchObject({ command: null, complaints: ['--name is given more than once'] })
  })

  it.each([
    [[], '"create", "import", "move" or "delete", not ""'],
    [['make'], 'not "make"'],
    [['create'], '--name needs a value'],
    [['import'], '--file needs a value'],
    [['delete'], '--company needs a value'],
    [['move'], '--to needs a value'],
    [['move', '--undo', '--to', 'DB'], '--to does not go with --undo'],
    [['move', '--company', 'x', '--to', 'second'], '--to must be the name of a database such as DB or DB_2'],
  ])('%j is answered with what is missing and how it is done', (args, complaint) => {
    const usage = parseCommandLine(args)
    if (usage.command !== null) expect.fail('It is a wish')
    expect(usage.complaints.join()).toContain(complaint)
    const [command = ''] = args
    expect(usage.help).toContain(`npm run company -- ${command === 'make' ? '' : command}`)
    const asked = parseCommandLine([...args, '--help'])
    expect(asked).toEqual({ command: null, complaints: [], help: usage.help })
  })

  it.each([
    [['delete'], 2, '--company needs a value'],
    [['--help'], 0, '--admin-email'],
  ] as const)('%j ends with %i', async (args, code, text) => {
    const run = npmRun('company', { STATE_DIR: stateDir }, args)
    expect(await run.ended).toBe(code)
    expect(run.output()).toContain(text)
  })
})
