/**
 * What scripts meet of the Workers runtime when they import from src/. No more than that: all of its types
 * together would shadow those of Node.
 */
import type * as Workers from '@cloudflare/workers-types'

declare global {
  /** No script has the worker's bindings as they are. */
  interface Env {
    DB: D1Database
    WEBHOOKS: Workers.Queue
  }
  const scheduler: { wait(milliseconds: number, options?: { signal?: AbortSignal }): Promise<void> }
  type D1Database = Workers.D1Database
  type D1DatabaseSession = Workers.D1DatabaseSession
  type D1PreparedStatement = Workers.D1PreparedStatement
  type D1Result<T = unknown> = Workers.D1Result<T>
  type Queue = Workers.Queue
  type R2Bucket = Workers.R2Bucket
  type KVNamespace = Workers.KVNamespace
}

declare module 'crypto' {
  namespace webcrypto {
    interface SubtleCrypto {
      timingSafeEqual: Workers.SubtleCrypto['timingSafeEqual']
    }
  }
}
