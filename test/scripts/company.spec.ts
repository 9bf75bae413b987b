import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withLocalBindings } from '../../scripts/local/bindings.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { companies, users } from '../../src/db/schema.ts'
import { npmRun } from './support.ts'

let stateDir: string

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'company-'))
  quietWrangler(stateDir)
})

afterAll(async () => {
  await rm(stateDir, { recursive: true })
})

async function company(...args: string[]) {
  const run = npmRun('company', { STATE_DIR: stateDir }, args)
  const code = await run.ended
  return { code, output: run.output() }
}

const NASTY = `O'Brien "& Söhne"; DROP TABLE users; -- $HOME`
const create = (name: string, email: string) => [
  ...['create', '--name', name, '--admin-email', email],
  ...['--admin-name', `Zoë O'Brien`, '--time-zone', 'Europe/Madrid', '--language', 'es'],
]

describe('npm run company', () => {
  it('makes a company with its ADMIN, once', async () => {
    const first = await company(...create(NASTY, `Zoe.O'Brien@Example.Test`))
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('Made the company') as string })
    const again = await company(...create(NASTY, `zoe.o'brien@example.test`))
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('Nothing to do') as string })

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

  it('refuses an address that belongs to another company', async () => {
    const { code, output } = await company(...create('Other', `zoe.o'brien@example.test`))
    expect(code).toBe(1)
    expect(output).toContain('belongs to an ADMIN of the company')
  })

  it('names every wrong option at once', async () => {
    const { code, output } = await company(
      'make',
      '--name',
      ' ',
      '--admin-email',
      'x',
      '--time-zone',
      'Mars',
      '--language',
      'Latin',
      '--foo',
    )
    expect(code).toBe(2)
    for (const text of [
      '"create"',
      '--name must',
      '--admin-email must',
      '--admin-name needs',
      '--time-zone must',
      '--language must',
      '--foo',
    ]) {
      expect(output).toContain(text)
    }
  })

  it('explains itself', async () => {
    expect(await company('--help')).toMatchObject({
      code: 0,
      output: expect.stringContaining('--admin-email') as string,
    })
  })
})
