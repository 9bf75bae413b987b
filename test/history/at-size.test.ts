/** What reading the history costs as a company grows, and how far one call looks. */
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeAll, describe, expect, it } from 'vitest'
import type { HistoryPageView } from '../../src/history/schemas.ts'
import { LIMITS } from '../../src/platform/limits.ts'
import { call, HISTORY } from '../support/api.ts'
import { insertAction, insertPlan } from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { createCompany, createPerson, type Person } from '../support/world.ts'
import { home } from '../support/home.ts'

const LOOK = LIMITS.entriesPerLook.most

interface Filled {
  reader: Person
  /** Hidden from the reader, like every entry of `hidden`. */
  author: Person
  planId: string
  actionId: string
}

/**
 * A company with that many entries, all by one person: of a hidden plan the oldest ones, then every other one of an
 * action of a public plan, and of that plan. One a minute.
 */
async function fill(entries: number, hidden: number): Promise<Filled> {
  const companyId = await createCompany()
  const reader = await createPerson(companyId, 'MANAGER')
  const author = await createPerson(companyId, 'MANAGER')
  const plan = await insertPlan({ companyId, createdBy: author.id, visibility: 'PUBLIC' })
  const secret = await insertPlan({ companyId, createdBy: author.id, visibility: 'PRIVATE' })
  const action = await insertAction({ plan, createdBy: author.id })
  await drizzle(home).run(sql`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${entries})
    INSERT INTO history (company_id, number, id, at, recorded_at, actor_id, via, type, plan_id, action_id, title, changes,
      batch_bytes)
    SELECT ${companyId}, i, printf('%08x', i) || substr(${companyId}, 9), i * 60000, i * 60000, ${author.id}, 'SESSION',
      iif(i % 2, 'plan.updated', 'action.updated'), iif(i <= ${hidden}, ${secret.id}, ${plan.id}),
      iif(i % 2 = 0 AND i > ${hidden}, ${action.id}, NULL), 'Entry ' || i, '{}',
      iif(i = ${entries}, 1000, NULL) FROM n`)
  return { reader, author, planId: plan.id, actionId: action.id }
}

async function read(who: Person, query: string, path = HISTORY) {
  const reply = await call<HistoryPageView>(who, 'GET', `${path}?${query}`)
  expect(reply.status, reply.text).toBe(200)
  const line = lineOf(reply.headers.get('X-Request-Id'))
  expect([line?.kvReads, line?.d1Calls]).toEqual([1, 1])
  return { ...reply.body, rowsRead: line?.rowsRead ?? Infinity }
}

describe('twenty times the entries cost no more rows read', () => {
  let small: Filled
  let large: Filled

  beforeAll(async () => {
    small = await fill(1_000, 0)
    large = await fill(20_000, 0)
  }, 60_000)

  it.each<[string, (filled: Filled) => string]>([
    ['without a filter', () => ''],
    ['by plan', ({ planId }) => `planId=${planId}`],
    ['by action', ({ actionId }) => `actionId=${actionId}`],
    ['by actor', ({ author }) => `actorId=${author.id}`],
    ['by plan and actor', ({ planId, author }) => `planId=${planId}&actorId=${author.id}`],
    ['by type', () => 'type=action.updated'],
  ])('%s', async (_, query) => {
    const few = await read(small.reader, `${query(small)}&limit=50`)
    const many = await read(large.reader, `${query(large)}&limit=50`)
    expect([few.entries.length, many.entries.length, many.more]).toEqual([50, 50, true])
    expect(many.rowsRead).toBe(few.rowsRead)
    expect(few.rowsRead).toBeLessThan(260)
    expect((await read(large.reader, `${query(large)}&limit=5`)).rowsRead).toBeLessThan(40)
  })

  it('since a time', async () => {
    const since = async (filled: Filled, entries: number, query = '') =>
      read(filled.reader, `since=${new Date((entries - 29) * 60_000).toISOString()}&limit=50${query}`)
    const few = await since(small, 1_000)
    const many = await since(large, 20_000)
    expect([few.entries.length, many.entries.length, few.more, many.more]).toEqual([30, 30, false, false])
    // Twice five steps more to find where to end.
    expect(many.rowsRead - few.rowsRead).toBeLessThan(20)
    expect(few.rowsRead).toBeLessThan(200)
    const ofPlan = await since(large, 20_000, `&planId=${large.planId}`)
    expect([ofPlan.entries.length, ofPlan.more]).toEqual([30, false])
    expect(ofPlan.rowsRead).toBeLessThan(220)
  })

  it('in a feed', async () => {
    const costs = async ({ reader }: Filled) => {
      // A page from the oldest entries on, which the start of a feed does not reach.
      const { cursor } = await oldest(reader)
      const page = await read(reader, `after=${cursor}&limit=50`, `${HISTORY}/feed`)
      expect([page.entries.length, page.more]).toEqual([50, true])
      return page.rowsRead
    }
    const few = await costs(small)
    expect(await costs(large)).toBe(few)
    expect(few).toBeLessThan(260)
  })

  it('in a feed that has nothing new', async () => {
    const { cursor } = await read(large.reader, '', `${HISTORY}/feed`)
    expect((await read(large.reader, `after=${cursor}`, `${HISTORY}/feed`)).rowsRead).toBeLessThan(10)
  })
})

/** The page with the oldest entries. */
async function oldest(who: Person): Promise<HistoryPageView> {
  return read(who, 'until=1970-01-01T01:40:00Z')
}

describe('one call', () => {
  let filled: Filled

  beforeAll(async () => {
    filled = await fill(LOOK + 20, LOOK + 10)
  }, 60_000)

  it('looks at 10,000 entries at most, and says that there may be more', async () => {
    const { reader } = filled
    const first = await read(reader, 'limit=100')
    expect([first.entries.length, first.more]).toEqual([10, true])
    // Those looked at, twice, and whether each may be read.
    expect(first.rowsRead).toBeLessThan(4.1 * LOOK)
    const second = await read(reader, `before=${first.cursor}`)
    expect([second.entries.length, second.more]).toEqual([0, false])
  })

  it('goes on where the look ended', async () => {
    const until = `until=${new Date(21 * 60_000).toISOString()}&limit=100`
    const first = await read(filled.author, until)
    expect([first.entries.length, first.more]).toEqual([0, true])
    const second = await read(filled.author, `${until}&before=${first.cursor}`)
    const titles = Array.from({ length: 20 }, (_, index) => `Entry ${String(20 - index)}`)
    expect(second.entries.map(({ title }) => title)).toEqual(titles)
    expect(second.more).toBe(false)
  })
})
