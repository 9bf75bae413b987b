/** Reads and writes plans. */
import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { EVERY_MANAGER, planIsReadableBy } from '../access/store.ts'
import { type ActionFilter, isFiltering, isMatching, isReadable } from '../actions/filter.ts'
import { actionsOrOutline, actionsWhere, outlineWhere, readableTotal } from '../actions/store.ts'
import { allOf, changedMembers, eachOf, isOneOf, type RowOf, select, selectRaw } from '../db/rows.ts'
import { actions, plans, readableTotals } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS } from '../platform/limits.ts'
import type { ReadScope } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'

const {
  audience: _audience,
  noteCount: _noteCount,
  noteBytes: _noteBytes,
  storedBytes: _storedBytes,
  ...OWN_COLUMNS
} = getTableColumns(plans)

/**
 * Of a row of `plans`: how many of its actions are COMPLETED. An expiry never makes an action COMPLETED, so the stored
 * status can be counted.
 */
export const COMPLETED_COUNT = sql<number>`(SELECT count(*) FROM ${actions}
  WHERE ${eq(actions.planId, plans.id)} AND ${eq(actions.status, 'COMPLETED')})`

const PLAN = { ...OWN_COLUMNS, completedCount: COMPLETED_COUNT }

export type StoredPlan = RowOf<typeof PLAN>

/** The plan with that id in the company; no row if there is none. */
export function planById(database: Database, companyId: string, planId: string) {
  return select(database, PLAN)
    .from(plans)
    .where(and(eq(plans.id, planId), eq(plans.companyId, companyId)))
}

/** The plans with these ids. */
export function plansById(database: Database, companyId: string, ids: readonly string[]) {
  return select(database, PLAN)
    .from(plans)
    .where(and(isOneOf(plans.id, ids), sql`+${plans.companyId} = ${companyId}`))
}

/** Condition on `actions`: an action of the plan that may be read. */
function isShown(planId: string, scope: ReadScope): SQL {
  return allOf([eq(actions.planId, planId), eq(actions.companyId, scope.companyId), isReadable(scope)])
}

/**
 * The readable actions of a plan, oldest first, and their outline. If the plan weighs more than `most` bytes, only the
 * outline has rows, else only the actions.
 */
export function shownActions(database: Database, planId: string, scope: ReadScope, most: number) {
  const weight = sql`(SELECT ${plans.contentBytes} FROM ${plans} WHERE ${eq(plans.id, planId)})`
  return [
    actionsWhere(database, allOf([sql`${weight} <= ${most}`, isShown(planId, scope)])),
    outlineWhere(database, allOf([sql`${weight} > ${most}`, isShown(planId, scope)])),
  ] as const
}

const SHOWN_REVISION = { id: actions.id, treeRevision: actions.treeRevision, dueDate: actions.dueDate }

/** The members of an action that the entity tag of its plan is made of. */
export type ShownRevision = RowOf<typeof SHOWN_REVISION>

/** The readable actions as the plan's entity tag needs them; no rows unless `wanted`. */
export function shownRevisions(database: Database, planId: string, scope: ReadScope, wanted: boolean) {
  return database
    .select(SHOWN_REVISION)
    .from(actions)
    .where(allOf([sql`${Number(wanted)}`, isShown(planId, scope)]))
    .orderBy(actions.createdAt, actions.id)
}

const NEWEST = sql`created_at DESC, id DESC`

/**
 * A page of plans, newest first: the total, the plans, their readable actions, and an outline of these. The page ends
 * before a plan that would pass `bytesPerSlice`. If `pageBytes` is more than `most`, the plans have no descriptions,
 * and only the outline has rows.
 */
export function planPage(
  database: Database,
  filter: ActionFilter,
  scope: ReadScope,
  slice: Slice,
  most: number,
) {
  const filtered = isFiltering(filter)
  const { total, page } = filtered
    ? matchingPlans(database, filter, scope, slice)
    : readablePlans(database, scope, slice, most)
  const shown = sql`WITH shown AS MATERIALIZED (SELECT id, content_bytes FROM (SELECT id, content_bytes,
      sum(content_bytes) OVER (ORDER BY ${NEWEST} ROWS UNBOUNDED PRECEDING) AS so_far FROM (${page}))
    WHERE so_far = content_bytes OR so_far <= ${LIMITS.bytesPerSlice.most})`
  const pageBytes = sql<number>`(SELECT total(content_bytes) FROM shown)`
  const isLight = sql`${pageBytes} <= ${most}`
  const selection = {
    ...PLAN,
    description: sql<string>`CASE WHEN ${isLight} THEN ${plans.description} ELSE '' END`,
    pageBytes,
  }
  return [
    total,
    selectRaw(
      database,
      selection,
      (columns) => sql`${shown} SELECT ${columns} FROM ${plans} WHERE ${plans.id} IN (SELECT id FROM shown)
        ORDER BY ${plans.createdAt} DESC, ${plans.id} DESC`,
    ),
    ...actionsOrOutline(
      database,
      shown,
      isLight,
      allOf([
        sql`${actions.planId} IN (SELECT id FROM shown)`,
        filtered ? isMatching(filter, scope, true) : isReadable(scope),
      ]),
    ),
  ] as const
}

