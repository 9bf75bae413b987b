/** Reads and writes plans. */
import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { ACTION_READERS, EVERY_MANAGER, planIsReadableBy } from '../access/store.ts'
import { facetMask } from '../actions/facets.ts'
import { type ActionFilter, isFiltering, isMeeting, isReadable } from '../actions/filter.ts'
import type { Reader } from '../actions/reader-lists-store.ts'
import { doubtfulPlans, foundActions } from '../actions/search-store.ts'
import { ACTION, actionsWhere, OUTLINE, outlineWhere } from '../actions/store.ts'
import {
  allOf,
  changedMembers,
  eachOf,
  isOneOf,
  jsonRows,
  onlyIf,
  prepared,
  type RowOf,
  select,
  selectRaw,
} from '../db/rows.ts'
import { actions, plans, readableTotals } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { entriesFrom, type EntrySet } from '../platform/history-store.ts'
import { LIMITS } from '../platform/limits.ts'
import type { ReadScope } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'

const {
  audience: _audience,
  facets: _facets,
  noteCount: _noteCount,
  noteBytes: _noteBytes,
  storedBytes: _storedBytes,
  importer: _importer,
  externalId: _externalId,
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

/** Where the plans of a list come from, as parts of a query. */
interface PlanSearch {
  /** Common table expressions that the other parts refer to. */
  named: readonly SQL[]
  /** Number of plans, as an expression. */
  total: SQL
  /** A query of the columns `id` and `created_at`: the page of them, newest first. */
  page: SQL
}

/** Whether the page is light enough to be read at once. */
const IS_LIGHT = sql`(SELECT is_light FROM weight)`

const WHOLE_PLAN = {
  total: sql<number>`(SELECT total FROM counted)`,
  pageBytes: sql<number>`(SELECT bytes FROM weight)`,
  /** Whether there is a plan in this row; an empty page is one row without. */
  isThere: sql<boolean>`${plans.id} IS NOT NULL`.mapWith(Boolean),
  plan: PLAN,
}

const PAGED_PLAN = {
  ...WHOLE_PLAN,
  plan: { ...PLAN, description: onlyIf(IS_LIGHT, plans.description, sql`''`) },
}

/** @param isShown condition on the actions of a plan */
function pagedPlan(isShown: SQL) {
  const ofPlan = sql`FROM ${actions} WHERE ${eq(actions.planId, plans.id)} AND ${isShown}`
  return {
    ...PAGED_PLAN,
    actions: onlyIf(IS_LIGHT, jsonRows(actions.createdAt, ACTION, ofPlan), sql`'[]'`),
    outline: onlyIf(sql`NOT ${IS_LIGHT}`, jsonRows(actions.createdAt, OUTLINE, ofPlan), sql`'[]'`),
  }
}

/**
 * The total and a page of plans with their readable actions, newest first, in one statement, so that they are searched
 * for once. The page ends before a plan that would pass `bytesPerSlice`. If `pageBytes` is more than `most`, a plan has
 * an outline of its actions instead of its description and its actions.
 */
export function planPage(
  database: Database,
  filter: ActionFilter,
  scope: ReadScope,
  slice: Slice,
  most: number,
) {
  const { companyId, userId } = scope
  if (!isFiltering(filter)) return everyPage(database, { companyId, userId, ...slice, most })
  const isShown = allOf([isReadable(scope), isMeeting(filter, scope)])
  // Only the actions that are shown count, so that the end of a slice reveals nothing about hidden ones.
  const bytes = shownBytes(isShown)
  return selectRaw(database, pagedPlan(isShown), (columns) =>
    pageQuery(columns, matchingPlans(filter, scope, slice), bytes, most),
  )
}

const everyPage = prepared(
  ['companyId', 'userId', 'from', 'limit', 'most'],
  (reader: Reader & Slice & { most: number }) => pagedPlan(isReadable(reader)),
  ({ companyId, userId, from, limit, most }, columns) => {
    const reader = { companyId, userId }
    // If all plans of the page together are light, their whole weight counts.
    const bytes = sql`CASE WHEN sum(${plans.contentBytes}) OVER () <= ${most} THEN ${plans.contentBytes}
      ELSE ${shownBytes(isReadable(reader))} END`
    return pageQuery(columns, readablePlans(reader, { from, limit }), bytes, most)
  },
)

/** Weight of a plan of the page and of its actions that are shown, as an expression. */
function shownBytes(isShown: SQL): SQL {
  return sql`${PLAN_ITSELF} + (SELECT total(${actions.contentBytes}) FROM ${actions}
    WHERE ${actions.planId} = page.id AND ${isShown})`
}

/**
 * The page that `planPage` gives in parts if it is heavy, whole: the plans, and the actions of all of them, oldest first.
 * The actions are rows here, since D1 takes no JSON of many megabytes.
 */
export function wholePlanPage(database: Database, filter: ActionFilter, scope: ReadScope, slice: Slice) {
  const isShown = allOf([isReadable(scope), isMeeting(filter, scope)])
  const search = isFiltering(filter) ? matchingPlans(filter, scope, slice) : readablePlans(scope, slice)
  const parts = pageParts(search, shownBytes(isShown), 0)
  return [
    selectRaw(database, WHOLE_PLAN, (columns) => sql`${parts} SELECT ${columns} ${PAGE_ROWS}`),
    selectRaw(
      database,
      ACTION,
      (
        columns,
      ) => sql`${parts} SELECT ${columns} FROM shown CROSS JOIN ${actions} ON ${actions.planId} = shown.id
          JOIN ${plans} ON ${plans.id} = shown.id
        WHERE ${isShown} ORDER BY ${actions.createdAt}, ${actions.id}`,
    ),
  ] as const
}

function pageQuery(columns: SQL, search: PlanSearch, bytes: SQL, most: number): SQL {
  return sql`${pageParts(search, bytes, most)} SELECT ${columns} ${PAGE_ROWS}`
}

const PAGE_ROWS = sql`FROM counted LEFT JOIN shown ON true LEFT JOIN ${plans} ON ${plans.id} = shown.id
  ORDER BY ${plans.createdAt} DESC, ${plans.id} DESC`

/** The WITH clause of a page. */
function pageParts({ named, total, page }: PlanSearch, bytes: SQL, most: number): SQL {
  const parts = [
    ...named,
    sql`page (id, created_at) AS MATERIALIZED (${page})`,
    sql`weighed (id, created_at, bytes) AS MATERIALIZED (SELECT page.id, page.created_at, ${bytes}
      FROM page CROSS JOIN ${plans} ON ${plans.id} = page.id)`,
    sql`shown (id, bytes) AS MATERIALIZED (SELECT id, bytes FROM (SELECT id, bytes,
        sum(bytes) OVER (ORDER BY ${NEWEST} ROWS UNBOUNDED PRECEDING) AS so_far FROM weighed)
      WHERE so_far = bytes OR so_far <= ${LIMITS.bytesPerSlice.most})`,
    sql`weight (bytes, is_light) AS MATERIALIZED (SELECT total(bytes), total(bytes) <= ${most} FROM shown)`,
    sql`counted (total) AS MATERIALIZED (SELECT ${total})`,
  ]
  return sql`WITH ${sql.join(parts, sql`, `)}`
}

/** An upper bound for the weight of a plan without its actions, in bytes. */
const PLAN_ITSELF = 22_000

/** Conditions on `plans` for what each audience of the user may read, newest first by index. */
function audiences({ companyId, userId }: Reader): readonly SQL[] {
  return [EVERY_MANAGER, userId].map((audience) =>
    allOf([eq(plans.companyId, companyId), eq(plans.audience, audience)]),
  )
}

const PLAN_ROW = sql`${plans.id} AS id, ${plans.createdAt} AS created_at`

/** Plans of the two audiences that meet a condition, merged newest first. */
function walkedPlans(scope: Reader, condition: SQL, { from, limit }: Slice): SQL {
  const arms = audiences(scope).map(
    (ofAudience) => sql`SELECT ${PLAN_ROW} FROM ${plans} WHERE ${ofAudience} AND ${condition}`,
  )
  return sql`SELECT id, created_at FROM (${sql.join(arms, sql` UNION ALL `)}
    ORDER BY ${NEWEST} LIMIT ${limit} OFFSET ${from})`
}

/** The number of readable plans, kept by triggers. */
export function readablePlanTotal({ companyId, userId }: Reader): SQL<number> {
  return sql`(SELECT coalesce(sum(${readableTotals.plans}), 0) FROM ${readableTotals}
    WHERE ${eq(readableTotals.companyId, companyId)} AND ${readableTotals.reader} IN (${EVERY_MANAGER}, ${userId}))`
}

/** The number of readable plans in the column `plan_id` of `source`, a table of actions that were found. */
export function readablePlansAmong(source: SQL, { userId }: Reader): SQL<number> {
  return sql`(SELECT count(*) FROM (SELECT DISTINCT plan_id FROM ${source}) AS owner
    CROSS JOIN ${plans} ON ${plans.id} = owner.plan_id WHERE ${planIsReadableBy(userId)})`
}

/** All readable plans: a total kept by triggers, and two indexed streams. */
function readablePlans(scope: Reader, slice: Slice): PlanSearch {
  return {
    named: [],
    total: readablePlanTotal(scope),
    page: walkedPlans(scope, sql`true`, slice),
  }
}

/** Readable plans with at least one readable action that meets every filter. */
function matchingPlans(filter: ActionFilter, scope: ReadScope, slice: Slice): PlanSearch {
  const found = foundActions(filter, scope)
  return found === null ? plansByFacets(filter, scope, slice) : plansOf(found, scope, slice)
}

/** The plans of actions that have been found. */
function plansOf(found: readonly SQL[], scope: ReadScope, { from, limit }: Slice): PlanSearch {
  return {
    named: [
      ...found,
      sql`matched (id, created_at) AS MATERIALIZED (SELECT ${PLAN_ROW}
        FROM (SELECT DISTINCT plan_id FROM found) AS owner CROSS JOIN ${plans} ON ${plans.id} = owner.plan_id
        WHERE ${planIsReadableBy(scope.userId)})`,
    ],
    total: sql`(SELECT count(*) FROM matched)`,
    page: sql`SELECT id, created_at FROM matched ORDER BY ${NEWEST} LIMIT ${limit} OFFSET ${from}`,
  }
}

/** By the facets that a plan keeps of its actions; where these do not tell, by its actions. */
function plansByFacets(filter: ActionFilter, scope: ReadScope, slice: Slice): PlanSearch {
  const isMatching = sql`CASE WHEN ${plans.id} IN (SELECT id FROM doubtful)
    THEN EXISTS (SELECT 1 FROM ${actions}
      WHERE ${allOf([eq(actions.planId, plans.id), isReadable(scope), isMeeting(filter, scope)])})
    ELSE ${plans.facets} & ${facetMask(filter)} END`
  const counts = audiences(scope).map(
    (ofAudience) => sql`(SELECT count(*) FROM ${plans} WHERE ${ofAudience} AND ${isMatching})`,
  )
  return {
    named: doubtfulPlans(filter, scope),
    total: sql`(${sql.join(counts, sql` + `)})`,
    page: walkedPlans(scope, isMatching, slice),
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

/** Entries of the actions that are deleted with the plan. */
export function deletedActions({ id, companyId }: StoredPlan): EntrySet {
  return entriesFrom(
    {
      companyId,
      type: 'action.deleted',
      planId: actions.planId,
      actionId: actions.id,
      title: actions.title,
      changes: sql`'{}'`,
      readers: ACTION_READERS,
      order: [actions.createdAt, actions.id],
    },
    sql`FROM ${actions} WHERE ${eq(actions.planId, id)} AND +${actions.companyId} = ${companyId}`,
  )
}

/** Deletes the plan; foreign keys delete its actions and everything that belongs to them. */
export function deletePlan(database: Database, { id, companyId }: StoredPlan): Statement {
  return database.delete(plans).where(and(eq(plans.id, id), eq(plans.companyId, companyId)))
}
