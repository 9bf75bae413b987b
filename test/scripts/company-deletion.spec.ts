import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalBindings, withLocalBindings } from '../../scripts/local/bindings.ts'
import { findUsers, openSession } from '../../scripts/local/session.ts'
import { migrateLocally, quietWrangler } from '../../scripts/local/wrangler.ts'
import { DEMO } from '../../src/platform/demo.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { npmRun, run, untilOutput } from './support.ts'

let stateDir: string
/** All that was there before: rows by table, keys, objects. */
let before: Kept
let globexSession: string

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'company-deletion-'))
  quietWrangler(stateDir)
  await migrateLocally(stateDir)
  const seeding = run('node', ['test/scripts/seed-demo.ts'], { STATE_DIR: stateDir })
  expect(await seeding.ended, seeding.output()).toBe(0)
  before = await withLocalBindings(stateDir, async (bindings) => {
    const users = await findUsers(bindings, ['ana@acme.test', 'marc@acme.test', 'gus@globex.test'])
    for (const user of users) {
      const token = await openSession(bindings, user)
      if (user.company === 'Globex') globexSession = await sha256Hex(token)
    }
    // More than one portion deletes.
    await bindings.env.DB.prepare(MANY_ACTIONS).bind(DEMO.plan).run()
    return keptIn(bindings)
  })
}, 400_000)

afterAll(async () => {
  await rm(stateDir, { recursive: true })
})

const MANY_ACTIONS = `
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
  INSERT INTO actions (id, company_id, plan_id, title, title_folded, description_folded, action_type, origin, audience,
      status, focus_bits, created_by, created_at, updated_at)
    SELECT printf('6a1d4a11%016x', i), p.company_id, p.id, 'Many', 'many', '', 'MANAGER', 'MANUAL', p.audience,
      'NOT_STARTED', 1, p.created_by, 1, 1 FROM n JOIN plans p ON p.id = ?`

interface Kept {
  rows: Record<string, string[]>
  keys: string[]
  objects: string[]
}

/** All but the shadow tables of the text index, whose trigrams of deleted texts go when it merges its parts. */
async function keptIn({ env, sessions }: LocalBindings): Promise<Kept> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'
       AND name NOT IN ('d1_migrations', 'write_guards') AND name NOT LIKE 'action_texts_%'`,
  ).all<{ name: string }>()
  const rows: Kept['rows'] = {}
  for (const { name } of results) {
    const table = await env.DB.prepare(`SELECT * FROM "${name}"`).all()
    rows[name] = table.results.map((row) => JSON.stringify(row)).sort()
  }
  const keys = (await sessions.list()).keys.map(({ name }) => name)
  const objects = (await env.FILES.list()).objects.map(({ key }) => key)
  return { rows, keys, objects }
}

const kept = () => withLocalBindings(stateDir, keptIn)

/** The rows that name the company or anything that it owns. */
function ofGlobex({ rows }: Kept): Kept['rows'] {
  const company = (rows.companies ?? []).map((row) => JSON.parse(row) as { id: string; name: string })
  const id = company.find(({ name }) => name === 'Globex')?.id ?? expect.fail('Globex is there')
  const owned = Object.values(rows)
    .flat()
    .map((row) => JSON.parse(row) as { id?: string; company_id?: string })
    .filter(({ company_id }) => company_id === id)
    .flatMap((row) => row.id ?? [])
  const names = [id, ...owned]
  return Object.fromEntries(
    Object.entries(rows).map(([table, list]) => [
      table,
      list.filter((row) => names.some((name) => row.includes(name))),
    ]),
  )
}

async function company(...args: string[]) {
  const command = npmRun('company', { STATE_DIR: stateDir }, ['delete', ...args])
  return { code: await command.ended, output: command.output() }
}

// Each command is a process or more.
describe('npm run company -- delete', { timeout: 400_000 }, () => {
  it('names every wrong option at once, and explains itself', async () => {
    const { code, output } = await company('--company', 'acme', '--foo', 'x', '--confirm')
    expect(code).toBe(2)
    for (const text of ['--company needs', '--foo', '--confirm needs']) expect(output).toContain(text)
    expect(await company('--help')).toMatchObject({
      code: 0,
      output: expect.stringContaining('--confirm') as string,
    })
  })

  it('does nothing without the right name', async () => {
    const unknown = await company('--company', '0'.repeat(24), '--confirm', 'Acme')
    expect([unknown.code, unknown.output]).toEqual([
      1,
      expect.stringContaining('there is no company') as string,
    ])
    for (const confirm of [['--confirm', 'acme'], []]) {
      const { code, output } = await company('--company', DEMO.company, ...confirm)
      expect([code, output]).toEqual([1, expect.stringContaining('that is not its name') as string])
    }
    expect(await kept()).toEqual(before)
  })

  it('leaves no trace of the company, and every byte of others; begun again after a crash it goes on', async () => {
    const args = ['delete', '--company', DEMO.company, '--confirm', 'Acme']
    const first = npmRun('company', { STATE_DIR: stateDir }, args)
    await untilOutput(first, 'Nobody can sign in')
    if (first.child.pid !== undefined) process.kill(-first.child.pid, 'SIGKILL')
    await first.ended
    const second = await company(...args.slice(1))
    expect([second.code, second.output]).toEqual([
      0,
      expect.stringContaining('Deleted the company "Acme"') as string,
    ])
    expect(second.output).toContain('…')
    const after = await kept()
    expect(after.rows).toEqual(ofGlobex(before))
    expect(after.keys).toEqual([globexSession])
    expect(before.objects.length).toBeGreaterThan(0)
    expect(after.objects).toEqual([])
    const again = await company(...args.slice(1))
    expect(again.code).toBe(1)
  })
})
