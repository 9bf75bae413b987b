/** Reads actions: every row as one flat record with its assignees, focus items and areas as JSON. */
import { type SQL, sql } from 'drizzle-orm'
import type { ActionType, Origin, Visibility } from '../db/enums.ts'
import type { Database } from '../platform/database.ts'
import type { Slice } from '../platform/schemas.ts'
import { type ActionFilter, isFiltering, type Look, matching, readable } from './filter.ts'
import {
  type Assignee,
  type AssigneeItem,
  ASSIGNEES,
  FOCUS_ITEMS,
  type FocusItem,
  type FocusItemItem,
  HIERARCHY_IDS,
  type HierarchyItem,
  readAssignees,
  readFocusItems,
  readHierarchies,
} from './lists-store.ts'

/** What of its plan decides about an action, and how much there is in it. */
export interface PlanOfAction {
  visibility: Visibility
  createdBy: string | null
  contentBytes: number
  noteBytes: number
}

/** An action as stored, with what of its plan decides about it. */
export interface StoredAction {
  id: string
  companyId: string
  planId: string
  title: string
  description: string
  actionType: ActionType
  origin: Origin
  /** null follows the plan's. */
  visibility: Visibility | null
  plan: PlanOfAction
  focusItems: FocusItem[]
  hierarchyIds: string[]
  assignees: Assignee[]
  dueDate: number | null
  noteCount: number
  noteBytes: number
  /** What it weighs as stored. */
  contentBytes: number
  createdBy: string | null
  createdAt: number
  updatedAt: number
  version: number
  revision: number
}

export interface ActionRow {
  id: string
  company_id: string
  plan_id: string
  title: string
  description: string
  action_type: ActionType
  origin: Origin
  visibility: Visibility | null
  plan_visibility: Visibility
  plan_created_by: string | null
  plan_content_bytes: number
  plan_note_bytes: number
  due_date: number | null
  note_count: number
  note_bytes: number
  content_bytes: number
  created_by: string | null
  created_at: number
  updated_at: number
  version: number
  revision: number
  assignees: string
  focus_items: string
  hierarchies: string
}

// One row an action.
const COLUMNS = sql`
  a.id, a.company_id, a.plan_id, a.title, a.description, a.action_type, a.origin, a.visibility,
  p.visibility AS plan_visibility, p.created_by AS plan_created_by, p.content_bytes AS plan_content_bytes,
  p.note_bytes AS plan_note_bytes, a.due_date, a.note_count, a.note_bytes, a.content_bytes,
  a.created_by, a.created_at, a.updated_at, a.version, a.revision,
  ${ASSIGNEES} AS assignees, ${FOCUS_ITEMS} AS focus_items, ${HIERARCHY_IDS} AS hierarchies`

/** Of an action that is too much to be read with its like: enough to read it later as it was at this moment. */
export interface OutlinedAction {
  id: string
  plan_id: string
  revision: number
  content_bytes: number
}

/** Actions `a` as they are to be read later, in portions. */
export function outlineRows(
  database: Database,
  condition: SQL,
  { order = sql`a.created_at, a.id`, with: withClause = sql`` }: ActionRowsOptions = {},
) {
  return database.all<OutlinedAction>(
    sql`${withClause} SELECT a.id, a.plan_id, a.revision, a.content_bytes FROM actions a
        WHERE ${condition} ORDER BY ${order}`,
  )
}

/** Those of the actions that the looker may still read. */
export function outlinedActions(database: Database, look: Look, outline: readonly OutlinedAction[]) {
  const ids = JSON.stringify(outline.map(({ id }) => id))
  return actionRows(
    database,
    sql`a.id IN (SELECT value FROM json_each(${ids})) AND +a.company_id = ${look.companyId} AND ${readable(look)}`,
  )
}

interface ActionRowsOptions {
  order?: SQL
  /** A WITH clause that the condition refers to. */
  with?: SQL
}

