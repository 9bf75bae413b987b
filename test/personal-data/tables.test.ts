import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, it } from 'vitest'
import * as schema from '../../src/db/schema.ts'

/** Tables whose rows the answer shows. */
const SHOWN = [
  'users',
  'sessions',
  'access_keys',
  'sign_in_codes',
  'plans',
  'actions',
  'action_assignees',
  'notes',
  'calendars',
  'exports',
  'history',
  'link_mails',
  'reminders',
  'webhooks',
]

it('every table that refers to a user is in the answer about that user', () => {
  const tables = Object.values(schema).filter((value) => is(value, SQLiteTable))
  const refersToUser = (table: SQLiteTable) =>
    getTableConfig(table).foreignKeys.some((key) => key.reference().foreignTable === schema.users)
  const named = tables.filter(refersToUser).map((table) => getTableConfig(table).name)
  expect(['users', ...named].sort()).toEqual([...SHOWN].sort())
})
