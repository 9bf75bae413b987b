/** Where `npm run company -- import` reads and writes: the local database through its binding, a deployed one through wrangler. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/d1'
import { READ_ROW } from '../../src/db/rows.ts'
import { type Database, databaseOf, newMeter } from '../../src/platform/database.ts'
import type { Statement } from '../../src/platform/write.ts'
import { withLocalBindings } from '../local/bindings.ts'
import { runWrangler } from '../local/wrangler.ts'
import { literal } from './sql.ts'

export interface Target {
  /** Builds statements. */
  database: Database
  /** About how many characters a value may have. */
  pieces: number
  /** How many actions make a batch. */
  batch: number
  /** The rows of each statement. */
  read: (statements: readonly Statement[]) => Promise<unknown[]>
  /** Carries out all statements in one atomic step; throws if one fails. */
  write: (statements: readonly Statement[]) => Promise<void>
}

/** The local database, while no worker writes much: both wait for each other. */
export async function withLocalTarget<T>(stateDir: string, work: (target: Target) => Promise<T>): Promise<T> {
  return withLocalBindings(stateDir, ({ env }) => {
    const database = databaseOf(env, '', newMeter())
    const run = async ([first, ...rest]: readonly Statement[]): Promise<unknown[]> =>
      first ? database.batch([first, ...rest]) : []
    const write = async (statements: readonly Statement[]) => {
      await run(statements)
    }
    return work({ database, pieces: 400_000, batch: 1000, read: run, write })
  })
}

/** D1 takes statements of 100 KB, and a command line has 128 KB. */
const LONGEST_COMMAND = 90_000

/**
 * A database that wrangler reaches. Statements go as text, since it passes no parameters: what is read on the command line,
 * what is written as a file, which D1 carries out whole or not at all.
 * @param place options that say where it is
 */
export function wranglerTarget(place: readonly string[]): Target {
  const execute = (options: readonly string[]) =>
    runWrangler(['d1', 'execute', 'DB', '--yes', '--json', ...place, ...options])
  return {
    // Builds statements only: drizzle prepares each, and nobody runs one.
    database: drizzle({ prepare: () => ({}) } as unknown as D1Database),
    pieces: 15_000,
    batch: 2000,
    async read(statements) {
      const results: unknown[] = []
      for (const group of groupsOf(statements)) {
        const output = await execute(['--command', group.map(({ text }) => text).join(';\n')])
        const rows = (JSON.parse(output) as { results: unknown[] }[]).map(({ results: found }) => found)
        results.push(...group.map(({ read }, index) => (rows[index] ?? []).map(read)))
      }
      return results
    },
    async write(statements) {
      const folder = await mkdtemp(join(tmpdir(), 'import-'))
      try {
        const file = join(folder, 'batch.sql')
        await writeFile(file, statements.map((statement) => `${textOf(statement).text};\n`).join(''))
        await execute(['--file', file])
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  }
}

interface Text {
  text: string
  read: (row: unknown) => unknown
}

/** A statement with its values in it. */
function textOf(statement: Statement): Text {
  // What every statement of drizzle has, and what `select` of db/rows.ts adds.
  const query = statement as unknown as {
    _prepare(): { getQuery(): { sql: string; params: unknown[] } }
    [READ_ROW]?: (row: unknown) => unknown
  }
  const { sql, params } = query._prepare().getQuery()
  let place = 0
  const text = sql.replaceAll('?', () => valueText(params[(place += 1) - 1]))
  return { text, read: query[READ_ROW] ?? ((row) => row) }
}

/** A value as SQLite writes it. */
function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number' || typeof value === 'boolean') return String(Number(value))
  if (typeof value !== 'string') throw new Error('No statement has such a value')
  return literal(value)
}

function groupsOf(statements: readonly Statement[]): Text[][] {
  const groups: Text[][] = []
  let size = Infinity
  for (const text of statements.map(textOf)) {
    size += text.text.length
    if (size > LONGEST_COMMAND) {
      groups.push([])
      size = text.text.length
    }
    groups.at(-1)?.push(text)
  }
  return groups
}
