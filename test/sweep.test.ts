import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { actions, idempotencyRecords, reminders, sweepCursors } from '../src/db/schema.ts'
import { objectKey } from '../src/exports/files.ts'
import { newId } from '../src/platform/new-id.ts'
import { call, createAction, createPlan, takeStep } from './support/api.ts'
import { type Background, catchBackground } from './support/background.ts'
import { HOUR, letPass, MINUTE, sweep } from './support/clock.ts'
import { entriesOf, insertEntries } from './support/entries.ts'
import {
  askForExport,
  objectsOf,
  pretendSent,
  pretendUntried,
  readExport,
  sendExportOf,
} from './support/exports.ts'
import {
  insertAction,
  insertCompany,
  insertDelivery,
  insertPlan,
  insertReminder,
  insertUser,
  insertWebhook,
} from './support/factories.ts'
import { logged } from './support/log.ts'
import { createPerson, createWorld, type World } from './support/world.ts'
import { HOME, home } from './support/home.ts'

const database = drizzle(home)
/** The contract: how long a repeated request is answered from what was kept. */
const ANSWERS_KEPT = 24 * HOUR
const HISTORY_KEPT = 400 * 24 * HOUR

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

describe('the sweep', () => {
  /** Leaves something to do for every task; gives for each, by its name, whether it is done. */
  async function leaveWork(): Promise<Record<string, () => Promise<boolean>>> {
    // Somebody else each time, since a user gets few of these mails a day.
    const mailed = await sendExportOf(await createPerson(world.companyId, 'MANAGER'), background)
    await call(null, 'POST', mailed.link)
    const linkMail = background.exports.splice(0).at(-1)
    const now = Date.now()
    const plan = await createPlan(world.marc)
    const stuck = await askForExport(world.marc, plan.id)
    await pretendUntried(stuck)
    const expiring = await askForExport(world.marc, plan.id)
    await pretendSent(expiring.id, 'plan.xlsx', 0)
    const orphan = { id: newId(now) }
    await env.FILES.put(objectKey(orphan.id, 'plan.xlsx'), 'an orphan')
    const dueDate = new Date(now + MINUTE / 2).toISOString()
    const action = await createAction(world.marc, plan.id, { dueDate, assigneeIds: [world.marc.id] })
    await takeStep(world.marc, action.id, 'IN_PROGRESS', world.marc.id)
    const { companyId } = world
    const record = { id: newId(now), companyId, bodyHash: 'x', facts: '{}', createdAt: now - ANSWERS_KEPT }
    await database.insert(idempotencyRecords).values(record)
    await call(null, 'POST', '/api/v1/sign-in-codes', { body: { email: world.marc.email } })
    const code = background.codes.splice(0).at(-1)
    background.exports.length = 0
    // The first of the companies, since the walk looks at a stretch of them at a time; it begins anew.
    await database.delete(sweepCursors)
    const { id: trimmed } = await insertCompany({ id: newId(0) })
    await insertEntries(trimmed, [now - HISTORY_KEPT])
    const { id: webhookId } = await insertWebhook({ companyId, userId: world.marc.id })
    const { id: deliveryId } = await insertDelivery({ companyId, webhookId, lane: webhookId })
    const { id: remindedId } = await insertUser({ companyId })
    const { id: reminderId } = await insertReminder({ companyId, userId: remindedId })
    // Somewhere it is about ten in the morning.
    const hours = ((46 - new Date(now).getUTCHours()) % 24) - 12
    const timeZone = `Etc/GMT${hours > 0 ? '-' : '+'}${String(Math.abs(hours))}`
    const awake = await insertPlan({ companyId: (await insertCompany({ timeZone })).id })
    const { id: userId } = await insertUser({ companyId: awake.companyId })
    await insertAction({ plan: awake, dueDate: now - MINUTE, assignees: [{ userId }] })
    letPass(MINUTE)
    const holds = (list: unknown[], message: unknown) =>
      JSON.stringify(list).includes(JSON.stringify(message))
    return {
      resendOverdue: async () => holds(background.exports, stuck.message),
      resendLinkMails: async () => holds(background.exports, linkMail),
      resendCodes: async () => holds(background.codes, code),
      hastenWebhooks: async () => holds(background.webhooks, { companyId, deliveryId, database: HOME }),
      resendReminders: async () => holds(background.reminders, { companyId, reminderId, database: HOME }),
      remindPeople: async () =>
        (await database.select().from(reminders).where(eq(reminders.userId, userId))).length === 1,
      expireFiles: async () => (await readExport(expiring)).status === 'EXPIRED',
      removeOrphans: async () => (await objectsOf(orphan)).length === 0,
      storeExpiries: async () => {
        const [row] = await database.select().from(actions).where(eq(actions.id, action.id))
        return row?.status === 'EXPIRED'
      },
      trimHistory: async () => (await entriesOf(trimmed)).length === 0,
      deleteUseless: async () => {
        const { id } = idempotencyRecords
        return (await database.select().from(idempotencyRecords).where(eq(id, record.id))).length === 0
      },
    }
  }

  /** Names of the tasks whose work is not done. */
  async function undone(work: Awaited<ReturnType<typeof leaveWork>>): Promise<string[]> {
    const results = await Promise.all(
      Object.entries(work).map(async ([task, isDone]) => ((await isDone()) ? [] : [task])),
    )
    return results.flat()
  }

  /** Sweeps while the n-th call to D1 fails; names of the tasks that the log calls failed. */
  async function sweepWithFailure(at: number): Promise<string[]> {
    const start = logged.length
    const batch = home.batch.bind(home)
    let calls = 0
    const spy = vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
      calls += 1
      if (calls === at) throw new Error('D1 is away')
      return batch(statements)
    })
    await sweep()
    spy.mockRestore()
    return logged.slice(start).flatMap((line) => /"requestId":"sweep\.(\w+)"/.exec(line)?.[1] ?? [])
  }

  it('leaves nothing undone when nothing fails', async () => {
    const work = await leaveWork()
    expect((await undone(work)).sort()).toEqual(Object.keys(work).sort())
    expect(await sweepWithFailure(0)).toEqual([])
    expect(await undone(work)).toEqual([])
  })

  it('leaves at most one task undone, and names it, whichever call to D1 fails', async () => {
    const everFailed = new Set<string>()
    let tasks: string[] = []
    for (let at = 1; ; at += 1) {
      const work = await leaveWork()
      tasks = Object.keys(work)
      const failed = await sweepWithFailure(at)
      const left = await undone(work)
      if (failed.length === 0) {
        expect(left).toEqual([])
        break
      }
      expect(failed).toHaveLength(1)
      expect(failed).toEqual(expect.arrayContaining(left))
      everFailed.add(failed[0] ?? '')
    }
    // What other databases owe `DB` has tests of its own (test/directory).
    everFailed.delete('releaseAddresses')
    expect([...everFailed].sort()).toEqual(tasks.sort())
  }, 120_000)
})

