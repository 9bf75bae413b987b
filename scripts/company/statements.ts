/** Statements of drizzle's builder as queries that the stores carry out. */
import { READ_ROW } from '../../src/db/rows.ts'
import { type Database, directoryOf, newMeter } from '../../src/platform/database.ts'
import type { Statement } from '../../src/platform/write.ts'
import type { Execute, Query } from './stores.ts'

/** Builds statements only: drizzle prepares each, and nobody runs one. */
export const builder: Database = directoryOf({ DB: { prepare: () => ({}) } }, newMeter())

/** Carries out all statements in one atomic step; answers the rows of each, as `select` of db/rows.ts reads them. */
export async function run(execute: Execute, statements: readonly Statement[]): Promise<unknown[][]> {
  // Nothing may be sought, and D1 refuses a batch of nothing.
  if (statements.length === 0) return []
  const built = statements.map(builtOf)
  const results = await execute(built.map(queryOf))
  return results.map((rows, index) => rows.map(built[index]?.[READ_ROW] ?? ((row: unknown) => row)))
}

/** What every statement of drizzle has, and what `select` adds. */
interface Built {
  _prepare(): { getQuery(): { sql: string; params: unknown[] } }
  [READ_ROW]?: (row: unknown) => unknown
}

function builtOf(statement: Statement): Built {
  return statement as unknown as Built
}

/** Each different text becomes a parameter; other values stand in the SQL. */
function queryOf(statement: Built): Query {
  const { sql, params } = statement._prepare().getQuery()
  const texts = [...new Set(params.filter((value) => typeof value === 'string'))]
  const numbers = new Map(texts.map((text, index) => [text, index + 1]))
  let place = 0
  const text = sql.replaceAll('?', () => {
    const value = params[place]
    place += 1
    return typeof value === 'string' ? `?${String(numbers.get(value))}` : literal(value)
  })
  return { sql: text, params: texts }
}

/** A value that is no text, as SQLite writes it. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number' || typeof value === 'boolean') return String(Number(value))
  throw new Error('No statement has such a value')
}
