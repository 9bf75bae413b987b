declare namespace Cloudflare {
  interface Env {
    TEST_MIGRATIONS: import('cloudflare:test').D1Migration[]
    /** `long` for the full suites of `npm run faults`, else `short`. */
    TEST_LENGTH: string
    /** The name of the database that the tests' companies are in. */
    TEST_HOME: string
    /** The database that stands for a read replica. */
    REPLICA: D1Database
  }
  interface GlobalProps {
    mainModule: typeof import('../src/index.ts')
  }
}

// Names that the pool's types expect and @cloudflare/workers-types 5 no longer has.
interface FetcherScheduledOptions {
  scheduledTime?: Date
  cron?: string
}

interface ServiceBindingQueueMessage<Body> {
  id: string
  timestamp: Date
  attempts: number
  body: Body
}

interface FetcherQueueResult {
  outcome: string
  ackAll: boolean
  explicitAcks: string[]
  retryBatch: { retry: boolean; delaySeconds?: number }
  retryMessages: { msgId: string; delaySeconds?: number }[]
}

/** A file's text, by Vite. */
declare module '*?raw' {
  const text: string
  export default text
}
