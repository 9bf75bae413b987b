/** How a person whose name was erased is named. */
import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Locale } from './enums.ts'

/** The name that stands in the place of the erased one. */
export const FORMER: Record<Locale, string> = { en: 'Former colleague', es: 'Antiguo compañero' }

// Literals, since what is selected into JSON binds no values.
const inSpanish = sql.raw(`'${FORMER.es}'`)
const inEnglish = sql.raw(`'${FORMER.en}'`)

/**
 * The name of somebody as a document shows it, which is all in one language; the API gives names in that of the company.
 * @param user the columns of `users`, or of an alias of it
 * @param locale the language of the document
 */
export function nameIn(
  { name, erasedAt }: { name: SQLiteColumn; erasedAt: SQLiteColumn },
  locale: SQLiteColumn,
): SQL<string> {
  return sql<string>`CASE WHEN ${erasedAt} IS NULL THEN ${name}
    WHEN ${locale} = 'es' THEN ${inSpanish} ELSE ${inEnglish} END`
}
