import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeAll, describe, expect, it } from 'vitest'
import { audienceOf } from '../../src/access/store.ts'
import { ACTIONS, call, PLANS, type Slice } from '../support/api.ts'
import { lineOf } from '../support/log.ts'
import { createCompany, createPerson, type Person } from '../support/world.ts'

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
 * sizes hold the same. In SQL, which makes tens of thousands of rows in four statements.
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
  const database = drizzle(env.DB)
  await database.batch([
    database.run(sql`${numbers(actions / ACTIONS_IN_A_PLAN)}
      INSERT INTO plans (id, company_id, title, visibility, created_by, created_at, updated_at)
      SELECT printf('%08x', i) || ${ids}, ${companyId}, 'Plan', iif(i % 2, 'PUBLIC', 'PRIVATE'), ${createdBy},
        1e6 - i, 1e6 - i FROM n`),
    database.run(sql`${numbers(actions)}
      INSERT INTO actions (id, company_id, plan_id, title, action_type, origin, visibility, audience,
        focus_bits, status, created_by, created_at, updated_at, title_folded, description_folded)
      SELECT printf('%08x', i) || ${ids}, ${companyId}, ${planId}, 'Action', 'MANAGER', 'MANUAL', ${visibility},
        ${audience}, iif(i < 50, 4, 1), 'NOT_STARTED', ${createdBy}, 1e6 - i, 1e6 - i, 'action', ''
        FROM n`),
    database.run(sql`INSERT INTO action_assignees (action_id, user_id, position, status, is_creator, created_at)
      SELECT id, ${reader.id}, 0, 'NOT_STARTED', created_by IS ${reader.id}, created_at FROM actions
        WHERE company_id = ${companyId} AND created_at % 2`),
    database.run(sql`INSERT INTO action_focus_items (action_id, position, focus_type)
      SELECT id, 0, 'HI' FROM actions WHERE company_id = ${companyId} AND created_at > 1e6 - 50`),
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
    // As many match in both companies.
    ['a filter', `${ACTIONS}?focusType=HI`],
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

it.each(['small', 'large'] as const)(
  'counts right the totals that no list counts, in the %s company',
  async (size) => {
    const { reader, actions } = size === 'small' ? small : large
    const counted = await env.DB.prepare(
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
