/** Mails that are owed, in D1: rows with the time at which the sweep sends the mail again, null once it is settled. */
import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { type Selection, selectRaw } from '../db/rows.ts'
import type { Database } from '../platform/database.ts'
import { RESEND_AFTER_MILLISECONDS } from './owed-mail.ts'

const MAILS_PER_SWEEP = 100

interface Limits {
  /** Condition on a row of the table: its mail is still of use. */
  isSendable?: SQL
  /** How many are taken at most. */
  most?: number
}

/**
 * Takes mails that are overdue, because a crash may have lost the message, the longest overdue first. Each is taken by one
 * sweep only.
 */
export function takeOverdueMails<S extends Selection>(
  database: Database,
  table: SQLiteTable & Record<'id' | 'mailDueAt', SQLiteColumn>,
  returned: S,
  now: number,
  { isSendable = sql`1`, most = MAILS_PER_SWEEP }: Limits = {},
) {
  const { id, mailDueAt } = table
  const dueAt = sql.identifier(mailDueAt.name)
  // IS NOT NULL is the condition of partial indexes.
  const overdue = sql`SELECT ${id} FROM ${table} WHERE ${dueAt} IS NOT NULL AND ${mailDueAt} <= ${now}
    AND ${isSendable} ORDER BY ${mailDueAt} LIMIT ${most}`
  return selectRaw(
    database,
    returned,
    (columns) => sql`UPDATE ${table} SET ${dueAt} = ${now + RESEND_AFTER_MILLISECONDS}
      WHERE ${id} IN (${overdue}) RETURNING ${columns}`,
  )
}
