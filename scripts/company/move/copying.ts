/**
 * Copies a company's rows into another database, and compares both. Rows that are there already are left as they are, so that a
 * copy which was cut off is simply begun anew. Triggers count at the target too; the numbers that they keep are set to those
 * of the source at the end.
 */
import { createHash } from 'node:crypto'
import type { Execute, Query } from '../stores.ts'
import { CREDENTIALS, type KeptNumbers, keptNumbers, type MovedTable, movedTables } from './tables.ts'
import { memberOf, type Reader, readerOf } from './walk.ts'

export interface Ends {
  companyId: string
  source: Execute
  target: Execute
  /** Come before each batch at the target; it fails with them. */
  guards: readonly Query[]
}

/** Told of the rows that were read. */
type Notice = (rows: number) => void

/**
 * Copies all rows, those by which callers are known last.
 * @throws Error when a batch fails: also when the move was undone meanwhile
 */
export async function copyCompany(ends: Ends, notice: Notice): Promise<void> {
  const tables = movedTables()
  const reader = readerOf(ends.source, tables, ends.companyId)
  const isCredential = ({ name }: MovedTable) => CREDENTIALS.includes(name)
  for (const table of tables) if (!isCredential(table)) await copyTable(ends, reader, table, notice)
  const kept = keptNumbers(tables)
  for (const numbers of kept) await keepNumbers(ends, reader, numbers)
  for (const table of tables) if (isCredential(table)) await copyTable(ends, reader, table, notice)
  // The company's own row, whose bytes a key adds to.
  for (const numbers of kept.slice(-1)) await keepNumbers(ends, reader, numbers)
}

async function copyTable(ends: Ends, reader: Reader, table: MovedTable, notice: Notice): Promise<void> {
  const { name, columns, key } = table
  const values = columns.map((_column, index) => memberOf(index))
  const sql = `INSERT INTO ${name} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM json_each(?1)
    WHERE 1 ON CONFLICT (${key.join(', ')}) DO NOTHING`
  for await (const lines of reader.portions(table, columns)) {
    await write(ends, sql, lines)
    notice(lines.length)
  }
}

async function keepNumbers(ends: Ends, reader: Reader, { table, columns }: KeptNumbers): Promise<void> {
  const { name, key } = table
  const all = [...key, ...columns]
  const isRow = key.map((column, index) => `${name}.${column} = ${memberOf(index)}`)
  const differs = columns.map((column, index) => `${name}.${column} IS NOT ${memberOf(key.length + index)}`)
  const sets = columns.map((column, index) => `${column} = ${memberOf(key.length + index)}`)
  const sql = `UPDATE ${name} SET ${sets.join(', ')} FROM json_each(?1)
    WHERE ${isRow.join(' AND ')} AND (${differs.join(' OR ')})`
  for await (const lines of reader.portions(table, all)) await write(ends, sql, lines)
}

async function write({ target, guards }: Ends, sql: string, lines: readonly string[]): Promise<void> {
  const statement: Query = { sql, params: [`[${lines.join(',')}]`] }
  await target([...guards, statement])
}

/** What there is of each table. The sum of the rows' hashes is that of their set, in whatever order they are read. */
interface Content {
  table: string
  rows: number
  checksum: string
}

/** Reads all of a company in one database. The same code for both ends, which then must agree. */
export async function contentOf(execute: Execute, companyId: string, notice: Notice): Promise<Content[]> {
  const tables = movedTables()
  const reader = readerOf(execute, tables, companyId)
  const contents: Content[] = []
  for (const table of tables) {
    let sum = 0n
    let rows = 0
    for await (const lines of reader.portions(table, table.columns)) {
      for (const line of lines) sum += hashOf(line)
      rows += lines.length
      notice(lines.length)
    }
    contents.push({ table: table.name, rows, checksum: (sum % HASHES).toString(16) })
  }
  return contents
}

const HASHES = 2n ** 256n

function hashOf(line: string): bigint {
  return BigInt(`0x${createHash('sha256').update(line).digest('hex')}`)
}

/** A sentence for each table in which the ends differ. */
export function differencesOf(source: readonly Content[], target: readonly Content[]): string[] {
  return source.flatMap(({ table, rows, checksum }) => {
    const other = target.find((each) => each.table === table)
    if (other?.rows !== rows)
      return [`${table} has ${rows} rows at the source, ${other?.rows ?? 0} at the target`]
    return other.checksum === checksum ? [] : [`${table} has other rows at the target than at the source`]
  })
}

/** Number of rows in each table that has any. */
export async function countRows(
  execute: Execute,
  companyId: string,
): Promise<{ table: string; rows: number }[]> {
  const tables = movedTables()
  const reader = readerOf(execute, tables, companyId)
  const counts: { table: string; rows: number }[] = []
  for (const table of tables) {
    const rows = await reader.count(table)
    if (rows > 0) counts.push({ table: table.name, rows })
  }
  return counts
}
