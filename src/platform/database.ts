/**
 * How to reach D1: the database of a company, the directory, and all databases. Today they are one database. Each is
 * opened as drizzle over a client that counts the calls and rows of a request.
 */
import type { SQL } from 'drizzle-orm'
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'

/** What one request or job step used; the log line shows it. */
export interface Meter {
  d1Calls: number
  rowsRead: number
  rowsWritten: number
  kvReads: number
}

export function newMeter(): Meter {
  return { d1Calls: 0, rowsRead: 0, rowsWritten: 0, kvReads: 0 }
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
  const metered = {
    prepare: (query: string) => d1.prepare(query),
    async batch<T>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
      meter.d1Calls += 1
      const results = await d1.batch<T>(statements)
      for (const result of results) {
        meter.rowsRead += result.meta.rows_read
        meter.rowsWritten += result.meta.rows_written
      }
      return results
    },
  }
  // drizzle uses only these two members of a D1Database.
  const database = drizzle(metered as unknown as D1Database)
  const all = database.all.bind(database)
  const run = database.run.bind(database)
  database.all = <Row>(query: SQL | string) => bindable(d1, all<Row>(query))
  database.run = (query) => bindable(d1, run(query))
  return database
}

/**
 * In a batch, drizzle 0.45 binds parameters through the member `stmt`, which its builders have and raw statements lack;
 * without it, a raw statement with parameters fails in a batch.
 */
function bindable<Raw extends { getQuery(): { sql: string } }>(d1: D1Database, raw: Raw): Raw {
  return Object.assign(raw, { stmt: d1.prepare(raw.getQuery().sql) })
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
