/** The worker's own D1 and KV on a state folder, for scripts that run while no worker does. */
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import { join } from 'node:path'
import { migrate } from './migrations.ts'
import { WRANGLER_CONFIG } from './wrangler.ts'

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
  sessions: KVNamespace
  sessionTtlSeconds: number
}

/** Opens the bindings, brings the database up to date, runs the work, and closes them again whatever happens. */
export async function withLocalBindings<T>(
  stateDir: string,
  work: (bindings: LocalBindings) => Promise<T>,
): Promise<T> {
  // Imported late: it takes a second that `--help` and wrong options need not wait for.
  const { getPlatformProxy } = await import('wrangler')
  const proxy = await getPlatformProxy<Bindings>({
    configPath: WRANGLER_CONFIG,
    envFiles: ['/dev/null'],
    persist: { path: join(stateDir, 'v3') },
    remoteBindings: false,
  })
  try {
    const { DB, FILES, SESSIONS, SESSION_TTL_SECONDS } = proxy.env
    await migrate(DB)
    return await work({
      database: drizzle(DB),
      env: { DB, FILES },
      sessions: SESSIONS,
      sessionTtlSeconds: Number(SESSION_TTL_SECONDS),
    })
  } finally {
    await proxy.dispose()
  }
}
