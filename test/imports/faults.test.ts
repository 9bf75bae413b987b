/** A fault at each call of D1: an import is stored whole or not at all, and goes through when it is sent again. */
import { describe, expect, it, vi } from 'vitest'
import { dumpDatabase } from '../support/dump.ts'
import { createWorld } from '../support/world.ts'
import { importLines } from './support.ts'
import { DATABASES, home } from '../support/home.ts'

const FILE = [0, 1, 2].map((plan) => ({
  externalId: `p${plan}`,
  title: 'Plan',
  visibility: 'PUBLIC',
  actions: [0, 1].map((action) => ({
    externalId: `p${plan}/${action}`,
    title: 'Action',
    focusItems: [{ focusType: 'HI' }],
    notes: [{ text: 'Note' }],
  })),
}))

type Batch = (typeof home)['batch']

describe.each([
  [1, 'before', 'never stored'],
  [1, 'after', 'never stored'],
  [2, 'before', 'never stored'],
  [2, 'after', 'stored, although the caller does not hear of it'],
] as const)('a fault at call %i of D1, %s it is carried out', (call, when, outcome) => {
  it(`leaves the file ${outcome}`, async () => {
    const { marc } = await createWorld()
    const before = await dumpDatabase()
    const batch: Batch = home.batch.bind(home)
    let calls = 0
    const spy = vi.spyOn(home, 'batch').mockImplementation(async (statements: Parameters<Batch>[0]) => {
      calls += 1
      if (calls !== call) return batch(statements)
      if (when === 'after') await batch(statements)
      throw new Error('D1_ERROR: Network connection lost.')
    })
    const options = { dryRun: false, headers: { 'Idempotency-Key': 'k' } }
    expect((await importLines(marc, FILE, options)).status).toBe(503)
    spy.mockRestore()
    if (outcome === 'never stored') expect(await dumpDatabase()).toEqual(before)
    const again = await importLines(marc, FILE, options)
    expect(again.body).toEqual({ plans: 3, actions: 6, created: 9, unchanged: 0, errors: [] })
    const settled = await dumpDatabase()
    expect((await importLines(marc, FILE, { dryRun: false })).body).toMatchObject({
      created: 0,
      unchanged: 9,
    })
    expect(await dumpDatabase()).toEqual(settled)
  })
})

it('a statement that fails in the middle takes all others back', async () => {
  const { marc } = await createWorld()
  const before = await dumpDatabase()
  await home
    .prepare(
      "CREATE TRIGGER refuse BEFORE INSERT ON notes WHEN NEW.text = 'Note' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .run()
  expect((await importLines(marc, FILE, { dryRun: false })).status).toBe(500)
  await home.prepare('DROP TRIGGER refuse').run()
  expect(await dumpDatabase()).toEqual(before)
})

it('a plan takes as many actions as it may hold, and no more', async () => {
  const { marc } = await createWorld()
  for (const from of [0, 1500, 3000]) await importLines(marc, [lineOf(from, 1500)], { dryRun: false })
  const full = await importLines(marc, [lineOf(4500, 501)])
  expect(full.body.errors).toEqual([
    { line: 1, message: 'actions: would hold too much: at most 5,000 actions in a plan' },
  ])
  // Also with another error in it, which hides nothing.
  const { actions, ...plan } = lineOf(4500, 501)
  const broken = await importLines(marc, [
    { ...plan, actions: [...actions.slice(1), { ...actions[0], title: '' }] },
  ])
  expect(broken.body.errors.map(({ message }) => message.split(':', 1)[0])).toEqual([
    'actions.500.title',
    'actions',
  ])
  expect((await importLines(marc, [lineOf(4500, 500)], { dryRun: false })).body.created).toBe(500)
})

it('an action takes as many bytes of notes as it may hold, whatever else is wrong with it', async () => {
  const { marc } = await createWorld()
  const notes = Array.from({ length: 440 }, () => ({ text: 'x'.repeat(4_900) }))
  const heavy = { externalId: 'b', title: '', notes }
  const actions = [{ externalId: 'a', title: 'A' }, heavy]
  const reply = await importLines(marc, [{ externalId: 'p', title: 'Plan', actions }])
  expect(reply.body.errors).toEqual([
    { line: 1, message: expect.stringContaining('actions.1.title: ') as string },
    {
      line: 1,
      message: 'actions.1.notes: would hold too much: at most 2,097,152 bytes of notes on an action',
    },
  ])
})

function lineOf(from: number, count: number) {
  const actions = Array.from({ length: count }, (_, index) => ({
    externalId: `a${from + index}`,
    title: 'A',
  }))
  return { externalId: 'p', title: 'Plan', actions }
}

describe('between the decision and the write', () => {
  it.each([
    ['the plan is filled up', 'UPDATE plans SET action_count = 5000 WHERE company_id = ?'],
    ['the plan becomes another one\u2019s', 'UPDATE plans SET created_by = NULL WHERE company_id = ?'],
    ['an assignee is deactivated', "UPDATE users SET active = 0 WHERE company_id = ? AND name = 'Noa'"],
    ['the ADMIN is demoted', "UPDATE users SET role = 'MANAGER' WHERE company_id = ? AND name = 'Ana'"],
  ])('%s, so that the import is decided again', async (_, change) => {
    const { ana, noa, companyId } = await createWorld()
    await importLines(ana, [{ externalId: 'p', title: 'Plan' }], { dryRun: false })
    const batch: Batch = home.batch.bind(home)
    // Where several databases are bound, the file is only read once the company's has answered.
    let calls = Object.keys(DATABASES).length === 1 ? 0 : -1
    vi.spyOn(home, 'batch').mockImplementation(async (statements: Parameters<Batch>[0]) => {
      calls += 1
      if (calls === 2) await home.prepare(change).bind(companyId).run()
      return batch(statements)
    })
    const action = { externalId: 'a', title: 'A', actionType: 'COMPANY', assignees: [noa.email] }
    const reply = await importLines(ana, [{ externalId: 'p', title: 'Plan', actions: [action] }], {
      dryRun: false,
    })
    // Another load, and where it is still possible another write.
    expect([reply.status, calls]).toEqual(change.includes('NULL') ? [200, 4] : [422, 3])
  })
})
