/** Counts for the overview: one statement that looks at each action once, and the tree of areas. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { type ActionFilter, isExpiredByClock, isFiltering } from '../actions/filter.ts'
import { collectedActions } from '../actions/search-store.ts'
import { readablePlansAmong, readablePlanTotal } from '../action-plans/store.ts'
import { type RowOf, selectRaw } from '../db/rows.ts'
import { actionAssignees, actionHierarchies, actions, companies, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { ReadScope } from '../platform/request.ts'
import { DAY, QUARTER, SOON, turningDays, utcRange } from './months.ts'
import { areasInOrder } from './tree-store.ts'

const MOST_ASSIGNEES = 20
/** The most combinations of areas that one look reads. */
const COMBINATIONS_AT_ONCE = 10_000

/** Time zone of the company, and the weight of its areas in bytes. */
export function overviewSettings(database: Database, companyId: string) {
  return database
    .select({ timeZone: companies.timeZone, areaBytes: companies.hierarchyBytes })
    .from(companies)
    .where(eq(companies.id, companyId))
}

const AREA = { id: sql<string>`id`, name: sql<string>`name`, level: sql<number>`level` }

export type AreaRow = RowOf<typeof AREA>

/** All areas in the order of their ranks; none if they weigh more than `most` bytes. */
export function overviewAreas(database: Database, companyId: string, most: number) {
  const company = sql`(SELECT ${companies.id} FROM ${companies}
    WHERE ${eq(companies.id, companyId)} AND ${companies.hierarchyBytes} <= ${most})`
  return selectRaw(
    database,
    AREA,
    (columns) => sql`WITH RECURSIVE ${sql.join(areasInOrder(company), sql`, `)}
      SELECT ${columns} FROM areas ORDER BY rank`,
  )
}

/**
 * A row of the counts, by kind:
 * - `plans`: `n0` plans
 * - `areas`: in `key`, the ranks of the areas that actions target together, '' for none; `n0` to `n6` of these actions are
 *   NOT_STARTED, IN_PROGRESS, COMPLETED, CANCELLED, EXPIRED, overdue, and due within 30 days
 * - `assignee`: the id in `key`, the name in `text`; `n0` open assignments, of which `n1` are overdue
 * - `due`, `completed`: `n0` actions, in a quarter of an hour since 1970 in `key`; of a day that lies in one month in all
 *   time zones, in its midday
 */
const COUNT = {
  kind: sql<'plans' | 'areas' | 'assignee' | 'due' | 'completed'>`kind`,
  key: sql<string>`CAST(key AS TEXT)`,
  text: sql<string | null>`text`,
  n0: sql<number>`n0`,
  n1: sql<number>`n1`,
  n2: sql<number>`n2`,
  n3: sql<number>`n3`,
  n4: sql<number>`n4`,
  n5: sql<number>`n5`,
  n6: sql<number>`n6`,
}

export type CountRow = RowOf<typeof COUNT>

/**
 * Counts over the actions that the user reads and that meet the filter; of combinations of areas the first portion, which
 * `furtherCombinations` goes on from.
 */
export function overviewCounts(database: Database, filter: ActionFilter, scope: ReadScope) {
  const { now } = scope
  const plans = isFiltering(filter) ? readablePlansAmong(sql`facts`, scope) : readablePlanTotal(scope)
  return counted(database, filter, scope, [
    combinations(now, null),
    sql`SELECT 'plans', '', NULL, ${plans}, 0, 0, 0, 0, 0, 0`,
    sql`SELECT * FROM (${busiest(now)})`,
    sql`SELECT 'due', ${quarterOf(sql`due_date`, now)} AS quarter, NULL, count(*), 0, 0, 0, 0, 0, 0 FROM facts
      WHERE ${isShown(sql`due_date`, now)} GROUP BY quarter`,
    sql`SELECT 'completed', ${quarterOf(sql`finished_at`, now)} AS quarter, NULL, count(*), 0, 0, 0, 0, 0, 0 FROM facts
      WHERE status = 'COMPLETED' AND ${isShown(sql`finished_at`, now)} GROUP BY quarter`,
  ])
}

/** The portion of combinations of areas after that one. */
export function furtherCombinations(
  database: Database,
  filter: ActionFilter,
  scope: ReadScope,
  after: string,
) {
  return counted(database, filter, scope, [combinations(scope.now, after)])
}

