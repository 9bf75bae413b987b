/** Brings a local database up to date through its binding, which is quicker than a process of wrangler. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../migrations')

/** As wrangler makes it, so that either can go on from the other. */
const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`

/** Applies the migrations that the database has not seen, each in one atomic step. */
export async function migrate(database: D1Database): Promise<void> {
  const [, seen] = await database.batch<{ name: string }>(
    [TABLE, 'SELECT name FROM d1_migrations'].map((text) => database.prepare(text)),
  )
  const applied = new Set(seen?.results.map(({ name }) => name))
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql') && !applied.has(name)).sort()
  if (files.length === 0) return
  // Imported late: it takes a second that a database which is up to date need not wait for.
  const { unstable_splitSqlQuery } = await import('wrangler')
  for (const name of files) {
    const statements = unstable_splitSqlQuery(await readFile(join(FOLDER, name), 'utf8'))
    await database.batch([
      ...statements.map((text) => database.prepare(text)),
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ])
  }
}
