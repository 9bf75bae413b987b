/** The tree of areas in depth-first order, as part of a query. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { hierarchies } from '../db/schema.ts'

const inner = alias(hierarchies, 'inner_area')

/**
 * Common table expressions for a WITH RECURSIVE, the last of which is `areas (rank, id, parent_id, name, level)`: all areas
 * of the company, depth first, siblings in the order of their creation; `rank` counts from 0.
 * @param company the id of the company, or an expression that may be NULL, in which case there are none
 */
export function areasInOrder(company: string | SQL): SQL[] {
  const { id, parentId, name, createdAt } = hierarchies
  return [
    // The queue of a recursion gives the deepest first: the areas inside the one that was taken last.
    sql`walk (id, parent_id, name, level, created_at) AS (
      SELECT ${id}, ${parentId}, ${name}, 0, ${createdAt} FROM ${hierarchies}
        WHERE ${hierarchies.companyId} = ${company} AND ${parentId} IS NULL
      UNION ALL SELECT ${inner.id}, ${inner.parentId}, ${inner.name}, walk.level + 1, ${inner.createdAt}
        FROM walk CROSS JOIN ${hierarchies} AS inner_area ON ${eq(inner.parentId, sql`walk.id`)}
      ORDER BY 4 DESC, 5, 1)`,
    sql`areas (rank, id, parent_id, name, level) AS MATERIALIZED (
      SELECT row_number() OVER () - 1, id, parent_id, name, level FROM walk)`,
  ]
}
