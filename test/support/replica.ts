/**
 * A read replica that lags: a second database, which has what the first had when it last caught up. Sessions choose between the
 * two as D1's do. Miniflare has sessions, and bookmarks that grow with each write, but no second copy.
 */
import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { HOME, home } from './home.ts'

type Copy = 'primary' | 'replica'
type Copied = Pick<D1Database, 'prepare' | 'batch'>

export interface Lagging {
  /** Bindings with which the worker has the replica. */
  vars: Partial<Env>
  /** Which copy carried out each batch, in order, with the SQL. */
  asked: { copy: Copy; sql: string[] }[]
  /** Whether the replica fails, whatever it is asked. */
  isDown: boolean
  /** Whether the replica waits for the state of a bookmark, in vain; otherwise the primary answers in its place. */
  isWaiting: boolean
  /** Copies to the replica what the primary has. */
  catchUp: () => Promise<void>
}

const replica = env.REPLICA

/** The form of D1's bookmarks. */
const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/

interface Held {
  sql: string
  values: unknown[]
}

const held = new WeakMap<D1PreparedStatement, Held>()

/** A statement for whichever copy its batch goes to. The worker does nothing with statements but bind and batch them. */
function prepare(sql: string, values: unknown[] = []): D1PreparedStatement {
  const bindable: Pick<D1PreparedStatement, 'bind'> = { bind: (...bound) => prepare(sql, bound) }
  const statement = bindable as D1PreparedStatement
  held.set(statement, { sql, values })
  return statement
}

function heldBy(statement: D1PreparedStatement): Held {
  const found = held.get(statement)
  if (!found) throw new Error('A statement of another database')
  return found
}

/** The replica has everything up to now. */
export async function laggingReplica(): Promise<Lagging> {
  await makeTables()
  let reached = ''
  const lagging: Lagging = {
    vars: { READ_REPLICAS: 'on' },
    asked: [],
    isDown: false,
    isWaiting: false,
    async catchUp() {
      reached = await copyRows()
    },
  }
  const runOn = async (copy: Copy, d1: Copied, statements: D1PreparedStatement[]) => {
    const texts = statements.map(heldBy)
    lagging.asked.push({ copy, sql: texts.map(({ sql }) => sql) })
    if (copy === 'replica' && lagging.isDown) throw new Error('D1_ERROR: Network connection lost.')
    const results = await d1.batch(texts.map(({ sql, values }) => d1.prepare(sql).bind(...values)))
    for (const { meta } of results) meta.served_by_primary = copy === 'primary'
    return results
  }
  const withSession = (start = 'first-unconstrained') => {
    let bookmark = start.startsWith('first-') ? null : start
    const batch = async (statements: D1PreparedStatement[]) => {
      if (bookmark !== null && !BOOKMARK.test(bookmark)) throw new Error('D1_ERROR: Invalid bookmark')
      // D1 has a replica wait until it is as far as the bookmark; here the primary answers instead.
      const isEnough = bookmark === null ? start === 'first-unconstrained' : bookmark <= reached
      const isRead = statements.map(heldBy).every(({ sql }) => /^\s*(SELECT|WITH)\b/i.test(sql))
      if (lagging.isWaiting && bookmark !== null && bookmark > reached) await new Promise(() => undefined)
      const session = home.withSession('first-primary')
      const results = await (isEnough && isRead
        ? runOn('replica', replica, statements)
        : runOn('primary', session, statements))
      const now = session.getBookmark() ?? reached
      if (bookmark === null || now > bookmark) bookmark = now
      return results
    }
    return { prepare, batch, getBookmark: () => bookmark }
  }
  const binding = {
    prepare,
    batch: (statements: D1PreparedStatement[]) => runOn('primary', home, statements),
    withSession,
  }
  Object.assign(lagging.vars, { [HOME]: binding })
  await lagging.catchUp()
  return lagging
}

/** The tables of the primary, without triggers: a replica copies what triggers did. */
async function makeTables(): Promise<void> {
  await applyD1Migrations(replica, env.TEST_MIGRATIONS)
  const { results } = await replica
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
    .all<{ name: string }>()
  if (results.length === 0) return
  await replica.batch(results.map(({ name }) => replica.prepare(`DROP TRIGGER "${name}"`)))
}

/** Replaces all rows of the replica; the bookmark of the state that they are. */
async function copyRows(): Promise<string> {
  const { results } = await replica
    .prepare(
      `SELECT tables.name AS "table", group_concat('"' || columns.name || '"', ', ') AS columns,
         group_concat('value ->> ''' || columns.name || '''', ', ') AS members
       FROM sqlite_schema AS tables JOIN pragma_table_xinfo(tables.name) AS columns
       WHERE tables.type = 'table' AND columns.hidden = 0 AND tables.sql NOT LIKE 'CREATE VIRTUAL%'
         AND tables.name NOT LIKE 'sqlite_%' AND tables.name NOT LIKE '_cf_%' AND tables.name NOT LIKE 'action_texts_%'
         AND tables.name <> 'd1_migrations'
       GROUP BY tables.name`,
    )
    .all<{ table: string; columns: string; members: string }>()
  const session = home.withSession('first-primary')
  const rows = await session.batch(
    results.map(({ table, columns }) => session.prepare(`SELECT ${columns} FROM "${table}"`)),
  )
  await replica.batch([
    replica.prepare('PRAGMA defer_foreign_keys = on'),
    ...results.map(({ table }) => replica.prepare(`DELETE FROM "${table}"`)),
    ...results.map(({ table, columns, members }, index) =>
      replica
        .prepare(`INSERT INTO "${table}" (${columns}) SELECT ${members} FROM json_each(?)`)
        .bind(JSON.stringify(rows[index]?.results ?? [])),
    ),
  ])
  return session.getBookmark() ?? ''
}
