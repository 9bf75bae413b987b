/** Reads and writes plans. */
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { type ActionFilter, isFiltering, type Look, matching, readable } from '../actions/filter.ts'
import { actionRows, outlineRows } from '../actions/store.ts'
import type { Visibility } from '../db/enums.ts'
import { exports, plans } from '../db/schema.ts'
import { dropUnfinished } from '../exports/store.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'

export interface StoredPlan {
  id: string
  companyId: string
  title: string
  description: string
  visibility: Visibility
  createdBy: string | null
  createdAt: number
  updatedAt: number
  version: number
  revision: number
  actionCount: number
  /** What it weighs with its actions. */
  contentBytes: number
  completedCount: number
}

export interface PlanRow {
  id: string
  company_id: string
  title: string
  description: string
  visibility: Visibility
  created_by: string | null
  created_at: number
  updated_at: number
  version: number
  revision: number
  action_count: number
  content_bytes: number
  completed_count: number
}

// Expiry turns no action COMPLETED, so the stored status tells.
function columns(description: SQL = sql`p.description`): SQL {
  return sql`p.id, p.company_id, p.title, ${description} AS description, p.visibility, p.created_by, p.created_at,
    p.updated_at, p.version, p.revision, p.action_count, p.content_bytes,
    (SELECT count(*) FROM actions c WHERE c.plan_id = p.id AND c.status = 'COMPLETED') AS completed_count`
}

export function toStoredPlan(row: PlanRow): StoredPlan {
  return {
    id: row.id,
    companyId: row.company_id,
    title: row.title,
    description: row.description,
    visibility: row.visibility,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
    revision: row.revision,
    actionCount: row.action_count,
    contentBytes: row.content_bytes,
    completedCount: row.completed_count,
  }
}

/** The plan of that id in the company, if any. */
export function planById(database: Database, companyId: string, planId: string) {
  return database.all<PlanRow>(
    sql`SELECT ${columns()} FROM plans p WHERE p.id = ${planId} AND p.company_id = ${companyId}`,
  )
}

/**
 * Those of a plan's actions that the looker may read, oldest first; as an outline if the plan weighs more than `most`
 * bytes.
 */
export function shownActions(database: Database, planId: string, look: Look, most: number) {
  const shown = sql`a.plan_id = ${planId} AND a.company_id = ${look.companyId} AND ${readable(look)}`
  const weight = sql`(SELECT content_bytes FROM plans WHERE id = ${planId})`
  return [
    actionRows(database, sql`${weight} <= ${most} AND ${shown}`),
    outlineRows(database, sql`${weight} > ${most} AND ${shown}`),
  ] as const
}

/** Plans as they are now, by id. */
export function plansById(database: Database, companyId: string, ids: readonly string[]) {
  return database.all<PlanRow>(
    sql`SELECT ${columns()} FROM plans p
        WHERE p.id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND +p.company_id = ${companyId}`,
  )
}

/**
 * What the entity tag of the plan is made of besides itself: the revisions of the actions that the looker sees. Read
 * only if `wanted`.
 */
export function shownRevisions(database: Database, planId: string, look: Look, wanted: boolean) {
  return database.all<{ id: string; revision: number; due_date: number | null }>(
    sql`SELECT a.id, a.revision, a.due_date FROM actions a
        WHERE ${Number(wanted)} AND a.plan_id = ${planId} AND a.company_id = ${look.companyId}
          AND ${readable(look)}
        ORDER BY a.created_at, a.id`,
  )
}

const NEWEST = sql`created_at DESC, id DESC`

/**
 * Statements for a page of plans, newest first: their number in all, the plans, and the actions to show in them. The
 * page ends early rather than weigh more than a slice may; if it weighs more than `most` bytes, its plans come without
 * their descriptions, and their actions as an outline (`page_bytes` tells).
 */
export function planPage(database: Database, filter: ActionFilter, look: Look, slice: Slice, most: number) {
  const filtered = isFiltering(filter)
  const { total, page } = filtered ? matchingPlans(filter, look, slice) : readablePlans(look, slice, most)
  const shown = sql`WITH shown AS MATERIALIZED (SELECT id, content_bytes FROM (SELECT id, content_bytes,
      sum(content_bytes) OVER (ORDER BY ${NEWEST} ROWS UNBOUNDED PRECEDING) AS so_far FROM (${page}))
    WHERE so_far = content_bytes OR so_far <= ${LIMITS.bytesPerSlice.most})`
  const pageBytes = sql`(SELECT total(content_bytes) FROM shown)`
  const wanted = filtered ? matching(filter, look, true) : readable(look)
  return [
    database.all<{ total: number }>(total),
    database.all<PlanRow & { page_bytes: number }>(
      sql`${shown} SELECT ${columns(sql`CASE WHEN ${pageBytes} <= ${most} THEN p.description ELSE '' END`)},
          ${pageBytes} AS page_bytes
        FROM plans p WHERE p.id IN (SELECT id FROM shown) ORDER BY p.created_at DESC, p.id DESC`,
    ),
    actionRows(database, sql`a.plan_id IN (SELECT id FROM shown) AND ${pageBytes} <= ${most} AND ${wanted}`, {
      with: shown,
    }),
    outlineRows(database, sql`a.plan_id IN (SELECT id FROM shown) AND ${pageBytes} > ${most} AND ${wanted}`, {
      with: shown,
    }),
  ] as const
}

