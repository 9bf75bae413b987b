/** Which of the bound databases a company's data lives in. Pure. */
import * as z from '@zod/mini'

/** The name of a D1 binding: `DB`, `DB_2`, …. */
export type DatabaseName = 'DB' | `DB_${number}`

/** The database that also has the directory; what says nothing of its database is about this one. */
export const DIRECTORY = 'DB'

export interface Place {
  companyId: string
  database: DatabaseName
}

export function isDatabaseName(text: string): text is DatabaseName {
  return /^DB(_([2-9]|[1-9]\d{1,2}))?$/.test(text)
}

/** The member of a session record or a message that names the database. */
export const databaseName = () =>
  z._default(
    z.custom<DatabaseName>((value) => typeof value === 'string' && isDatabaseName(value)),
    DIRECTORY,
  )
