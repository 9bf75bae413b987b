/** The company's areas in D1. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { companies, hierarchies } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS, ROW_BYTES } from '../platform/limits.ts'
import { byteLengthOf } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'
import type { HierarchyRow } from './tree.ts'

const COLUMNS = sql.raw('id, name, parent_id, revision, created_at')

/** How many areas there are and what they weigh. */
export function treeSize(database: Database, companyId: string) {
  return database
    .select({ areaCount: companies.areaCount, areaBytes: companies.areaBytes })
    .from(companies)
    .where(eq(companies.id, companyId))
}

/** All areas; none if they weigh more than `most` bytes. */
export function companyTree(database: Database, companyId: string, most: number) {
  return database.all<HierarchyRow>(
    sql`SELECT ${COLUMNS} FROM hierarchies WHERE company_id = ${companyId}
        AND (SELECT area_bytes FROM companies WHERE id = ${companyId}) <= ${most}`,
  )
}

/** Holds while the company may have another area. */
export function hasRoomForArea(companyId: string): SQL {
  return sql`(SELECT area_count FROM companies WHERE id = ${companyId}) < ${LIMITS.areasPerCompany.most}`
}

/** Bytes that an area adds to what the company keeps. */
export function areaBytes({ name }: Pick<HierarchyRow, 'name'>): number {
  return ROW_BYTES + byteLengthOf(name)
}

export function hierarchyById(database: Database, companyId: string, id: string | null) {
  return database.all<HierarchyRow & { children: number }>(sql`
    SELECT ${COLUMNS}, (SELECT count(*) FROM hierarchies c WHERE c.parent_id = h.id) AS children
    FROM hierarchies h WHERE id = ${id} AND company_id = ${companyId}`)
}

/** `id` and all above it: found among the new parent's, a move would close a circle. */
function lineage(id: string): SQL {
  return sql`WITH RECURSIVE up (id) AS (SELECT ${id} UNION
    SELECT h.parent_id FROM hierarchies h JOIN up ON h.id = up.id WHERE h.parent_id IS NOT NULL)`
}

export function isInside(database: Database, id: string, ancestorId: string) {
  return database.all<{ found: number }>(
    sql`${lineage(id)} SELECT 1 AS found FROM up WHERE id = ${ancestorId}`,
  )
}

export function insertHierarchy(database: Database, companyId: string, row: HierarchyRow): Statement {
  const { id, name, parent_id: parentId, created_at: createdAt } = row
  return database
    .insert(hierarchies)
    .values({ id, companyId, name, parentId, createdAt, updatedAt: createdAt })
}

export function updateHierarchy(database: Database, row: HierarchyRow, now: number): Statement {
  return database
    .update(hierarchies)
    .set({
      name: row.name,
      parentId: row.parent_id,
      updatedAt: now,
      revision: sql`${hierarchies.revision} + 1`,
    })
    .where(eq(hierarchies.id, row.id))
}

export function deleteHierarchy(database: Database, { id }: HierarchyRow): Statement {
  return database.delete(hierarchies).where(eq(hierarchies.id, id))
}

/** Holds while nobody has written the area or put another in or out of it. */
export function hierarchyIsUnchanged({ id, revision }: HierarchyRow): SQL {
  return sql`EXISTS (SELECT 1 FROM hierarchies WHERE id = ${id} AND revision = ${revision})`
}

/** Holds while the area, as it was loaded, does not lie above its new parent. */
export function mayMove(row: HierarchyRow, parentId: string | null): SQL {
  if (parentId === null) return hierarchyIsUnchanged(row)
  return sql`${hierarchyIsUnchanged(row)} AND NOT EXISTS (${lineage(parentId)} SELECT 1 FROM up WHERE id = ${row.id})`
}
