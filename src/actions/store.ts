/** Reads actions. Each is one row that holds its assignees, focus items and hierarchies as JSON. */
import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { allOf, isOneOf, onlyIf, prepared, type RowOf, select, selectRaw } from '../db/rows.ts'
import { actions, plans } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { ReadScope } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { isFiltering, isReadable } from './filter.ts'
import { LISTS } from './lists-store.ts'
import type { Reader } from './reader-lists-store.ts'
import { type ActionListFilter, everything, matchingActions, type Search } from './search-store.ts'

// Columns that follow from the assignees and the clock are not read but computed (lifecycle.ts).
const {
  status: _status,
  startedAt: _startedAt,
  finishedAt: _finishedAt,
  expiresAt: _expiresAt,
  facets: _facets,
  focusBits: _focusBits,
  audience: _audience,
  titleFolded: _titleFolded,
  descriptionFolded: _descriptionFolded,
  importer: _importer,
  externalId: _externalId,
  ...OWN_COLUMNS
} = getTableColumns(actions)

/** The members of the plan that decide on rights to the action, and the weights that its limits need. */
const PLAN_OF_ACTION = {
  visibility: plans.visibility,
  createdBy: plans.createdBy,
  contentBytes: plans.contentBytes,
  noteBytes: plans.noteBytes,
}

export const ACTION = { ...OWN_COLUMNS, ...LISTS, plan: PLAN_OF_ACTION }

export type PlanOfAction = RowOf<typeof PLAN_OF_ACTION>
export type StoredAction = RowOf<typeof ACTION>

export const OUTLINE = {
  id: actions.id,
  createdAt: actions.createdAt,
  planId: actions.planId,
  treeRevision: actions.treeRevision,
  contentBytes: actions.contentBytes,
}

/** An action that is to be read later in a portion; its revision shows whether it has changed until then. */
export type OutlinedAction = RowOf<typeof OUTLINE>

export function outlineOf({
  id,
  createdAt,
  planId,
  treeRevision,
  contentBytes,
}: StoredAction): OutlinedAction {
  return { id, createdAt, planId, treeRevision, contentBytes }
}

/** The actions that meet a condition on `actions` and `plans`, oldest first. */
export function actionsWhere(database: Database, condition: SQL) {
  return select(database, ACTION)
    .from(actions)
    .innerJoin(plans, eq(plans.id, actions.planId))
    .where(condition)
    .orderBy(actions.createdAt, actions.id)
}

/** The action with that id in the company; no row if there is none. */
export function actionById(database: Database, companyId: string, actionId: string) {
  return actionsWhere(database, allOf([eq(actions.id, actionId), eq(actions.companyId, companyId)]))
}

/** The outline of actions that meet a condition on `actions`, oldest first. */
export function outlineWhere(database: Database, condition: SQL) {
  return select(database, OUTLINE).from(actions).where(condition).orderBy(actions.createdAt, actions.id)
}

/** The outlined actions that may still be read. */
export function outlinedActions(database: Database, scope: ReadScope, outline: readonly OutlinedAction[]) {
  const ids = outline.map(({ id }) => id)
  return actionsWhere(
    database,
    allOf([isOneOf(actions.id, ids), sql`+${actions.companyId} = ${scope.companyId}`, isReadable(scope)]),
  )
}

/** Whether the action is light enough to come whole; otherwise it comes without its longest members. */
const IS_WHOLE = sql`${actions.contentBytes} <= list.most`

const PAGED_ACTION = {
  total: sql<number>`list.total`,
  /** Whether there is an action in this row; an empty page is one row without. */
  isThere: sql<boolean>`${actions.id} IS NOT NULL`.mapWith(Boolean),
  isWhole: sql<boolean>`${IS_WHOLE}`.mapWith(Boolean),
  action: {
    ...ACTION,
    description: onlyIf(IS_WHOLE, actions.description, sql`''`),
    assignees: onlyIf(IS_WHOLE, LISTS.assignees, sql`'[]'`),
    focusItems: onlyIf(IS_WHOLE, LISTS.focusItems, sql`'[]'`),
    hierarchyIds: onlyIf(IS_WHOLE, LISTS.hierarchyIds, sql`'[]'`),
  },
}

/**
 * The total and a page of readable actions, newest first, in one statement, so that they are searched for once. Of an
 * action that weighs more than `most` bytes, only the members of its outline are good.
 */
export function actionPage(
  database: Database,
  filter: ActionListFilter,
  scope: ReadScope,
  slice: Slice,
  most: number,
) {
  const { companyId, userId } = scope
  if (!isFiltering(filter)) return everyPage(database, { companyId, userId, ...slice, most })
  const search = matchingActions(filter, scope)
  return selectRaw(database, PAGED_ACTION, (columns) => pageQuery(columns, search, slice, most))
}

const everyPage = prepared(
  ['companyId', 'userId', 'from', 'limit', 'most'],
  () => PAGED_ACTION,
  ({ companyId, userId, from, limit, most }: Reader & Slice & { most: number }, columns) =>
    pageQuery(columns, everything({ companyId, userId }), { from, limit }, most),
)

// No part is kept in a table of its own: for ten actions, making such tables took SQLite half of the time.
function pageQuery(columns: SQL, { named, total, page }: Search, slice: Slice, most: number): SQL {
  const parts = named.length === 0 ? sql`` : sql`WITH ${sql.join([...named], sql`, `)}`
  return sql`${parts} SELECT ${columns} FROM (SELECT ${total} AS total, ${most} AS most) AS list
      LEFT JOIN (${page(slice)}) AS page ON true
      LEFT JOIN ${actions} ON ${actions.id} = page.id LEFT JOIN ${plans} ON ${eq(plans.id, actions.planId)}
    ORDER BY page.created_at DESC, page.id DESC`
}
