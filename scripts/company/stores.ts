/** What companies keep, in a local state folder or deployed: D1, KV and R2, reached in one way. */
import { mkdir } from 'node:fs/promises'
import { type LocalBindings, withLocalBindings } from '../local/bindings.ts'
import { readStateDir } from '../local/options.ts'
import { quietWrangler } from '../local/wrangler.ts'
import { openRemoteStores } from './remote-stores.ts'

/** The binding of the database in wrangler.toml. */
const DATABASE = 'DB'

export type Row = Record<string, string | number | null>

/** A statement with its numbered parameters `?1`, `?2`, …: texts alone, since Cloudflare's API documents no others. */
export interface Query {
  sql: string
  params: readonly string[]
}

export interface Stores {
  /**
   * Carries out all queries in one atomic step.
   * @returns the rows of each
   * @throws Error when one fails; then none had an effect, or it is unknown whether all had theirs
   */
  execute(queries: readonly Query[]): Promise<Row[][]>
  /** Deletes sessions and keys from KV by their hashes. */
  deleteTokens(hashes: readonly string[]): Promise<void>
  /** Deletes files from R2 by their keys; one that is gone is no error. */
  deleteFiles(keys: readonly string[]): Promise<void>
}

/** Works on the stores of the deployment, or of the local state folder, which is made and brought up to date. */
export async function withStores<T>(remote: boolean, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stateDir = readStateDir(process.env)
  quietWrangler(stateDir)
  if (remote) return work(await openRemoteStores(DATABASE, process.env))
  await mkdir(stateDir, { recursive: true })
  return withLocalBindings(stateDir, (bindings) => work(localStores(bindings)))
}

export function localStores({ env, sessions }: LocalBindings): Stores {
  const database = env[DATABASE]
  return {
    async execute(queries) {
      const statements = queries.map(({ sql, params }) => database.prepare(sql).bind(...params))
      return (await database.batch<Row>(statements)).map(({ results }) => results)
    },
    async deleteTokens(hashes) {
      await Promise.all(hashes.map((hash) => sessions.delete(hash)))
    },
    async deleteFiles(keys) {
      if (keys.length > 0) await env.FILES.delete([...keys])
    },
  }
}