/** An upper bound for the weight of a plan without its actions, in bytes. */
const PLAN_ITSELF = 22_000

/** All readable plans: a total kept by triggers, and two indexed streams merged newest first. */
function readablePlans(database: Database, scope: ReadScope, { from, limit }: Slice, most: number) {
  const stream = (audience: string) =>
    sql`SELECT ${plans.id} AS id, ${plans.createdAt} AS created_at, ${plans.contentBytes} AS content_bytes
      FROM ${plans} WHERE ${eq(plans.companyId, scope.companyId)} AND ${eq(plans.audience, audience)}`
  return {
    total: readableTotal(database, scope, readableTotals.plans),
    // If all plans of the page together are light, their whole weight counts. Otherwise only readable actions count, so
    // that the end of a slice reveals nothing about hidden ones.
    page: sql`SELECT id, created_at, CASE
        WHEN sum(content_bytes) OVER () <= ${most} THEN content_bytes
        ELSE ${PLAN_ITSELF} + (SELECT total(${actions.contentBytes}) FROM ${actions}
          WHERE ${actions.planId} = newest.id AND ${isReadable(scope)}) END AS content_bytes
      FROM (${stream(EVERY_MANAGER)} UNION ALL ${stream(scope.userId)}
        ORDER BY ${NEWEST} LIMIT ${limit} OFFSET ${from}) newest`,
  }
}

/** Readable plans with at least one readable action that meets every filter; only those actions count as weight. */
function matchingPlans(database: Database, filter: ActionFilter, scope: ReadScope, { from, limit }: Slice) {
  const found = and(planIsReadableBy(scope.userId), isMatching(filter, scope))
  return {
    total: database
      .select({ total: sql<number>`count(DISTINCT ${actions.planId})` })
      .from(actions)
      .innerJoin(plans, eq(plans.id, actions.planId))
      .where(found),
    page: sql`SELECT ${plans.id} AS id, ${plans.createdAt} AS created_at,
        ${PLAN_ITSELF} + sum(${actions.contentBytes}) AS content_bytes
      FROM ${actions} JOIN ${plans} ON ${eq(plans.id, actions.planId)} WHERE ${found}
      GROUP BY ${plans.id} ORDER BY ${plans.createdAt} DESC, ${plans.id} DESC LIMIT ${limit} OFFSET ${from}`,
  }
}

/**
 * Holds while the plan itself is unchanged and has room for `grownBy` more bytes. With `shown` (as loaded), also while
 * nothing else has changed that the plan's entity tag is made of.
 */
export function isStillPossible(
  plan: StoredPlan,
  grownBy: number,
  shown: readonly ShownRevision[] | null,
  scope: ReadScope,
): SQL {
  const room = grownBy > 0 ? [sql`${plans.contentBytes} + ${grownBy} <= ${LIMITS.bytesPerPlan.most}`] : []
  const own = [eq(plans.id, plan.id), eq(plans.rowVersion, plan.rowVersion), ...room]
  return allOf([
    sql`EXISTS (SELECT 1 FROM ${plans} WHERE ${allOf(own)})`,
    ...(shown ? [isShownAs(plan, shown, scope)] : []),
  ])
}

function isShownAs(plan: StoredPlan, shown: readonly ShownRevision[], scope: ReadScope): SQL {
  const each = eachOf(shown)
  // CROSS JOIN has SQLite take the list first and look each action up; the other way round is quadratic.
  const unchanged = sql`${each.rows} CROSS JOIN ${actions} ON ${actions.id} = ${each.member('id')}
    AND ${actions.treeRevision} = ${each.member('treeRevision')}
    AND +${actions.planId} = ${plan.id} AND +${actions.companyId} = ${plan.companyId} AND ${isReadable(scope)}`
  return sql`(SELECT ${plans.actionCount} = ${plan.actionCount} AND ${COMPLETED_COUNT} = ${plan.completedCount}
      FROM ${plans} WHERE ${eq(plans.id, plan.id)})
    AND (SELECT count(*) FROM ${actions} WHERE ${isShown(plan.id, scope)}) = ${shown.length}
    AND (SELECT count(*) FROM ${unchanged}) = ${shown.length}`
}

export function insertPlan(database: Database, plan: StoredPlan): Statement {
  return database.insert(plans).values(plan)
}

/** Updates a stored plan from `before` to `after`; writes only columns that changed. */
export function updatePlan(database: Database, before: StoredPlan, after: StoredPlan): Statement {
  const grownBy = after.contentBytes - before.contentBytes
  return database
    .update(plans)
    .set({
      ...changedMembers(before, after),
      contentBytes: sql`${plans.contentBytes} + ${grownBy}`,
      rowVersion: sql`${plans.rowVersion} + 1`,
    })
    .where(and(eq(plans.id, after.id), eq(plans.companyId, after.companyId)))
}

/** Deletes the plan; foreign keys delete its actions and everything that belongs to them. */
export function deletePlan(database: Database, { id, companyId }: StoredPlan): Statement {
  return database.delete(plans).where(and(eq(plans.id, id), eq(plans.companyId, companyId)))
}
