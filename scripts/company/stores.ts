/** What companies keep, in a local state folder or deployed: D1, KV and R2, reached in one way. */
import { mkdir } from 'node:fs/promises'
import { databaseNames } from '../../src/platform/database.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { type LocalBindings, withLocalBindings } from '../local/bindings.ts'
import { readStateDir } from '../local/options.ts'
import { quietWrangler } from '../local/wrangler.ts'
import { openRemoteStores } from './remote-stores.ts'

export type Row = Record<string, string | number | null>

/** A statement with its numbered parameters `?1`, `?2`, …: texts alone, since Cloudflare's API documents no others. */
export interface Query {
  sql: string
  params: readonly string[]
}

/**
 * Carries out all queries in one atomic step.
 * @returns the rows of each
 * @throws Error when one fails; then none had an effect, or it is unknown whether all had theirs
 */
export type Execute = (queries: readonly Query[]) => Promise<Row[][]>

export interface Stores {
  /** The databases that are bound, `DB` first. */
  databases: readonly DatabaseName[]
  /** As `Execute`, in one of the databases. */
  execute(queries: readonly Query[], at: DatabaseName): Promise<Row[][]>
  /** Deletes sessions and keys from KV by their hashes. */
  deleteTokens(hashes: readonly string[]): Promise<void>
  /** Deletes files from R2 by their keys; one that is gone is no error. */
  deleteFiles(keys: readonly string[]): Promise<void>
}

/** Works on the stores of the deployment, or of the local state folder, which is made and brought up to date. */
export async function withStores<T>(remote: boolean, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stateDir = readStateDir(process.env)
  quietWrangler(stateDir)
  if (remote) return work(explaining(await openRemoteStores(process.env)))
  await mkdir(stateDir, { recursive: true })
  return withLocalBindings(stateDir, (bindings) => work(explaining(localStores(bindings))))
}

/** Says what it means if a guard ends a batch (move/places-sql.ts). */
function explaining(stores: Stores): Stores {
  return {
    ...stores,
    execute: (queries, at) =>
      stores.execute(queries, at).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.includes('integer overflow'))) throw error
        throw new Error(`${ANOTHER_COMMAND} in ${at}. Run this one again: it finds out how things stand.`, {
          cause: error,
        })
      }),
  }
}

const ANOTHER_COMMAND = 'Another command moves the company, or undoes its move: nothing was done any more'

export function localStores({ databases, env, sessions }: LocalBindings): Stores {
  return {
    databases: databaseNames(databases),
    async execute(queries, at) {
      const database = databases[at]
      if (!database) throw new Error(`No database is bound as ${at}`)
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
