/** Databases in memory as the stores of the operator's commands: with the migrations, or with what a file holds. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'
import type { Query, Row, Stores } from '../../scripts/company/stores.ts'
import type { DatabaseName } from '../../src/platform/place.ts'

export const bytesOf = (text: string) => new TextEncoder().encode(text).length

/** D1's own limits; its API documents texts as the only parameters. */
export const QUERY = z.strictObject({
  sql: z.string().refine((text) => bytesOf(text) <= 100_000),
  params: z.array(z.string().refine((text) => bytesOf(text) <= 2_000_000)).max(100),
})

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

/** What a call of `execute` meets: it is not carried out, or carried out without an answer. */
export type Cut = 'before' | 'after' | null

export class Killed extends Error {}

export interface MemoryStores extends Stores {
  of(name: DatabaseName): DatabaseSync
  /** Number of calls so far, and what each is to meet. */
  calls: number
  cut: (call: number, at: DatabaseName, queries: readonly Query[]) => Cut
  close(): void
}

/** @param databases by name; null for an empty one */
export function memoryStores(databases: Partial<Record<DatabaseName, DatabaseSync | null>>): MemoryStores {
  const opened = new Map(
    Object.entries(databases).map(([name, database]) => [name as DatabaseName, database ?? empty()]),
  )
  const stores: MemoryStores = {
    databases: [...opened.keys()],
    calls: 0,
    cut: () => null,
    of(name) {
      const database = opened.get(name)
      if (!database) throw new Error(`No database ${name}`)
      return database
    },
    execute(queries, at) {
      stores.calls += 1
      const cut = stores.cut(stores.calls, at, queries)
      return Promise.resolve().then(() => {
        for (const query of queries) QUERY.parse(query)
        if (cut === 'before') throw new Killed()
        const results = runBatch(stores.of(at), queries)
        if (cut === 'after') throw new Killed()
        return results
      })
    },
    deleteTokens: () => Promise.resolve(),
    deleteFiles: () => Promise.resolve(),
    close() {
      for (const database of opened.values()) database.close()
    },
  }
  return stores
}

/** With the migrations. */
export function empty(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  const files = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'))
  for (const file of files.sort())
    database.exec(readFileSync(join(MIGRATIONS, file), 'utf8').replaceAll('--> statement-breakpoint', ''))
  return database
}

/** A copy in memory. */
export function copyOf(database: DatabaseSync): DatabaseSync {
  const copy = new DatabaseSync(':memory:')
  const bytes = database.serialize()
  // SQLite's header says 2 of a database with a write-ahead log, which one in memory cannot have, and 1 of others.
  bytes.fill(1, 18, 20)
  copy.deserialize(bytes)
  return copy
}

/** All of it or nothing, like a batch of D1. */
export function runBatch(database: DatabaseSync, batch: readonly Query[]): Row[][] {
  database.exec('BEGIN')
  try {
    const results = batch.map(({ sql, params }) => {
      // To SQLite a numbered parameter is one with a name.
      const values = Object.fromEntries(params.map((value, index) => [`?${index + 1}`, value]))
      return database.prepare(sql).all(values)
    })
    database.exec('COMMIT')
    // No column has a bigint or bytes.
    return results as Row[][]
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
