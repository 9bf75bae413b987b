import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { audienceOf } from '../../src/access/store.ts'
import { directoryOf, newMeter } from '../../src/platform/database.ts'
import { ACTIONS, call, PLANS, type Slice } from '../support/api.ts'
import { insertHierarchy } from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { createCompany, createPerson, type Person } from '../support/world.ts'
import { home } from '../support/home.ts'

const ACTIONS_IN_A_PLAN = 20

interface Filled {
  actions: number
  reader: Person
}

let small: Filled
let large: Filled

beforeAll(async () => {
  small = await fill(1_000)
  large = await fill(20_000)
}, 120_000)

/**
 * A company with that many actions: half of its plans PUBLIC and half PRIVATE, two of three the reader's, every other
 * action assigned to the reader. What a row holds depends on its place from the newest, so that the first pages of both
 * sizes hold the same. In SQL, which makes tens of thousands of rows in few statements.
 */
async function fill(actions: number): Promise<Filled> {
  const companyId = await createCompany()
  const reader = await createPerson(companyId, 'MANAGER')
  const other = await createPerson(companyId, 'MANAGER')
  const ids = companyId.slice(8)
  const numbers = (count: number) =>
    sql`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count})`
  const planId = sql`printf('%08x', i / ${ACTIONS_IN_A_PLAN}) || ${ids}`
  const visibility = sql`iif(i % 5, NULL, 'PRIVATE')`
  const createdBy = sql`iif(i % 3, ${reader.id}, ${other.id})`
  const audience = audienceOf({ planId, visibility, createdBy })
  const database = directoryOf(env, newMeter())
  await database.batch([
    database.run(sql`${numbers(actions / ACTIONS_IN_A_PLAN)}
      INSERT INTO plans (id, company_id, title, visibility, created_by, created_at, updated_at)
      SELECT printf('%08x', i) || ${ids}, ${companyId}, 'Plan', iif(i % 2, 'PUBLIC', 'PRIVATE'), ${createdBy},
        1e6 - i, 1e6 - i FROM n`),
    database.run(sql`${numbers(actions)}
      INSERT INTO actions (id, company_id, plan_id, title, action_type, origin, visibility, audience,
        focus_bits, status, created_by, created_at, updated_at, title_folded, description_folded)
      SELECT printf('%08x', i) || ${ids}, ${companyId}, ${planId}, 'Action', 'MANAGER', 'MANUAL', ${visibility},
        ${audience}, 1, 'NOT_STARTED', ${createdBy}, 1e6 - i, 1e6 - i, 'action', ''
        FROM n`),
    database.run(sql`INSERT INTO action_assignees (action_id, user_id, position, status, is_creator, created_at)
      SELECT id, ${reader.id}, 0, 'NOT_STARTED', created_by IS ${reader.id}, created_at FROM actions
        WHERE company_id = ${companyId} AND created_at % 2`),
  ])
  return { actions, reader }
}

async function read(filled: Filled, path: string): Promise<{ rows: number; total: number; shown: number }> {
  const reply = await call<Slice<unknown>>(filled.reader, 'GET', path)
  expect(reply.status, reply.text).toBe(200)
  const rows = lineOf(reply.headers.get('X-Request-Id'))?.rowsRead ?? 0
  expect(rows).toBeGreaterThan(0)
  return { rows, total: reply.body.total, shown: reply.body.result.length }
}

describe('twenty times the actions cost no more rows read', () => {
  it.each([
    ['the default list of plans', PLANS],
    ['the default list of actions', ACTIONS],
    ['a later page of plans', `${PLANS}?from=10&to=20`],
    ['a later page of actions', `${ACTIONS}?from=100&to=200`],
  ])('in %s', async (_, path) => {
    const few = await read(small, path)
    const many = await read(large, path)
    expect(many.shown).toBe(few.shown)
    expect(many.rows).toBeLessThanOrEqual(few.rows * 1.05)
    expect(many.rows).toBeGreaterThanOrEqual(few.rows * 0.95)
  })

  it('in the list of the actions of one plan', async () => {
    const [few, many] = await Promise.all(
      [small, large].map(async (filled) => {
        const plans = await call<Slice<{ id: string }>>(filled.reader, 'GET', `${PLANS}?to=1`)
        return read(filled, `${ACTIONS}?planId=${plans.body.result[0]?.id ?? ''}`)
      }),
    )
    expect(many?.rows).toBe(few?.rows)
  })
})

