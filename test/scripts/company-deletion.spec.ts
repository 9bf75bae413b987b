import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteCompany } from '../../scripts/company/deletion.ts'
import { parseCommandLine } from '../../scripts/company/options.ts'
import { localStores } from '../../scripts/company/stores.ts'
import { type LocalBindings, withLocalBindings } from '../../scripts/local/bindings.ts'
import { findUsers, openSession } from '../../scripts/local/session.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { DEMO } from '../../src/platform/demo.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { ofGlobex, type Rows, rowsIn } from './kept.ts'
import { npmRun, run, untilOutput } from './support.ts'

let stateDir: string
/** All that was there before: rows by table, keys, objects. */
let before: Kept
let globexSession: string

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'company-deletion-'))
  quietWrangler(stateDir)
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
  rows: Rows
  keys: string[]
  objects: string[]
}

async function keptIn({ env, sessions }: LocalBindings): Promise<Kept> {
  const rows = await rowsIn(async (sql) => (await env.DB.prepare(sql).all()).results)
  const keys = (await sessions.list()).keys.map(({ name }) => name)
  const objects = (await env.FILES.list()).objects.map(({ key }) => key)
  return { rows, keys, objects }
}

function usageOf(...args: string[]) {
  const wish = parseCommandLine(args)
  return wish.command === null ? wish : expect.fail('It is a wish')
}

// The whole of it is two processes and more.
describe('npm run company -- delete', { timeout: 400_000 }, () => {
  it('names every wrong option at once, and explains itself', () => {
    const { complaints } = usageOf('delete', 'x', '--company', 'acme', '--foo', 'x', '--confirm')
    for (const text of ['--company must', '--foo', '--confirm needs', '"x" belongs'])
      expect(complaints.join()).toContain(text)
    const { complaints: none } = usageOf('delete')
    expect(none).toEqual(['--company needs a value'])
    expect(usageOf('delete', '--help')).toMatchObject({
      complaints: [],
      help: expect.stringContaining('--confirm') as string,
    })
  })

  it('does nothing without the right name', async () => {
    await withLocalBindings(stateDir, async (bindings) => {
      const wish = { command: 'delete', companyId: DEMO.company } as const
      const stores = localStores(bindings)
      const unknown = deleteCompany({ ...wish, companyId: '0'.repeat(24), confirmed: 'Acme' }, stores)
      await expect(unknown).rejects.toThrow('there is no company')
      const wrong = deleteCompany({ ...wish, confirmed: 'acme' }, stores)
      await expect(wrong).rejects.toThrow('that is not its name')
      expect(await keptIn(bindings)).toEqual(before)
    })
  })

  it('leaves no trace of the company, and every byte of others; begun again after a crash it goes on', async () => {
    const args = ['delete', '--company', DEMO.company, '--confirm', 'Acme']
    const first = npmRun('company', { STATE_DIR: stateDir }, args)
    await untilOutput(first, 'Nobody can sign in')
    if (first.child.pid !== undefined) process.kill(-first.child.pid, 'SIGKILL')
    await first.ended
    const second = npmRun('company', { STATE_DIR: stateDir }, args)
    expect(await second.ended, second.output()).toBe(0)
    expect(second.output()).toMatch(/Acme.*: 5 users, 3 plans, 1 export\.\n/)
    expect(second.output()).toContain('Deleted the company "Acme"')
    expect(second.output()).toContain('…')
    await withLocalBindings(stateDir, async (bindings) => {
      const after = await keptIn(bindings)
      expect(after.rows).toEqual(ofGlobex(before.rows))
      expect(after.keys).toEqual([globexSession])
      expect(before.objects.length).toBeGreaterThan(0)
      expect(after.objects).toEqual([])
      const again = deleteCompany(
        { command: 'delete', companyId: DEMO.company, confirmed: 'Acme' },
        localStores(bindings),
      )
      await expect(again).rejects.toThrow('there is no company')
    })
  })
})
