/**
 * Companies of a given number of actions for the bench of lists, the same at each run: 500 managers, 200 areas in a
 * tree, ten actions a plan and one plan that is large; one to four assignees; a part of the running actions is expired
 * by the clock. Made by SQL alone, through the triggers of the product.
 */
import { sql, type SQL } from 'drizzle-orm'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { audienceOf } from '../../src/access/store.ts'

const MANAGERS = 500
const AREAS = 200
const ACTIONS_IN_A_PLAN = 10
const PORTION = 5_000
/** So that 100,000 actions have a history of a million. */
const ENTRIES_OF_AN_ACTION = 10
const DAY = 24 * 3600 * 1000

export interface BenchCompany {
  companyId: string
  /** A manager, who reads about 60 % of the actions. */
  readerId: string
  adminId: string
  /** A plan of the reader with about ten actions. */
  planId: string
  /** The plan with a twentieth of all actions. */
  largePlanId: string
  managerId: string
  areaId: string
}

/**
 * @param number tells companies apart, from 1 to 255
 * @param options `isPublic`: every manager may read everything; `history: false` leaves the history empty
 */
export async function fillBenchCompany(
  database: DrizzleD1Database,
  number: number,
  actions: number,
  now: number,
  onProgress: (done: number) => void,
  { isPublic = false, history = true }: { isPublic?: boolean; history?: boolean } = {},
): Promise<BenchCompany> {
  const start = Math.floor(now / 1000) - actions
  /** 8 characters of seconds, 2 of the kind, 2 of the company, 12 of the number. */
  const idOf = (kind: number, index: SQL, seconds: SQL = sql`${start}`) =>
    sql`(printf('%08x', ${seconds}) || printf('%02x%02x%012x', ${kind}, ${number}, ${index}))`
  const idText = (kind: number, index: number, seconds = start) =>
    seconds.toString(16).padStart(8, '0') +
    [kind, number].map((part) => part.toString(16).padStart(2, '0')).join('') +
    index.toString(16).padStart(12, '0')
  // Not as parameters, which D1 binds as floating-point numbers.
  const numbers = (from: number, to: number) =>
    sql.raw(`WITH RECURSIVE n (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to})`)
  const i = sql.raw('i')
  const companyId = idText(1, 0)
  const manager = (index: SQL) => idOf(2, sql`(${index}) % ${MANAGERS}`)
  const area = (index: SQL) => idOf(3, sql`(${index}) % ${AREAS}`)
  const plans = Math.ceil(actions / ACTIONS_IN_A_PLAN)
  const large = Math.floor(actions / 20)
  const planOf = sql`CASE WHEN i < ${large} THEN 0 ELSE 1 + (i * 7919) % ${plans - 1} END`
  const createdAt = sql`${start * 1000} + i * 1000`
  const startedAt = now - 30 * DAY

  await database.run(sql`INSERT INTO companies (id, name, created_at, updated_at)
    VALUES (${companyId}, ${`Bench ${actions}`}, ${now}, ${now})`)
  await database.run(sql`${numbers(0, MANAGERS)} INSERT INTO users
      (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
    SELECT ${idOf(2, i)}, ${companyId}, ${`m${number}-`} || i || '@bench.test', ${`m${number}-`} || i || '@bench.test',
      'Manager ' || i, 'manager ' || i, iif(i = 1, 'ADMIN', 'MANAGER'), ${now}, ${now} FROM n`)
  await database.run(sql`${numbers(0, AREAS)} INSERT INTO hierarchies
      (id, company_id, parent_id, name, created_at, updated_at)
    SELECT ${idOf(3, i)}, ${companyId}, CASE WHEN i >= 10 THEN ${area(sql`i / 10`)} END, 'Area ' || i, ${now}, ${now}
    FROM n`)
  await database.run(sql`${numbers(0, plans)} INSERT INTO plans
      (id, company_id, title, visibility, created_by, content_bytes, created_at, updated_at)
    SELECT ${idOf(4, i)}, ${companyId}, 'Plan ' || i, iif(${Number(isPublic)} OR i % 5 < 3, 'PUBLIC', 'PRIVATE'), ${manager(sql`i * 13`)},
      400, ${start * 1000} + i * 10000, ${now} FROM n`)
  for (let from = 0; from < actions; from += PORTION) {
    const to = Math.min(actions, from + PORTION)
    // A fifth each: not started, running, completed twice, and the rest; `due` is mostly ahead.
    const status = sql`CASE i % 10 WHEN 0 THEN 'CANCELLED' WHEN 1 THEN 'COMPLETED' WHEN 2 THEN 'COMPLETED'
      WHEN 3 THEN 'IN_PROGRESS' WHEN 4 THEN 'IN_PROGRESS' WHEN 5 THEN 'IN_PROGRESS' ELSE 'NOT_STARTED' END`
    const due = sql`CASE WHEN i % 4 = 0 THEN NULL WHEN i % 33 = 5 THEN ${now - DAY} ELSE ${now} + i * 60000 END`
    const word = sql`CASE WHEN i % 997 = 0 THEN 'zeppelin ' WHEN i % 3 = 0 THEN 'feedback ' ELSE 'weekly ' END`
    const visibility = sql`CASE WHEN i % 7 = 0 AND NOT ${Number(isPublic)} THEN 'PRIVATE' END`
    const creator = manager(sql`i * 17`)
    const audience = audienceOf({ planId: idOf(4, planOf), visibility, createdBy: creator })
    await database.run(sql`${numbers(from, to)} INSERT INTO actions
        (id, company_id, plan_id, title, title_folded, description, description_folded, action_type, origin, visibility,
         audience, focus_bits, status, due_date, started_at, finished_at, content_bytes, created_by, created_at, updated_at)
      SELECT ${idOf(5, i, sql`${start} + i`)}, ${companyId}, ${idOf(4, planOf)}, ${word} || 'Action ' || i,
        ${word} || 'action ' || i, 'What to do about it, in a sentence or two.',
        'what to do about it, in a sentence or two.', iif(i % 20 = 0, 'COMPANY', 'MANAGER'), 'MANUAL',
        ${visibility}, ${audience},
        CASE WHEN i % 10 < 6 THEN 2 WHEN i % 10 < 9 THEN 4 ELSE 8 END, ${status}, ${due},
        CASE WHEN i % 10 BETWEEN 1 AND 5 THEN ${startedAt} END, CASE WHEN i % 10 < 3 THEN ${now} END,
        1500, ${creator}, ${createdAt}, ${createdAt} FROM n`)
    await database.run(sql`${numbers(from, to)}, s (k) AS (VALUES (0), (1), (2), (3))
      INSERT INTO action_assignees (action_id, user_id, position, status, started_at, finished_at,
        is_creator, created_at, due_date)
      SELECT ${idOf(5, i, sql`${start} + i`)}, ${manager(sql`i * 31 + k * 7`)}, k, ${status},
        CASE WHEN i % 10 BETWEEN 1 AND 5 THEN ${startedAt} END, CASE WHEN i % 10 < 3 THEN ${now} END,
        ${manager(sql`i * 31 + k * 7`)} = ${creator}, ${createdAt}, ${due}
      FROM n JOIN s ON k <= i % 4`)
    await database.run(sql`${numbers(from, to)} INSERT INTO action_focus_items
        (action_id, position, focus_type, focus_id)
      SELECT ${idOf(5, i, sql`${start} + i`)}, 0,
        CASE WHEN i % 10 < 6 THEN 'SCORE' WHEN i % 10 < 9 THEN 'HI' ELSE 'ENPS' END, 'f' FROM n`)
    await database.run(sql`${numbers(from, to)} INSERT INTO action_hierarchies (action_id, hierarchy_id, position)
      SELECT ${idOf(5, i, sql`${start} + i`)}, ${area(sql`i * 3`)}, 0 FROM n WHERE i % 3 = 0`)
    onProgress(to)
  }
  // The actions change in turn, by the hand of managers in turn; a fifth of the entries are about plans themselves.
  const entries = history ? actions * ENTRIES_OF_AN_ACTION : 0
  for (let from = 0; from < entries; from += 2 * PORTION) {
    const to = Math.min(entries, from + 2 * PORTION)
    const at = sql`${now} - (${entries} - entry) * 1000`
    await database.run(sql`${numbers(from, to)} INSERT INTO history
        (company_id, number, id, at, recorded_at, actor_id, via, type, plan_id, action_id, title, changes, batch_bytes)
      SELECT ${companyId}, entry + 1, ${idOf(6, sql`entry`)}, ${at}, ${at}, ${manager(sql`entry * 31`)}, 'SESSION',
        CASE entry % 10 WHEN 0 THEN 'plan.updated' WHEN 1 THEN 'plan.updated' WHEN 2 THEN 'note.added'
          WHEN 3 THEN 'action.status_changed' ELSE 'action.updated' END,
        ${idOf(4, planOf)}, CASE WHEN entry % 10 > 1 THEN ${idOf(5, i, sql`${start} + i`)} END, 'Action ' || i,
        '{"title":{"before":"Another title","after":"This title"}}', iif(entry = ${to - 1}, 700 * ${to - from}, NULL)
      FROM (SELECT i AS entry, (i * 7919) % ${actions} AS i FROM n)`)
  }
  return {
    companyId,
    readerId: idText(2, 0),
    adminId: idText(2, 1),
    // The reader has created every plan whose number, times 13, is a multiple of the number of managers.
    planId: idText(4, plans > MANAGERS ? MANAGERS : 0),
    largePlanId: idText(4, 0),
    managerId: idText(2, 31),
    areaId: idText(3, 9),
  }
}