describe('twenty times the actions cost no more rows read by a filter', () => {
  const NOW = Date.now()
  const DAY = 24 * 3_600_000
  const OF_A_RARE_KIND = 50
  let few: Filtered
  let many: Filtered

  interface Filtered extends Filled {
    areaId: string
    assigneeId: string
    /** Assigned to nearly all actions. */
    busyId: string
    plans: number
  }

  beforeAll(async () => {
    few = await fillFiltered(1_000)
    many = await fillFiltered(20_000)
  }, 120_000)

  /**
   * A company with that many actions, of which 50 are of each rare kind whatever the size, far apart; all others are of
   * one kind. The reader made none, and reads 50 as an assignee only.
   */
  async function fillFiltered(count: number): Promise<Filtered> {
    const companyId = await createCompany()
    const [reader, other, helper] = [
      await createPerson(companyId, 'MANAGER'),
      await createPerson(companyId, 'MANAGER'),
      await createPerson(companyId, 'MANAGER'),
    ]
    const area = await insertHierarchy({ companyId })
    const plans = count / ACTIONS_IN_A_PLAN
    const ids = companyId.slice(8)
    const numbers = (length: number) =>
      sql.raw(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${length})`)
    /** Which of its kinds an action is; 8 and above are the common one. */
    const kind = sql.raw(`(i % ${count / OF_A_RARE_KIND})`)
    const planId = sql`printf('%08x', i / ${sql.raw(String(ACTIONS_IN_A_PLAN))}) || ${ids}`
    const visibility = sql`iif(${kind} = 7, 'PRIVATE', NULL)`
    const userId = sql`CASE ${kind} WHEN 1 THEN ${helper.id} WHEN 7 THEN ${reader.id} ELSE ${other.id} END`
    const status = sql`CASE ${kind} WHEN 1 THEN 'COMPLETED' WHEN 3 THEN 'IN_PROGRESS' WHEN 4 THEN 'IN_PROGRESS'
      WHEN 5 THEN 'EXPIRED' ELSE 'NOT_STARTED' END`
    const startedAt = sql`CASE WHEN ${kind} IN (1, 3, 4, 5) THEN ${NOW - 2 * DAY} END`
    const dueDate = sql`CASE WHEN ${kind} IN (2, 4, 5) THEN ${NOW - DAY} WHEN ${kind} = 6 THEN ${NOW + 9 * DAY}
      ELSE ${NOW + 3 * DAY} END`
    const database = directoryOf(env, newMeter())
    await database.batch([
      database.run(sql`${numbers(plans)} INSERT INTO plans
          (id, company_id, title, visibility, created_by, created_at, updated_at)
        SELECT printf('%08x', i) || ${ids}, ${companyId}, 'Plan', 'PUBLIC', ${other.id}, i, i FROM n`),
      database.run(sql`${numbers(count)} INSERT INTO actions (id, company_id, plan_id, title, title_folded,
          description_folded, action_type, origin, visibility, audience, focus_bits, status, started_at, due_date,
          created_by, created_at, updated_at)
        SELECT printf('%08x', i) || ${ids}, ${companyId}, ${planId}, 'Action', iif(${kind} = 1, 'rare', 'action'),
          '', iif(${kind} = 1, 'COMPANY', 'MANAGER'), 'MANUAL', ${visibility},
          ${audienceOf({ planId, visibility, createdBy: other.id })}, iif(${kind} = 1, 8, 4), ${status}, ${startedAt},
          ${dueDate}, ${other.id}, i, i FROM n`),
      database.run(sql`${numbers(count)} INSERT INTO action_assignees
          (action_id, user_id, position, status, started_at, is_creator, created_at, due_date)
        SELECT printf('%08x', i) || ${ids}, ${userId}, 0, ${status}, ${startedAt}, ${userId} = ${other.id}, i,
          ${dueDate} FROM n`),
      database.run(sql`${numbers(count)} INSERT INTO action_focus_items (action_id, position, focus_type)
        SELECT printf('%08x', i) || ${ids}, 0, iif(${kind} = 1, 'ENPS', 'HI') FROM n`),
      database.run(sql`${numbers(count)} INSERT INTO action_hierarchies (action_id, hierarchy_id, position)
        SELECT printf('%08x', i) || ${ids}, ${area.id}, 0 FROM n WHERE ${kind} = 1`),
    ])
    return { actions: count, plans, reader, areaId: area.id, assigneeId: helper.id, busyId: other.id }
  }

  const readBoth = async (path: string, query: (filled: Filtered) => string) =>
    [await read(few, `${path}?${query(few)}`), await read(many, `${path}?${query(many)}`)] as const

  type Case = [string, (filled: Filtered) => string]
  /** Of these, as many actions match in both companies. */
  const rareByKind: Case[] = [
    ...['COMPLETED', 'IN_PROGRESS', 'EXPIRED'].map((status): Case => [status, () => `status=${status}`]),
    ['a rare focus type', () => 'focusType=ENPS'],
    ['a rare type', () => 'actionType=COMPANY'],
  ]
  const rareByList: Case[] = [
    ['an area', ({ areaId }) => `hierarchyId=${areaId}`],
    ['an assignee', ({ assigneeId }) => `assigneeId=${assigneeId}`],
    ['overdue', () => 'overdue=true'],
    ['dueFrom', () => `dueFrom=${new Date(NOW + 8 * DAY).toISOString()}`],
    ['dueTo', () => `dueTo=${new Date(NOW).toISOString()}`],
    ['a rare text', () => 'q=rare'],
  ]
  /** These match nearly all actions, of which only a page is read. */
  const common: Case[] = [
    ['NOT_STARTED', () => 'status=NOT_STARTED'],
    ['the common focus type', () => 'focusType=HI'],
    ['the common type', () => 'actionType=MANAGER'],
    ['not overdue', () => 'overdue=false'],
  ]

  it.each([...rareByKind, ...rareByList])('actions: %s', async (_, query) => {
    const [less, more] = await readBoth(ACTIONS, query)
    expect([more.total, more.shown]).toEqual([less.total, less.shown])
    expect(more.rows).toBeLessThanOrEqual(less.rows * 1.1)
  })

  it.each([...rareByKind.slice(1, 3), ...rareByList.slice(2, 5)])(
    'actions: %s of a busy person',
    async (_, query) => {
      const { total, rows } = await read(many, `${ACTIONS}?assigneeId=${many.busyId}&${query(many)}`)
      expect(total).toBeGreaterThanOrEqual(OF_A_RARE_KIND)
      // The person's list is counted up to 2,000, then the other one is driven by.
      expect(rows).toBeLessThan(3_500)
    },
  )

  it.each(common)('actions: %s', async (_, query) => {
    const [less, more] = await readBoth(ACTIONS, query)
    expect(more.total).toBeGreaterThan(less.total * 15)
    expect(more.rows).toBeLessThanOrEqual(less.rows * 1.1)
  })

  it.each(rareByList)('plans: %s', async (_, query) => {
    const [less, more] = await readBoth(PLANS, query)
    expect([more.total, more.shown]).toEqual([less.total, less.shown])
    expect(more.rows).toBeLessThanOrEqual(less.rows * 1.1)
  })

  // Each plan is looked at in an index, since it knows the kinds of its actions; they are not looked at.
  it.each([...rareByKind, ...common])('plans, of which each is looked at: %s', async (_, query) => {
    const [less, more] = await readBoth(PLANS, query)
    expect(more.rows).toBeLessThanOrEqual(less.rows * 1.1 + (many.plans - few.plans) * 1.5)
  })

  it.each([ACTIONS, PLANS])('%s by a text of two letters, for which each text is read once', async (path) => {
    const [less, more] = await readBoth(path, () => 'q=ra')
    expect(more.total).toBe(less.total)
    expect(more.rows).toBeLessThanOrEqual(less.rows + (many.actions - few.actions) * 1.1)
  })
})

it.each(['small', 'large'] as const)(
  'counts right the totals that no list counts, in the %s company',
  async (size) => {
    const { reader, actions } = size === 'small' ? small : large
    const counted = await home
      .prepare(
        `SELECT (SELECT count(*) FROM plans WHERE company_id = ?1 AND (visibility = 'PUBLIC' OR created_by = ?2)) AS plans,
        (SELECT count(*) FROM actions a JOIN plans p ON p.id = a.plan_id WHERE a.company_id = ?1 AND (a.created_by = ?2
          OR EXISTS (SELECT 1 FROM action_assignees s WHERE s.action_id = a.id AND s.user_id = ?2)
          OR (coalesce(a.visibility, p.visibility) = 'PUBLIC' AND (p.visibility = 'PUBLIC' OR p.created_by = ?2)))) AS actions`,
      )
      .bind(reader.companyId, reader.id)
      .first<{ plans: number; actions: number }>()
    const plans = await call<Slice<unknown>>(reader, 'GET', PLANS)
    const list = await call<Slice<unknown>>(reader, 'GET', ACTIONS)
    expect({ plans: plans.body.total, actions: list.body.total }).toEqual(counted)
    expect(list.body.total).toBeGreaterThan(actions / 2)
    expect(list.body.total).toBeLessThan(actions)
  },
)
