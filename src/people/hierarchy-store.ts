/** Reads and writes the company's hierarchies in D1. */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { changedMembers, isAtRevision, type RowOf, select, selectRaw } from '../db/rows.ts'
import { actionHierarchies, actions, companies, hierarchies } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { entriesFrom, type EntrySet } from '../platform/history-store.ts'
import { LIMITS, ROW_BYTES } from '../platform/limits.ts'
import { byteLengthOf } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'

const HIERARCHY = {
  id: hierarchies.id,
  companyId: hierarchies.companyId,
  parentId: hierarchies.parentId,
  name: hierarchies.name,
  revision: hierarchies.revision,
  createdAt: hierarchies.createdAt,
}

export type StoredHierarchy = RowOf<typeof HIERARCHY>

/** Number of hierarchies of the company, and their weight in bytes of JSON. */
export function treeSize(database: Database, companyId: string) {
  return database
    .select({ count: companies.hierarchyCount, bytes: companies.hierarchyBytes })
    .from(companies)
    .where(eq(companies.id, companyId))
}

/** All hierarchies of the company; no rows if they weigh more than `most` bytes. */
export function companyTree(database: Database, companyId: string, most: number) {
  const weight = sql`(SELECT ${companies.hierarchyBytes} FROM ${companies} WHERE ${eq(companies.id, companyId)})`
  return database
    .select(HIERARCHY)
    .from(hierarchies)
    .where(and(eq(hierarchies.companyId, companyId), sql`${weight} <= ${most}`))
}

/** Holds while the company may have one more hierarchy. */
export function hasRoomForHierarchy(companyId: string): SQL {
  return sql`(SELECT ${companies.hierarchyCount} FROM ${companies} WHERE ${eq(companies.id, companyId)})
    < ${LIMITS.areasPerCompany.most}`
}

/** Bytes that a hierarchy adds to the company's `stored_bytes`. */
export function hierarchyBytes({ name }: Pick<StoredHierarchy, 'name'>): number {
  return ROW_BYTES + byteLengthOf(name)
}

const child = alias(hierarchies, 'child')

/** The hierarchy with that id in the company, with the number of its direct children; no row if there is none. */
export function hierarchyById(database: Database, companyId: string, id: string | null) {
  const childCount = sql<number>`(SELECT count(*) FROM ${hierarchies} AS child WHERE ${eq(child.parentId, hierarchies.id)})`
  return select(database, { ...HIERARCHY, childCount })
    .from(hierarchies)
    .where(and(eq(hierarchies.id, id ?? ''), eq(hierarchies.companyId, companyId)))
}

/** A WITH clause `up`: `id` and all its ancestors. A hierarchy must not be among those of its new parent. */
function lineage(id: string): SQL {
  return sql`WITH RECURSIVE up (id) AS (SELECT ${id} UNION
    SELECT ${hierarchies.parentId} FROM ${hierarchies} JOIN up ON ${hierarchies.id} = up.id
      WHERE ${hierarchies.parentId} IS NOT NULL)`
}

/** A row if `id` equals `ancestorId` or lies inside it. */
export function findInside(database: Database, id: string, ancestorId: string) {
  return selectRaw(
    database,
    { id: sql<string>`up.id` },
    (columns) => sql`${lineage(id)} SELECT ${columns} FROM up WHERE up.id = ${ancestorId}`,
  )
}

export function insertHierarchy(database: Database, hierarchy: StoredHierarchy): Statement {
  return database.insert(hierarchies).values({ ...hierarchy, updatedAt: hierarchy.createdAt })
}

/** Updates a stored hierarchy from `before` to `after`; writes only columns that changed. */
export function updateHierarchy(
  database: Database,
  before: StoredHierarchy,
  after: StoredHierarchy,
  now: number,
): Statement {
  return database
    .update(hierarchies)
    .set({
      ...changedMembers(before, after),
      updatedAt: now,
      revision: sql`${hierarchies.revision} + 1`,
    })
    .where(eq(hierarchies.id, after.id))
}

/** Entries of the actions that lose a target with the hierarchy. */
export function lostTargets({ id, companyId }: StoredHierarchy): EntrySet {
  const targetsBut = (condition: SQL) =>
    sql`(SELECT json_group_array(target.hierarchy_id ORDER BY target.position) FROM ${actionHierarchies} AS target
      WHERE target.action_id = ${actions.id} AND ${condition})`
  return entriesFrom(
    {
      companyId,
      type: 'action.updated',
      planId: actions.planId,
      actionId: actions.id,
      title: actions.title,
      changes: sql`json_object('hierarchyIds', json_object('before', ${targetsBut(sql`true`)},
        'after', ${targetsBut(sql`target.hierarchy_id <> ${id}`)}))`,
      readers: sql`NULL`,
      order: [actions.createdAt, actions.id],
    },
    sql`FROM ${actionHierarchies} JOIN ${actions} ON ${eq(actions.id, actionHierarchies.actionId)}
      WHERE ${eq(actionHierarchies.hierarchyId, id)}`,
  )
}

export function deleteHierarchy(database: Database, { id }: StoredHierarchy): Statement {
  return database.delete(hierarchies).where(eq(hierarchies.id, id))
}

/** Holds while the hierarchy is unchanged, and no other has been moved into it or out of it. */
export function hierarchyIsUnchanged(hierarchy: StoredHierarchy): SQL {
  return isAtRevision(hierarchies, hierarchy)
}

/** Holds while the hierarchy is unchanged and is not an ancestor of its new parent. */
export function mayMove(hierarchy: StoredHierarchy, parentId: string | null): SQL {
  if (parentId === null) return hierarchyIsUnchanged(hierarchy)
  return sql`${hierarchyIsUnchanged(hierarchy)}
    AND NOT EXISTS (${lineage(parentId)} SELECT 1 FROM up WHERE up.id = ${hierarchy.id})`
}
