import { type SQL, sql } from 'drizzle-orm'
import { secondsOf } from './new-id.ts'

/** `newId` as an expression, for rows that a query makes: another id for each row. */
export function newRowId(now: number): SQL<string> {
  return sql`${secondsOf(now)} || lower(hex(randomblob(8)))`
}