/** Where to go on after these rows; null if they have all combinations of areas. */
export function lastCombination(rows: readonly CountRow[]): string | null {
  const read = rows.filter(({ kind }) => kind === 'areas')
  return read.length < COMBINATIONS_AT_ONCE ? null : (read.at(-1)?.key ?? null)
}

function counted(database: Database, filter: ActionFilter, scope: ReadScope, arms: readonly SQL[]) {
  const named = [
    ...collectedActions(filter, scope),
    ...areasInOrder(scope.companyId),
    sql`facts (id, plan_id, status, due_date, finished_at) AS MATERIALIZED (
      SELECT ${actions.id}, ${actions.planId},
        CASE WHEN ${isExpiredByClock(scope.now)} THEN 'EXPIRED' ELSE ${actions.status} END,
        ${actions.dueDate}, ${actions.finishedAt}
      FROM found CROSS JOIN ${actions} ON ${actions}.rowid = found.row_id)`,
  ]
  return selectRaw(
    database,
    COUNT,
    (columns) => sql`WITH RECURSIVE ${sql.join(named, sql`, `)}
      SELECT ${columns} FROM (${sql.join([...arms], sql` UNION ALL `)})`,
  )
}

/** By the areas that actions target, which also say their status: one row for all actions that aim at the same areas. */
function combinations(now: number, after: string | null): SQL {
  const targets = sql`coalesce((SELECT group_concat(areas.rank, ' ')
    FROM ${actionHierarchies} CROSS JOIN areas ON areas.id = ${actionHierarchies.hierarchyId}
    WHERE ${eq(actionHierarchies.actionId, sql`facts.id`)}), '')`
  const count = (status: string) => sql`sum(status = ${status})`
  const isOpen = sql`status IN ('NOT_STARTED', 'IN_PROGRESS')`
  return sql`SELECT * FROM (SELECT 'areas' AS kind, targets AS key, NULL AS text, ${count('NOT_STARTED')} AS n0,
      ${count('IN_PROGRESS')} AS n1, ${count('COMPLETED')} AS n2, ${count('CANCELLED')} AS n3, ${count('EXPIRED')} AS n4,
      total(due_date <= ${now} AND status NOT IN ('COMPLETED', 'CANCELLED')) AS n5,
      total(${isOpen} AND due_date > ${now} AND due_date <= ${now + SOON}) AS n6
    FROM (SELECT status, due_date, ${targets} AS targets FROM facts)
    ${after === null ? sql`` : sql`WHERE targets > ${after}`} GROUP BY targets ORDER BY targets LIMIT ${COMBINATIONS_AT_ONCE})`
}

/** The people with the most open assignments; an assignment of an action that the clock has expired is not open. */
function busiest(now: number): SQL {
  return sql`SELECT 'assignee', ${users.id}, ${users.name}, open, overdue, 0, 0, 0, 0, 0 FROM (
      SELECT ${actionAssignees.userId} AS user_id, count(*) AS open, total(facts.due_date <= ${now}) AS overdue
      FROM facts CROSS JOIN ${actionAssignees} ON ${eq(actionAssignees.actionId, sql`facts.id`)}
      WHERE facts.status IN ('NOT_STARTED', 'IN_PROGRESS')
        AND ${actionAssignees.status} IN ('NOT_STARTED', 'IN_PROGRESS')
      GROUP BY ${actionAssignees.userId}) AS busy CROSS JOIN ${users} ON ${users.id} = busy.user_id
    ORDER BY open DESC, ${users.nameFolded}, ${users.id} LIMIT ${MOST_ASSIGNEES}`
}

/** Condition: the moment may lie in one of the months. */
function isShown(moment: SQL, now: number): SQL {
  const { first, end } = utcRange(now)
  return sql`${moment} >= ${first} AND ${moment} < ${end}`
}

/**
 * The quarter of an hour of a moment; of most days, that of midday. On the first and the last day of a month in UTC, the
 * time zone decides in which month a moment lies, and is not known before the query.
 */
function quarterOf(moment: SQL, now: number): SQL {
  // Written out, since D1 binds numbers as REAL, which would not be divided as whole numbers.
  const [day, quarter, quarters] = [DAY, QUARTER, DAY / QUARTER].map((number) => sql.raw(String(number)))
  return sql`CASE WHEN ${moment} / ${day} IN (SELECT value FROM json_each(${JSON.stringify(turningDays(now))}))
    THEN ${moment} / ${quarter} ELSE ${moment} / ${day} * ${quarters} + ${quarters} / 2 END`
}
