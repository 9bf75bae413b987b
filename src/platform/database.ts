/**
 * How to reach D1: the database of a company, the directory, and all databases. Today they are one database. Each is
 * opened as drizzle over a client that counts the calls and rows of a request.
 */
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import { READ_ROW } from '../db/rows.ts'

/** What one request or job step used; the log line shows it. */
export interface Meter {
  d1Calls: number
  rowsRead: number
  rowsWritten: number
  /** Time that D1 spent on statements, as it reports it. */
  d1Milliseconds: number
  kvReads: number
}

export function newMeter(): Meter {
  return { d1Calls: 0, rowsRead: 0, rowsWritten: 0, d1Milliseconds: 0, kvReads: 0 }
}

/** Run every statement through `batch`, even a single one: only batches are counted. */
export type Database = DrizzleD1Database

interface DatabaseBindings {
  DB: D1Database
}

/** The database that stores a company. */
export function databaseOf(env: DatabaseBindings, _companyId: string, meter: Meter): Database {
  return open(env.DB, meter)
}

/** The database of e-mail addresses and sign-in codes, for requests whose company is not known yet. */
export function directoryOf(env: DatabaseBindings, meter: Meter): Database {
  return open(env.DB, meter)
}

/** All databases, for work that must be done in each of them. */
export function eachDatabase(env: DatabaseBindings, meter: Meter): readonly Database[] {
  return [open(env.DB, meter)]
}

function open(d1: D1Database, meter: Meter): Database {
  const database = drizzle(d1)
  const batch = async (queries: readonly Query[]): Promise<unknown[]> => {
    const prepared = queries.map((query) => query._prepare())
    meter.d1Calls += 1
    const results = await d1.batch(
      prepared.map((statement) => {
        const { sql, params } = numbered(statement.getQuery())
        return d1.prepare(sql).bind(...params)
      }),
    )
    for (const { meta } of results) {
      meter.rowsRead += meta.rows_read
      meter.rowsWritten += meta.rows_written
      meter.d1Milliseconds += meta.duration
    }
    return results.map((result, index) => {
      const read = queries[index]?.[READ_ROW]
      return read ? result.results.map(read) : prepared[index]?.mapResult(result, true)
    })
  }
  // The results have the places and types of the queries, as in drizzle's own `batch`, which cannot bind the parameters
  // of raw statements (drizzle 0.45) and maps rows slowly.
  return Object.assign(database, { batch: batch as unknown as Database['batch'] })
}

interface BuiltQuery {
  sql: string
  params: unknown[]
}

/**
 * The query with a numbered parameter for each different value: `?1`, `?2`, …. D1 takes at most 100 parameters, and the
 * id of a company or a user stands in a list's query at dozens of places. The SQL must have no question marks in texts.
 */
export function numbered({ sql, params }: BuiltQuery): BuiltQuery {
  const values = [...new Set(params)]
  const numbers = new Map(values.map((value, index) => [value, index + 1]))
  let place = 0
  const text = sql.replaceAll('?', () => {
    place += 1
    return `?${String(numbers.get(params[place - 1]))}`
  })
  if (place !== params.length)
    throw new Error(`${String(place)} places for ${String(params.length)} parameters`)
  return { sql: text, params: values }
}

/** What drizzle's own `batch` asks of a query. */
interface Query {
  _prepare(): {
    getQuery(): BuiltQuery
    mapResult(result: unknown, isFromBatch: boolean): unknown
  }
  [READ_ROW]?: (row: unknown) => unknown
}

export type Conflict = 'guard' | 'constraint' | null

/**
 * How a failed batch lost against another write: its guard did not hold, or it violated a unique or foreign key; null
 * for any other error.
 */
export function conflictIn(error: unknown): Conflict {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes('NOT NULL constraint failed: write_guards.')) return 'guard'
    if (/(UNIQUE|FOREIGN KEY) constraint failed/.test(cause.message)) return 'constraint'
  }
  return null
}
