/** Reads actions. Each is one row that holds its assignees, focus items and hierarchies as JSON. */
import { count, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { EVERY_MANAGER } from '../access/store.ts'
import { allOf, isOneOf, type RowOf, select, selectRaw } from '../db/rows.ts'
import { actionReaders, actions, plans, readableTotals } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { ReadScope } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { type ActionFilter, isFiltering, isMatching, isReadable } from './filter.ts'
import { LISTS } from './lists-store.ts'

// Columns that follow from the assignees and the clock are not read but computed (lifecycle.ts).
const {
  status: _status,
  startedAt: _startedAt,
  finishedAt: _finishedAt,
  expiresAt: _expiresAt,
  titleFolded: _titleFolded,
  descriptionFolded: _descriptionFolded,
  ...OWN_COLUMNS
} = getTableColumns(actions)

/** The members of the plan that decide on rights to the action, and the weights that its limits need. */
const PLAN_OF_ACTION = {
  visibility: plans.visibility,
  createdBy: plans.createdBy,
  contentBytes: plans.contentBytes,
  noteBytes: plans.noteBytes,
}

const ACTION = { ...OWN_COLUMNS, ...LISTS, plan: PLAN_OF_ACTION }

export type PlanOfAction = RowOf<typeof PLAN_OF_ACTION>
export type StoredAction = RowOf<typeof ACTION>

const OUTLINE = {
  id: actions.id,
  planId: actions.planId,
  treeRevision: actions.treeRevision,
  contentBytes: actions.contentBytes,
}

/** An action that is to be read later in a portion; its revision shows whether it has changed until then. */
export type OutlinedAction = RowOf<typeof OUTLINE>

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

/**
 * Two statements: the actions, which have rows if `light` holds, and their outline, which has rows if it does not.
 * @param named a WITH clause that `light` and `condition` refer to
 */
export function actionsOrOutline(
  database: Database,
  named: SQL,
  light: SQL,
  condition: SQL,
  order: SQL = sql`${actions.createdAt}, ${actions.id}`,
) {
  return [
    selectRaw(
      database,
      ACTION,
      (
        columns,
      ) => sql`${named} SELECT ${columns} FROM ${actions} JOIN ${plans} ON ${eq(plans.id, actions.planId)}
        WHERE ${condition} AND ${light} ORDER BY ${order}`,
    ),
    selectRaw(
      database,
      OUTLINE,
      (columns) => sql`${named} SELECT ${columns} FROM ${actions}
        WHERE ${condition} AND NOT ${light} ORDER BY ${order}`,
    ),
  ] as const
}

export type ActionListFilter = ActionFilter & { planId?: string | undefined }

const NEWEST = sql`${actions.createdAt} DESC, ${actions.id} DESC`

/**
 * The total and a page of readable actions, newest first. If the page weighs more than `most` bytes, it comes as an
 * outline.
 */
export function actionPage(
  database: Database,
  filter: ActionListFilter,
  scope: ReadScope,
  slice: Slice,
  most: number,
) {
  const onPage = sql`${actions.id} IN (SELECT id FROM page)`
  const page = (ids: SQL) =>
    actionsOrOutline(
      database,
      sql`WITH page (id) AS MATERIALIZED (${ids})`,
      sql`(SELECT total(${actions.contentBytes}) FROM ${actions} WHERE ${onPage}) <= ${most}`,
      onPage,
      NEWEST,
    )
  const { planId, ...filters } = filter
  if (planId === undefined && !isFiltering(filters)) {
    return [
      readableTotal(database, scope, readableTotals.actions),
      ...page(newestReadable(scope, slice)),
    ] as const
  }
  const found = allOf([
    ...(planId === undefined ? [] : [eq(actions.planId, planId)]),
    isMatching(filters, scope, planId !== undefined),
  ])
  return [
    database.select({ total: count() }).from(actions).where(found),
    ...page(sql`SELECT ${actions.id} FROM ${actions} WHERE ${found}
      ORDER BY ${NEWEST} LIMIT ${slice.limit} OFFSET ${slice.from}`),
  ] as const
}

/** Number of plans or actions that the user may read, from the totals that triggers keep. */
export function readableTotal(
  database: Database,
  { companyId, userId }: ReadScope,
  column: typeof readableTotals.plans | typeof readableTotals.actions,
) {
  return database
    .select({ total: sql<number>`coalesce(sum(${column}), 0)` })
    .from(readableTotals)
    .where(
      allOf([
        eq(readableTotals.companyId, companyId),
        sql`${readableTotals.reader} IN (${EVERY_MANAGER}, ${userId})`,
      ]),
    )
}

/**
 * Ids of a page of readable actions: one indexed stream of what all managers may read and one of what only this user
 * may, merged newest first.
 */
function newestReadable({ companyId, userId }: ReadScope, { from, limit }: Slice): SQL {
  const stream = (reader: string) =>
    sql`SELECT ${actionReaders.actionId} AS id, ${actionReaders.createdAt} AS created_at FROM ${actionReaders}
      WHERE ${eq(actionReaders.companyId, companyId)} AND ${eq(actionReaders.reader, reader)}`
  return sql`SELECT id FROM (${stream(EVERY_MANAGER)} UNION ALL ${stream(userId)}
    ORDER BY created_at DESC, id DESC LIMIT ${limit} OFFSET ${from})`
}
