/**
 * The ways to D1: by company, the directory, and each database in turn. Today one database is all of them. What they
 * open is drizzle over a client that counts what a request costs.
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

/** Statements go through `batch` alone, one at a time too: only batches are counted. */
export type Database = DrizzleD1Database

interface DatabaseBindings {
  DB: D1Database
}

/** The database in which a company lives. */
export function databaseOf(env: DatabaseBindings, _companyId: string, meter: Meter): Database {
  return open(env.DB, meter)
}

/** The database that knows e-mail addresses and sign-in codes, which belong to no company yet. */
export function directoryOf(env: DatabaseBindings, meter: Meter): Database {
  return open(env.DB, meter)
}

/** Every database, for what is done to all of them in turn. */
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
  // drizzle uses these two members and nothing else of a D1Database.
  const database = drizzle(metered as unknown as D1Database)
  const all = database.all.bind(database)
  const run = database.run.bind(database)
  database.all = <Row>(query: SQL | string) => bindable(d1, all<Row>(query))
  database.run = (query) => bindable(d1, run(query))
  return database
}

/**
 * drizzle 0.45 binds a raw statement's parameters in a batch through a `stmt` that only its builders have;
 * without it every raw statement with parameters fails there.
 */
function bindable<Raw extends { getQuery(): { sql: string } }>(d1: D1Database, raw: Raw): Raw {
  return Object.assign(raw, { stmt: d1.prepare(raw.getQuery().sql) })
}

export type Conflict = 'guard' | 'constraint' | null

/** Whether a batch lost against another write: its guard did not hold, or a key was taken or a parent went away. */
export function conflictIn(error: unknown): Conflict {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes('NOT NULL constraint failed: write_guards.')) return 'guard'
    if (/(UNIQUE|FOREIGN KEY) constraint failed/.test(cause.message)) return 'constraint'
  }
  return null
}
