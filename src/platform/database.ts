/**
 * How to reach D1. A company's data lives in one of the databases that wrangler.toml binds: `DB`, `DB_2`, …; `DB` also has
 * the directory of all companies and e-mail addresses (directory/). Each is opened as drizzle over a client that counts the
 * calls and rows of a request.
 */
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import { READ_ROW } from '../db/rows.ts'
import { within } from './patience.ts'
import { DIRECTORY, type DatabaseName, isDatabaseName } from './place.ts'

/** What one request or job step used; the log line shows it. */
export interface Meter {
  /** The database that was opened first, if several are bound. */
  database?: DatabaseName
  d1Calls: number
  rowsRead: number
  rowsWritten: number
  /** Time that D1 spent on statements, as it reports it. */
  d1Milliseconds: number
  kvReads: number
}

/** Thrown if a database does not carry out a batch, for a reason that is not in its statements: it may work again soon. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable'
  /** The name of its binding. */
  readonly at: DatabaseName

  constructor(at: DatabaseName, cause: unknown) {
    super(`${at} did not carry out a batch`, { cause })
    this.at = at
  }
}

export function newMeter(): Meter {
  return { d1Calls: 0, rowsRead: 0, rowsWritten: 0, d1Milliseconds: 0, kvReads: 0 }
}

/**
 * Run every statement through `batch`, even a single one: only batches are counted. `batch` throws
 * DatabaseUnavailable.
 */
export type Database = DrizzleD1Database & {
  /** The name of its binding. */
  readonly at: DatabaseName
  /** Whether no other database is bound. */
  readonly isAlone: boolean
}

const names = new WeakMap<object, readonly DatabaseName[]>()

/** The databases that are bound, `DB` first. */
export function databaseNames(env: object): readonly DatabaseName[] {
  const known = names.get(env)
  if (known) return known
  const found = Object.keys(env).filter(isDatabaseName).sort(byNumber)
  names.set(env, found)
  return found
}

const byNumber = (one: string, other: string) => one.length - other.length || (one < other ? -1 : 1)

/** D1 ends a query after 30 seconds: a batch without an answer by then gets none. It may have been carried out all the same. */
const PATIENCE_MILLISECONDS = 35_000

/** What carries out a batch: a binding, which is the primary, or a session of one. */
export type Client = Pick<D1Database, 'prepare' | 'batch'>

/** How a database is reached where not by its binding alone. */
export interface Way {
  /** What carries out the next batch. */
  client: (d1: D1Database) => Client
  /** Told the results of each batch. */
  heard: (results: readonly D1Result[]) => void
}

const PLAINLY: Way = { client: (d1) => d1, heard: () => undefined }

/** The database that stores a company. */
export function databaseOf(
  env: object,
  { database }: { database: DatabaseName },
  meter: Meter,
  way: Way = PLAINLY,
): Database {
  const isAlone = databaseNames(env).length === 1
  if (!isAlone) meter.database ??= database
  return open(bindingOf(env, database), { at: database, isAlone }, meter, way)
}

/** The database with the directory and the sign-in codes, for requests whose company is not known yet. */
export function directoryOf(env: object, meter: Meter): Database {
  return databaseOf(env, { database: DIRECTORY }, meter)
}

/** All databases, for work that must be done in each of them. */
export function eachDatabase(env: object, meter: Meter): readonly Database[] {
  return databaseNames(env).map((database) => databaseOf(env, { database }, meter))
}

function bindingOf(env: object, name: DatabaseName): D1Database {
  const binding = (env as Partial<Record<DatabaseName, D1Database>>)[name]
  if (!binding) throw new Error(`No database is bound as ${name}`)
  return binding
}

function open(
  d1: D1Database,
  facts: Pick<Database, 'at' | 'isAlone'>,
  meter: Meter,
  { client, heard }: Way,
): Database {
  const database = drizzle(d1)
  const batch = async (queries: readonly Query[]): Promise<unknown[]> => {
    const prepared = queries.map((query) => query._prepare())
    meter.d1Calls += 1
    const by = client(d1)
    const statements = prepared.map((statement) => {
      const { sql, params } = numbered(statement.getQuery())
      return by.prepare(sql).bind(...params)
    })
    const late = () => new Error('It did not answer')
    const results = await within(PATIENCE_MILLISECONDS, by.batch(statements), late).catch(
      (error: unknown) => {
        throw isOfStatement(error) ? error : new DatabaseUnavailable(facts.at, error)
      },
    )
    for (const { meta } of results) {
      meter.rowsRead += meta.rows_read
      meter.rowsWritten += meta.rows_written
      meter.d1Milliseconds += meta.duration
    }
    heard(results)
    return results.map((result, index) => {
      const read = queries[index]?.[READ_ROW]
      return read ? result.results.map(read) : prepared[index]?.mapResult(result, true)
    })
  }
  // The results have the places and types of the queries, as in drizzle's own `batch`, which cannot bind the parameters
  // of raw statements (drizzle 0.45) and maps rows slowly.
  return Object.assign(database, { ...facts, batch: batch as unknown as Database['batch'] })
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

/** The result codes of SQLite that are about the state of the database, and not about what it was asked for. */
const OF_STATE = 'BUSY|LOCKED|FULL|IOERR|NOMEM|CORRUPT|NOTADB|READONLY|PROTOCOL|CANTOPEN|INTERRUPT'
const OF_STATEMENT = new RegExp(`SQLITE_(?!${OF_STATE})[A-Z]`)

/** Whether a batch failed because of what it asked for. D1 names the result code then. */
function isOfStatement(error: unknown): boolean {
  return error instanceof Error && OF_STATEMENT.test(error.message)
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