/** Actions `a` of plans `p` that meet `condition`, oldest first unless told otherwise. */
export function actionRows(
  database: Database,
  condition: SQL,
  { order = sql`a.created_at, a.id`, with: withClause = sql`` }: ActionRowsOptions = {},
) {
  return database.all<ActionRow>(
    sql`${withClause} SELECT ${COLUMNS} FROM actions a JOIN plans p ON p.id = a.plan_id
        WHERE ${condition} ORDER BY ${order}`,
  )
}

/** The one action of that id in the company, if any. */
export function actionById(database: Database, companyId: string, actionId: string) {
  return actionRows(database, sql`a.id = ${actionId} AND a.company_id = ${companyId}`)
}

export function toStoredAction(row: ActionRow): StoredAction {
  return {
    id: row.id,
    companyId: row.company_id,
    planId: row.plan_id,
    title: row.title,
    description: row.description,
    actionType: row.action_type,
    origin: row.origin,
    visibility: row.visibility,
    plan: {
      visibility: row.plan_visibility,
      createdBy: row.plan_created_by,
      contentBytes: row.plan_content_bytes,
      noteBytes: row.plan_note_bytes,
    },
    // Written by lists-store.ts in these shapes.
    assignees: readAssignees(JSON.parse(row.assignees) as AssigneeItem[]),
    focusItems: readFocusItems(JSON.parse(row.focus_items) as FocusItemItem[]),
    hierarchyIds: readHierarchies(JSON.parse(row.hierarchies) as HierarchyItem[]),
    dueDate: row.due_date,
    noteCount: row.note_count,
    noteBytes: row.note_bytes,
    contentBytes: row.content_bytes,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
    revision: row.revision,
  }
}

export function firstAction(rows: readonly ActionRow[]): StoredAction | undefined {
  return rows[0] && toStoredAction(rows[0])
}

export type ActionListFilter = ActionFilter & { planId?: string | undefined }

/**
 * A page of readable actions, newest first, and how many there are in all. If they weigh more than `most` bytes, they
 * come as an outline.
 */
export function actionPage(
  database: Database,
  filter: ActionListFilter,
  look: Look,
  slice: Slice,
  most: number,
) {
  const newest = sql`a.created_at DESC, a.id DESC`
  const page = (ids: SQL) => {
    const options = { order: newest, with: sql`WITH page (id) AS MATERIALIZED (${ids})` }
    const onPage = sql`a.id IN (SELECT id FROM page)`
    const weight = sql`(SELECT total(content_bytes) FROM actions WHERE id IN (SELECT id FROM page))`
    return [
      actionRows(database, sql`${onPage} AND ${weight} <= ${most}`, options),
      outlineRows(database, sql`${onPage} AND ${weight} > ${most}`, options),
    ] as const
  }
  const { planId, ...filters } = filter
  if (planId === undefined && !isFiltering(filters)) {
    return [keptTotal(database, look), ...page(newestReadable(look, slice))] as const
  }
  const ofPlan = planId === undefined ? sql`1` : sql`a.plan_id = ${planId}`
  const found = sql`FROM actions a WHERE ${ofPlan} AND ${matching(filters, look, planId !== undefined)}`
  return [
    database.all<{ total: number }>(sql`SELECT count(*) AS total ${found}`),
    ...page(sql`SELECT a.id ${found} ORDER BY ${newest} LIMIT ${slice.limit} OFFSET ${slice.from}`),
  ] as const
}

function keptTotal(database: Database, { companyId, userId }: Look) {
  return database.all<{ total: number }>(
    sql`SELECT coalesce(sum(actions), 0) AS total FROM readable_totals
        WHERE company_id = ${companyId} AND reader IN ('*', ${userId})`,
  )
}

/** Ids of a page: what all managers see and what only this one does, two indexed streams merged newest first. */
function newestReadable({ companyId, userId }: Look, { from, limit }: Slice): SQL {
  const stream = (reader: string) =>
    sql`SELECT action_id, created_at FROM action_readers WHERE company_id = ${companyId} AND reader = ${reader}`
  return sql`SELECT action_id FROM (${stream('*')} UNION ALL ${stream(userId)}
    ORDER BY created_at DESC, action_id DESC LIMIT ${limit} OFFSET ${from})`
}
