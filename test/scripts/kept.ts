/** All that is kept, and what of it is the demo company Globex's, to tell what a deletion leaves. */
import { expect } from 'vitest'

/** Rows as JSON, by table. */
export type Rows = Record<string, string[]>

/** All but the shadow tables of the text index, whose trigrams of deleted texts go when it merges its parts. */
const TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'
  AND name NOT IN ('d1_migrations', 'write_guards') AND name NOT LIKE 'action_texts_%'`

/** @param read answers the rows of a query */
export async function rowsIn(read: (sql: string) => Promise<object[]>): Promise<Rows> {
  const tables = (await read(TABLES)) as { name: string }[]
  const rows: Rows = {}
  for (const { name } of tables) {
    rows[name] = (await read(`SELECT * FROM "${name}"`)).map((row) => JSON.stringify(row)).sort()
  }
  return rows
}

/** The rows that name the company or anything that it owns. */
export function ofGlobex(rows: Rows): Rows {
  const companies = (rows.companies ?? []).map((row) => JSON.parse(row) as { id: string; name: string })
  const id = companies.find(({ name }) => name === 'Globex')?.id ?? expect.fail('Globex is there')
  const owned = Object.values(rows)
    .flat()
    .map((row) => JSON.parse(row) as { id?: string; company_id?: string })
    .filter(({ company_id }) => company_id === id)
    .flatMap((row) => row.id ?? [])
  const names = [id, ...owned]
  return Object.fromEntries(
    Object.entries(rows).map(([table, list]) => [
      table,
      list.filter((row) => names.some((name) => row.includes(name))),
    ]),
  )
}
