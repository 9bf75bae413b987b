/**
 * Lists and filters in a company with more actions than are collected and sorted (`FEW` in actions/search-store.ts),
 * against the naive answer. Of the common type and one word the company has exactly as many, of the common focus type
 * and another word one more; of some statuses one reader reads as many as are looked through for a text, another one more.
 */
import { env } from 'cloudflare:workers'
import { type SQL, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { audienceOf } from '../../src/access/store.ts'
import searchStore from '../../src/actions/search-store.ts?raw'
import { ACTION_TYPES, FOCUS_TYPES, STATUSES } from '../../src/db/enums.ts'
import { directoryOf, newMeter } from '../../src/platform/database.ts'
import { ACTIONS, call, type Slice } from '../support/api.ts'
import { letPass, MINUTE } from '../support/clock.ts'
import { insertAction, insertHierarchies, insertPlan } from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { createCompany, createPerson, type Person } from '../support/world.ts'
import { checkLists, load, type Query, type Stored } from './naive-search.ts'
import { home } from '../support/home.ts'

/** As in the worker. */
const FEW = 2_000
/** Actions that every manager reads. */
const PUBLIC = 2_600
/** Actions that few read: as creator, as assignee, or as the creator of the plan. */
const HIDDEN = 300
/** Of the actions of a reader at most a quarter are looked through by status for a text, rather than all texts. */
const QUARTER = PUBLIC / 4
/** The hidden actions that have each of the two words. */
const WITH_WORDS = 100
const PLANS = 65
const DAY = 24 * 60 * MINUTE

let start: number
/** Reads the actions of every manager, and none besides. */
let marc: Person
/** Reads one action more, which is of all common kinds. */
let noa: Person
/** Reads many actions as their assignee or creator only. */
let ana: Person
/** Made the others. */
let leo: Person
let areaIds: string[]
let stored: Stored

/** Whether `i` is in that range, in an order of its own for each factor. */
const isAmong = (factor: number, from: number, to: number) =>
  sql.raw(`(i * ${factor} % ${PUBLIC}) BETWEEN ${from} AND ${to - 1}`)

interface Kind {
  count: number
  /** Two hexadecimal digits, for ids of their own. */
  digits: string
  planId: SQL
  visibility: SQL
  createdBy: SQL
  /** Of the only assignee, whose status is that of the action. */
  assigneeId: SQL
  actionType: SQL
  focusBits: SQL
  /** Whether the title has one word, and another. */
  isWeekly: SQL
  isMonthly: SQL
}

/** Makes actions in SQL: thousands of rows in few statements. */
async function fill(companyId: string, kind: Kind): Promise<void> {
  // Not as parameters, which D1 binds as floating-point numbers.
  const numbers = sql.raw(
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${kind.count})`,
  )
  const id = sql`printf('%08x', i) || ${kind.digits + companyId.slice(10)}`
  const status = sql`CASE WHEN ${isAmong(7919, 0, QUARTER)} THEN 'IN_PROGRESS'
    WHEN ${isAmong(7919, QUARTER, QUARTER + 150)} THEN 'EXPIRED' WHEN ${isAmong(7919, 800, 1_000)} THEN 'COMPLETED'
    WHEN ${isAmong(7919, 1_000, 1_100)} THEN 'CANCELLED' ELSE 'NOT_STARTED' END`
  const startedAt = sql`CASE WHEN ${isAmong(7919, 0, 1_000)} THEN ${start - 2 * DAY} END`
  const finishedAt = sql`CASE WHEN ${isAmong(7919, QUARTER, 1_100)} THEN ${start - DAY} END`
  // All but 150 of those in progress expire in ten minutes; with the 150 that are EXPIRED already they are as many again.
  const dueDate = sql`CASE WHEN ${isAmong(7919, 0, QUARTER - 150)} THEN ${start + 10 * MINUTE}
    WHEN ${isAmong(7919, QUARTER - 150, QUARTER)} THEN NULL
    WHEN ${isAmong(7919, QUARTER, QUARTER + 150)} THEN ${start - DAY}
    WHEN i % 2 THEN ${start} + (i % 50 - 25) * ${DAY} END`
  const createdAt = sql`${start - DAY} + i / 3`
  const title = sql`iif(${kind.isWeekly}, 'Weekly ', '') || iif(${kind.isMonthly}, 'monthly ', '') ||
    iif(i % 497, '', 'zeppelin ') || i`
  const description = sql`iif(i % 7, 'in a sentence', 'with a report')`
  const database = directoryOf(env, newMeter())
  await database.batch([
    database.run(sql`${numbers} INSERT INTO actions (id, company_id, plan_id, title, title_folded, description,
        description_folded, action_type, origin, visibility, audience, focus_bits, status, due_date, started_at,
        finished_at, created_by, created_at, updated_at)
      SELECT ${id}, ${companyId}, ${kind.planId}, ${title}, lower(${title}), ${description}, lower(${description}),
        ${kind.actionType}, 'MANUAL', ${kind.visibility}, ${audienceOf(kind)}, ${kind.focusBits}, ${status}, ${dueDate},
        ${startedAt}, ${finishedAt}, ${kind.createdBy}, ${createdAt}, ${createdAt} FROM n`),
    database.run(sql`${numbers} INSERT INTO action_assignees
        (action_id, user_id, position, status, started_at, finished_at, is_creator, created_at,
         due_date)
      SELECT ${id}, ${kind.assigneeId}, 0, ${status}, ${startedAt}, ${finishedAt},
        ${kind.assigneeId} IS ${kind.createdBy}, ${createdAt}, ${dueDate} FROM n`),
    database.run(sql`${numbers}, t (bit, name) AS (VALUES (2, 'SCORE'), (4, 'HI'), (8, 'ENPS'))
      INSERT INTO action_focus_items (action_id, position, focus_type, focus_id)
      SELECT ${id}, t.bit, t.name, 'f' FROM n JOIN t ON ${kind.focusBits} & t.bit`),
    // The first area is that of five in six actions, the second that of every third.
    database.run(sql`${numbers}, a (id, position) AS (VALUES (${areaIds[0]}, 0), (${areaIds[1]}, 1))
      INSERT INTO action_hierarchies (action_id, hierarchy_id, position)
      SELECT ${id}, a.id, a.position FROM n JOIN a ON iif(a.position, i % 3 = 0, i % 6 > 0)`),
  ])
}

beforeAll(async () => {
  start = Date.now()
  const companyId = await createCompany('Europe/Madrid')
  ana = await createPerson(companyId, 'ADMIN')
  marc = await createPerson(companyId, 'MANAGER')
  noa = await createPerson(companyId, 'MANAGER')
  leo = await createPerson(companyId, 'MANAGER')
  areaIds = (await insertHierarchies([{ companyId }, { companyId }, { companyId }])).map(({ id }) => id)
  const newPlan = (index: number, createdBy: string, visibility: 'PUBLIC' | 'PRIVATE') =>
    insertPlan({ companyId, createdAt: start - 2 * DAY + index, createdBy, visibility })
  const shared: string[] = []
  for (let index = 0; index < PLANS; index += 1) shared.push((await newPlan(index, leo.id, 'PUBLIC')).id)
  const ofLeo = await newPlan(PLANS, leo.id, 'PRIVATE')
  await fill(companyId, {
    count: HIDDEN,
    digits: '01',
    planId: sql`(${JSON.stringify([shared[0], ofLeo.id])} ->> (i % 2))`,
    visibility: sql`iif(i % 2, 'PUBLIC', 'PRIVATE')`,
    createdBy: sql`iif(i % 4, ${leo.id}, ${ana.id})`,
    assigneeId: sql`iif(i % 3, ${ana.id}, ${leo.id})`,
    actionType: sql`'COMPANY'`,
    focusBits: sql`iif(i % 2, 2, 8)`,
    isWeekly: sql.raw(`i < ${WITH_WORDS}`),
    isMonthly: sql.raw(`i < ${WITH_WORDS}`),
  })
  // The last rows that an index of texts finds are those that everybody reads.
  await fill(companyId, {
    count: PUBLIC,
    digits: '00',
    planId: sql`(${JSON.stringify(shared)} ->> (i % ${sql.raw(String(PLANS))}))`,
    visibility: sql`iif(i % 2, NULL, 'PUBLIC')`,
    createdBy: sql`iif(i % 50, ${leo.id}, NULL)`,
    assigneeId: sql`iif(i % 5, ${leo.id}, ${ana.id})`,
    actionType: sql`iif(${isAmong(3571, 0, FEW - 1)}, 'MANAGER', 'COMPANY')`,
    focusBits: sql`CASE WHEN ${isAmong(6007, 0, FEW)} THEN CASE i % 4 WHEN 0 THEN 4 WHEN 1 THEN 6 WHEN 2 THEN 12 ELSE 14 END
      ELSE CASE i % 4 WHEN 0 THEN 1 WHEN 1 THEN 2 WHEN 2 THEN 8 ELSE 10 END END`,
    isWeekly: isAmong(1009, 0, FEW + 1 - WITH_WORDS),
    isMonthly: isAmong(2003, 0, FEW - WITH_WORDS),
  })
  await insertAction({
    plan: await newPlan(PLANS + 1, noa.id, 'PRIVATE'),
    title: 'One more',
    createdBy: noa.id,
    createdAt: start - DAY + 700,
    dueDate: start + 10 * MINUTE,
    assignees: [{ userId: noa.id, status: 'IN_PROGRESS', startedAt: start - DAY }],
    focusItems: [{ focusType: 'HI' }],
    hierarchyIds: areaIds.slice(0, 1),
  })
  stored = await load(companyId)
}, 60_000)

type Case = [string, () => Query]

/** Each filter alone whose answer depends on the clock. */
const byClock: Case[] = [
  ...STATUSES.map((status): Case => [status, () => ({ status })]),
  ['what is overdue', () => ({ overdue: 'true' })],
  ['what is not', () => ({ overdue: 'false' })],
]
/** Each other filter alone. */
const byRow: Case[] = [
  ['nothing', () => ({})],
  ...FOCUS_TYPES.map((focusType): Case => [focusType, () => ({ focusType })]),
  ...ACTION_TYPES.map((actionType): Case => [actionType, () => ({ actionType })]),
  ['an area of many', () => ({ hierarchyId: areaIds[0] ?? '' })],
  ['an area of fewer', () => ({ hierarchyId: areaIds[1] ?? '' })],
  ['an area of none', () => ({ hierarchyId: areaIds[2] ?? '' })],
  ['an assignee of many', () => ({ assigneeId: leo.id })],
  ['an assignee of fewer', () => ({ assigneeId: ana.id })],
  ['an assignee of one', () => ({ assigneeId: noa.id })],
  ['nobody', () => ({ assigneeId: '0'.repeat(24) })],
  ['due from a day', () => ({ dueFrom: stored.dateOf(start) })],
  ['due until a day', () => ({ dueTo: stored.dateOf(start) })],
  ['due from an instant', () => ({ dueFrom: new Date(start + 10 * MINUTE).toISOString() })],
  ['due until an instant', () => ({ dueTo: new Date(start + 10 * MINUTE).toISOString() })],
  ['a plan', () => ({ planId: stored.plans.at(-1)?.id ?? '' })],
]
const combinations: Case[] = [
  ['a common status and type', () => ({ status: 'IN_PROGRESS', actionType: 'MANAGER' })],
  ['a common status, not overdue', () => ({ status: 'IN_PROGRESS', overdue: 'false' })],
  ['a status of what is done, not overdue', () => ({ status: 'COMPLETED', overdue: 'false' })],
  ['a status of what is done, overdue', () => ({ status: 'CANCELLED', overdue: 'true' })],
  ['expired ones of a focus type', () => ({ status: 'EXPIRED', focusType: 'ENPS' })],
  ['a common type and focus type', () => ({ actionType: 'MANAGER', focusType: 'HI' })],
  ['a rare type and focus type', () => ({ actionType: 'COMPANY', focusType: 'SCORE' })],
  ['a common focus type, not overdue', () => ({ focusType: 'HI', overdue: 'false' })],
  ['a common type, overdue', () => ({ actionType: 'MANAGER', overdue: 'true' })],
  ['a range', () => ({ dueFrom: stored.dateOf(start), dueTo: new Date(start + DAY).toISOString() })],
  ['an assignee and an area', () => ({ assigneeId: leo.id, hierarchyId: areaIds[0] ?? '' })],
]
/** Together with a link to more actions than are looked at one by one: first one that has many, then one that has few. */
const linked: Case[] = [
  ['an assignee of many', () => ({ assigneeId: leo.id })],
  ['an area of many', () => ({ hierarchyId: areaIds[0] ?? '' })],
  ['both', () => ({ assigneeId: leo.id, hierarchyId: areaIds[0] ?? '' })],
  ['an assignee of many and an area of fewer', () => ({ assigneeId: leo.id, hierarchyId: areaIds[1] ?? '' })],
  ['an assignee of fewer and an area of many', () => ({ assigneeId: ana.id, hierarchyId: areaIds[0] ?? '' })],
]
const withLinks: Case[] = linked.flatMap(([link, ofLink]) =>
  [...byRow, ...byClock]
    .filter(([name]) => !/assignee|area|nobody/.test(name))
    .map(([name, query]): Case => [`${name} and ${link}`, () => ({ ...query(), ...ofLink() })]),
)

const FIRST = { from: 0, to: 4 }
/** The deep one begins before the end of what is collected, and ends after it. */
const PAGES = { ofActions: [FIRST, { from: FEW - 5, to: FEW + 5 }], ofPlans: [FIRST, { from: 55, to: 58 }] }

/** The clock at which most of the actions in progress have expired. */
const LATER = 20 * MINUTE

async function compare(query: Query): Promise<void> {
  for (const person of [marc, noa, ana]) await checkLists(stored, person, query, PAGES)
}

/** A rare word, the rarest common one, the most common rare one, and a text too short for the index of texts. */
const TEXTS = ['zeppelin', 'WEEKLY', 'Monthly', 'ep']

async function compareWithTexts(query: Query): Promise<void> {
  for (const person of [marc, noa, ana])
    for (const q of TEXTS)
      await checkLists(stored, person, { ...query, q }, { ofActions: [FIRST], ofPlans: [FIRST] })
}

function setClock(later: number): void {
  letPass(start + later - Date.now())
}

describe('the lists are those of the naive answer', () => {
  it.each([...byRow, ...byClock, ...combinations])('by %s', async (_, query) => {
    setClock(0)
    await compare(query())
  })

  it.each(withLinks)('by %s', async (_, query) => {
    setClock(0)
    await compare(query())
  })

  it.each([...byRow, ...byClock])('by %s and a text', async (_, query) => {
    setClock(0)
    await compareWithTexts(query())
  })

  it.each([...byClock, ...combinations])('by %s, once most have expired', async (_, query) => {
    setClock(LATER)
    await compare(query())
  })

  it.each(byClock)('by %s and a text, once most have expired', async (_, query) => {
    setClock(LATER)
    await compareWithTexts(query())
  })
})

describe('the end of what is collected', () => {
  const count = (condition: string) =>
    home
      .prepare(`SELECT count(*) FROM actions WHERE company_id = ? AND ${condition}`)
      .bind(marc.companyId)
      .first('count(*)')

  it('is where the worker has it', () => {
    expect(searchStore).toContain(`const FEW = ${FEW.toLocaleString('en').replace(',', '_')}\n`)
  })

  it.each([
    ['the common type and the common focus type', "action_type = 'MANAGER'", 'focus_bits & 4'],
    ['the two words', "title_folded LIKE '%monthly%'", "title_folded LIKE '%weekly%'"],
  ])('lies between %s', async (_, few, many) => {
    expect([await count(few), await count(many)]).toEqual([FEW, FEW + 1])
  })

  it.each([
    ['IN_PROGRESS', 0],
    ['EXPIRED', LATER],
  ])('lies between the two readers by the status %s and a common text', async (status, later) => {
    setClock(later)
    const read = async (person: Person, query: string) => {
      const { body, headers } = await call<Slice<unknown>>(person, 'GET', `${ACTIONS}?${query}`)
      return { total: body.total, rows: lineOf(headers.get('X-Request-Id'))?.rowsRead ?? 0 }
    }
    const totals = [await read(marc, `status=${status}`), await read(noa, `status=${status}`)]
    expect(totals.map(({ total }) => total)).toEqual([QUARTER, QUARTER + 1])
    const few = await read(marc, `status=${status}&q=weekly`)
    const many = await read(noa, `status=${status}&q=weekly`)
    // The texts of the status, or those of all.
    expect(many.rows - few.rows).toBeGreaterThan((PUBLIC - QUARTER) / 2)
  })
})
