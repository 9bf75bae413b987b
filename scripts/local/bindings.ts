/** The worker's own D1 and KV on a state folder, for scripts that run while no worker does. */
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import { join } from 'node:path'
import { databaseNames } from '../../src/platform/database.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { configurationWith, furtherDatabases } from './databases.ts'
import { migrate } from './migrations.ts'

/** Of wrangler.toml, what is used here. */
interface Bindings extends Record<string, unknown> {
  DB: D1Database
  FILES: R2Bucket
  SESSIONS: KVNamespace
  SESSION_TTL_SECONDS: string
}

export interface LocalBindings {
  database: DrizzleD1Database
  /** The same database, and the bucket of exports, as the worker has them. */
  env: Pick<Bindings, 'DB' | 'FILES'>
  /** All databases by the names of their bindings. */
  databases: Readonly<Partial<Record<DatabaseName, D1Database>>>
  sessions: KVNamespace
  sessionTtlSeconds: number
}

/** Opens the bindings, brings each database up to date, runs the work, and closes them again whatever happens. */
export async function withLocalBindings<T>(
  stateDir: string,
  work: (bindings: LocalBindings) => Promise<T>,
): Promise<T> {
  // Imported late: it takes a second that `--help` and wrong options need not wait for.
  const { getPlatformProxy } = await import('wrangler')
  const proxy = await getPlatformProxy<Bindings>({
    configPath: await configurationWith(await furtherDatabases(process.env), stateDir),
    envFiles: ['/dev/null'],
    persist: { path: join(stateDir, 'v3') },
    remoteBindings: false,
  })
  try {
    const { DB, FILES, SESSIONS, SESSION_TTL_SECONDS } = proxy.env
    const databases: Partial<Record<DatabaseName, D1Database>> = {}
    for (const name of databaseNames(proxy.env)) {
      const database = proxy.env[name] as D1Database
      await migrate(database).catch((error: unknown) => {
        throw new Error(`The migrations of ${name} failed: ${String(error)}`, { cause: error })
      })
      databases[name] = database
    }
    return await work({
      databases,
      database: drizzle(DB),
      env: { DB, FILES },
      sessions: SESSIONS,
      sessionTtlSeconds: Number(SESSION_TTL_SECONDS),
    })
  } finally {
    await proxy.dispose()
  }
}
