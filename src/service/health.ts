/** Checks whether D1, KV, R2 and the queue answer, at most once in 10 s, however many callers ask. */
import { within } from '../platform/patience.ts'
import { eachDatabase, type Meter } from '../platform/database.ts'

export type Part = 'd1' | 'kv' | 'r2' | 'queue'
export type Health = Record<Part, boolean> & {
  /** Which of the databases answer. */
  databases: Record<string, boolean>
}

const KEPT_MILLISECONDS = 10_000
const PATIENCE_MILLISECONDS = 3_000

// Requests may share the result of I/O but not the I/O itself, so only the result is kept.
let last: { at: number; health: Health } | null = null

export async function checkHealth(env: Env, meter: Meter, now: number): Promise<Health> {
  if (last && now - last.at < KEPT_MILLISECONDS && now >= last.at) return last.health
  meter.kvReads += 1
  const [databases, kv, r2] = await Promise.all([
    askEach(env, meter),
    answers(env.SESSIONS.get('health')),
    answers(env.FILES.head('health')),
  ])
  // By its type the queue is always bound; a deployment may lack it all the same.
  const d1 = Object.values(databases).every(Boolean)
  const health = {
    d1,
    databases,
    kv,
    r2,
    queue: typeof (env.EXPORTS as Queue | undefined)?.send === 'function',
  }
  last = { at: now, health }
  return health
}

async function askEach(env: Env, meter: Meter): Promise<Record<string, boolean>> {
  const asked = eachDatabase(env, meter).map(
    async (database) => [database.at, await answers(database.batch([database.run('SELECT 1')]))] as const,
  )
  return Object.fromEntries(await Promise.all(asked))
}

async function answers(call: Promise<unknown>): Promise<boolean> {
  const late = () => new Error('It did not answer')
  return within(PATIENCE_MILLISECONDS, call, late).then(
    () => true,
    () => false,
  )
}
