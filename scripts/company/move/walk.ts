/**
 * Reads the rows of a company in a database, table by table, in portions that fit into one parameter of D1. Rows stay JSON texts, as
 * SQLite writes and reads them, so that no number passes through JavaScript.
 */
import type { Execute, Query, Row } from '../stores.ts'
import { type MovedTable, tableNamed } from './tables.ts'

/** Bytes of a portion, unless a single row has more; D1 takes 2 MB in a parameter. */
const PORTION_BYTES = 1_000_000
const PORTION_ROWS = 1000
/** Rows of how many parents are asked for at once, at most; fewer where that is too much for a portion. */
const MOST_PARENTS = 1000
const FIRST_PARENTS = 32
/** Of areas, which are read by their own ids, so many are always one portion, so that none comes before the one it is in. */
const MOST_OWN = 200
/** D1 gives a function 32 arguments at most. */
const GROUP = 30

export interface Reader {
  /** Portions of rows, each row the JSON array of `columns` in groups (`memberOf`). */
  portions(table: MovedTable, columns: readonly string[]): AsyncGenerator<string[]>
  count(table: MovedTable): Promise<number>
}

/** Reads what the database has of the company. The ids of rows that others refer to are read once and kept. */
export function readerOf(execute: Execute, tables: readonly MovedTable[], companyId: string): Reader {
  const kept = new Map<string, Promise<readonly string[]>>()

  /** Ids of the table's rows in an order in which no row comes before one that it refers to. */
  const idsOf = (name: string): Promise<readonly string[]> => {
    const known = kept.get(name) ?? listIds(name)
    kept.set(name, known)
    return known
  }

  async function listIds(name: string): Promise<readonly string[]> {
    if (name === 'companies') return [companyId]
    if (name === 'hierarchies') {
      const [rows = []] = await execute([{ sql: TREE, params: [companyId] }])
      return rows.map(({ id }) => String(id))
    }
    const { through, parent } = tableNamed(tables, name)
    const parents = await idsOf(parent)
    const ids: string[] = []
    for (let start = 0; start < parents.length; start += IDS_OF_PARENTS) {
      const sql = `SELECT id FROM ${name} WHERE ${through} ${LISTED} ORDER BY id`
      const params = [JSON.stringify(parents.slice(start, start + IDS_OF_PARENTS))]
      const [rows = []] = await execute([{ sql, params }])
      for (const { id } of rows) ids.push(String(id))
    }
    return ids
  }

  return {
    async count({ name, through, parent }) {
      const parents = await idsOf(parent)
      let rows = 0
      for (let start = 0; start < parents.length; start += COUNTED_PARENTS) {
        const params = [JSON.stringify(parents.slice(start, start + COUNTED_PARENTS))]
        const sql = `SELECT count(*) AS rows FROM ${name} WHERE ${through} ${LISTED}`
        const [[found] = []] = await execute([{ sql, params }])
        rows += Number(found?.rows)
      }
      return rows
    },
    async *portions(table, columns) {
      const parents = await idsOf(table.parent)
      const most = table.parent === table.name ? MOST_OWN : MOST_PARENTS
      let atOnce = FIRST_PARENTS
      for (let start = 0; start < parents.length;) {
        const slice = JSON.stringify(parents.slice(start, start + atOnce))
        start += atOnce
        let isFirst = true
        for (let position: string | null = ''; position !== null; isFirst = false) {
          const [rows = []]: Row[][] = await execute([portionQuery(table, columns, slice, position)])
          if (rows.length > 0) yield rows.map(({ line }) => String(line))
          const last = rows.at(-1)
          const isCut =
            last !== undefined && (rows.length < Number(last.found) || last.found === PORTION_ROWS)
          position = isCut ? String(last.position) : null
          if (isFirst) atOnce = isCut ? Math.max(1, atOnce >> 1) : Math.min(most, atOnce * 2)
        }
      }
    },
  }
}

/** Plans have thousands of actions. */
const IDS_OF_PARENTS = 50
const COUNTED_PARENTS = 2000
const LISTED = 'IN (SELECT value FROM json_each(?1))'

/** Areas from the top down. */
const TREE = `WITH RECURSIVE tree (id, depth) AS (
    SELECT id, 0 FROM hierarchies WHERE company_id = ?1 AND parent_id IS NULL
    UNION ALL SELECT h.id, depth + 1 FROM tree JOIN hierarchies AS h ON h.parent_id = tree.id)
  SELECT id FROM tree ORDER BY depth, id`

/** @param position the key of the row before the portion, as a JSON array; '' to begin */
function portionQuery(
  { name, key, through }: MovedTable,
  columns: readonly string[],
  slice: string,
  position: string,
): Query {
  const keys = key.join(', ')
  const after = `(${keys}) > (${key.map((_column, index) => `?2 ->> ${index}`).join(', ')})`
  const sql = `SELECT position, line, found FROM (
    SELECT json_array(${keys}) AS position, line, count(*) OVER () AS found,
        length(CAST(line AS BLOB)) AS bytes, sum(length(CAST(line AS BLOB))) OVER (ORDER BY ${keys}) AS total
      FROM (SELECT ${keys}, ${lineOf(columns)} AS line FROM ${name}
        WHERE ${through} ${LISTED}${position === '' ? '' : ` AND ${after}`}
        ORDER BY ${keys} LIMIT ${PORTION_ROWS}))
    WHERE total <= ${PORTION_BYTES} OR total = bytes ORDER BY total`
  return { sql, params: position === '' ? [slice] : [slice, position] }
}

/** SQL of the row as a JSON array of arrays, which `memberOf` reads. */
function lineOf(columns: readonly string[]): string {
  const groups: string[] = []
  for (let start = 0; start < columns.length; start += GROUP)
    groups.push(`json_array(${columns.slice(start, start + GROUP).join(', ')})`)
  return `json_array(${groups.join(', ')})`
}

/** SQL of the column with that index in a row, where `value` is the row. */
export function memberOf(index: number): string {
  return `value ->> '$[${Math.floor(index / GROUP)}][${index % GROUP}]'`
}