describe('the walk through the bucket', () => {
  const PAGE = 2
  const FIRST = objectKey('0'.repeat(24), 'orphan.xlsx')
  const LAST = objectKey('f'.repeat(24), 'orphan.xlsx')
  /** Keys of an export's files, in the bucket's order. */
  let kept: string[]

  beforeEach(async () => {
    const { objects } = await env.FILES.list()
    await env.FILES.delete(objects.map(({ key }) => key))
    await drizzle(env.DB).delete(sweepCursors)
    const plan = await createPlan(world.marc)
    const { id } = await askForExport(world.marc, plan.id)
    await pretendSent(id, 'a.xlsx')
    await env.FILES.put(objectKey(id, 'b.xlsx'), 'the second file')
    kept = [objectKey(id, 'a.xlsx'), objectKey(id, 'b.xlsx')]
    await env.FILES.put(LAST, 'an orphan')
    const list = env.FILES.list.bind(env.FILES)
    vi.spyOn(env.FILES, 'list').mockImplementation((options) => list({ ...options, limit: PAGE }))
  })

  async function keys(): Promise<string[]> {
    const found = [FIRST, ...kept, LAST].map(async (key) => ((await env.FILES.head(key)) ? [key] : []))
    return (await Promise.all(found)).flat()
  }

  /** In `DB`, since the bucket is that of all databases. */
  const cursors = () =>
    drizzle(env.DB).select().from(sweepCursors).where(eq(sweepCursors.name, 'exports.orphans'))

  it('looks at a stretch at a time, and notes in D1 where it stands', async () => {
    await sweep()
    expect(await keys()).toEqual([...kept, LAST])
    expect(await cursors()).toEqual([{ name: 'exports.orphans', position: kept.at(-1) }])
  })

  it('goes on where it stood, to the end, and then stands nowhere', async () => {
    await sweep()
    await env.FILES.put(FIRST, 'an orphan behind it')
    await sweep()
    expect(await keys()).toEqual([FIRST, ...kept])
    expect(await cursors()).toEqual([])
  })

  it('begins anew after the end', async () => {
    await sweep()
    await env.FILES.put(FIRST, 'an orphan behind it')
    await sweep()
    await sweep()
    expect(await keys()).toEqual(kept)
  })

  it('keeps nothing in KV', async () => {
    await sweep()
    expect((await env.SESSIONS.list({ prefix: 'sweep' })).keys).toEqual([])
  })
})