/** Of a plan's own texts and members; more than any has. */
const PLAN_ITSELF = 22_000

/** All plans that the looker may read: a kept total, and two indexed streams merged newest first. */
function readablePlans(look: Look, { from, limit }: Slice, most: number): { total: SQL; page: SQL } {
  const { companyId, userId } = look
  const stream = (audience: string) =>
    sql`SELECT id, created_at, content_bytes FROM plans WHERE company_id = ${companyId} AND audience = ${audience}`
  return {
    total: sql`SELECT coalesce(sum(plans), 0) AS total FROM readable_totals
      WHERE company_id = ${companyId} AND reader IN ('*', ${userId})`,
    // Where all that is in them is little, it is reckoned; else what the looker sees alone, so that where a slice ends
    // tells nothing of the rest.
    page: sql`SELECT id, created_at, CASE
        WHEN sum(content_bytes) OVER () <= ${most} THEN content_bytes
        ELSE ${PLAN_ITSELF} + (SELECT total(a.content_bytes) FROM actions a
          WHERE a.plan_id = newest.id AND ${readable(look)}) END AS content_bytes
      FROM (${stream('*')} UNION ALL ${stream(userId)} ORDER BY ${NEWEST} LIMIT ${limit} OFFSET ${from}) newest`,
  }
}

/** Readable plans with at least one readable action that meets every filter; weighed by those actions alone. */
function matchingPlans(filter: ActionFilter, look: Look, { from, limit }: Slice): { total: SQL; page: SQL } {
  const found = sql`FROM actions a JOIN plans p ON p.id = a.plan_id
    WHERE p.audience IN ('*', ${look.userId}) AND ${matching(filter, look)}`
  return {
    total: sql`SELECT count(DISTINCT a.plan_id) AS total ${found}`,
    page: sql`SELECT p.id AS id, p.created_at AS created_at,
        ${PLAN_ITSELF} + sum(a.content_bytes) AS content_bytes
      ${found} GROUP BY p.id ORDER BY p.created_at DESC, p.id DESC LIMIT ${limit} OFFSET ${from}`,
  }
}

/**
 * Holds while nobody has written the plan itself and it may grow by so many bytes; with `exactly`, nor anything in it.
 */
export function planIsUnchanged(plan: StoredPlan, exactly: boolean, grownBy = 0): SQL {
  const own = exactly ? sql`revision = ${plan.revision}` : sql`version = ${plan.version}`
  const room = grownBy > 0 ? sql`content_bytes + ${grownBy} <= ${LIMITS.bytesPerPlan.most}` : sql`1`
  return sql`EXISTS (SELECT 1 FROM plans WHERE id = ${plan.id} AND ${own} AND ${room})`
}

export function insertPlan(database: Database, plan: StoredPlan): Statement[] {
  const { id, companyId, title, description, visibility, createdBy, contentBytes, createdAt, updatedAt } =
    plan
  return [
    database.insert(plans).values({
      id,
      companyId,
      title,
      description,
      visibility,
      createdBy,
      contentBytes,
      createdAt,
      updatedAt,
    }),
  ]
}

/** @param grownBy bytes, negative when its texts get shorter */
export function updatePlan(database: Database, plan: StoredPlan, grownBy: number): Statement[] {
  const { title, description, visibility, updatedAt } = plan
  return [
    database
      .update(plans)
      .set({
        title,
        description,
        visibility,
        updatedAt,
        contentBytes: sql`${plans.contentBytes} + ${grownBy}`,
        version: sql`${plans.version} + 1`,
        revision: sql`${plans.revision} + 1`,
      })
      .where(and(eq(plans.id, plan.id), eq(plans.companyId, plan.companyId))),
  ]
}

/** The plan goes with all that hangs on it; its exports that have no file yet end here, without a mail. */
export function deletePlan(database: Database, plan: StoredPlan, now: number): Statement[] {
  return [
    database
      .update(exports)
      .set({
        status: 'FAILED',
        failureCode: 'PLAN_DELETED',
        failureDetail: 'The plan was deleted before the export was made.',
        finishedAt: now,
        revision: sql`${exports.revision} + 1`,
      })
      .where(and(eq(exports.planId, plan.id), inArray(exports.status, ['QUEUED', 'BUILDING']))),
    ...dropUnfinished(database, sql`SELECT id FROM exports WHERE plan_id = ${plan.id}`),
    database.delete(plans).where(and(eq(plans.id, plan.id), eq(plans.companyId, plan.companyId))),
  ]
}
