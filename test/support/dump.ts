/** All that D1 and KV hold, for tests that compare it before and after. */
import { home } from './home.ts'

export type Dump = Record<string, string[]>

/** Every row of every table as JSON, but for the tables in `except` and the guards of writes, which hold no data. */
export async function dumpDatabase(except: readonly string[] = []): Promise<Dump> {
  const { results } = await home
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'
       AND name NOT IN ('d1_migrations', 'write_guards')`,
    )
    .all<{ name: string }>()
  const tables = results.map(({ name }) => name).filter((name) => !except.includes(name))
  // The names come from the schema itself.
  const answers = await home.batch(tables.map((name) => home.prepare(`SELECT * FROM "${name}"`)))
  return Object.fromEntries(
    tables.map((name, index) => [
      name,
      (answers[index]?.results ?? []).map((row) => JSON.stringify(row)).sort(),
    ]),
  )
}

/** Every key of a KV namespace with its value. */
export async function dumpKeys(kv: KVNamespace): Promise<Record<string, string>> {
  const { keys } = await kv.list()
  const entries = await Promise.all(keys.map(async ({ name }) => [name, (await kv.get(name)) ?? ''] as const))
  return Object.fromEntries(entries)
}
