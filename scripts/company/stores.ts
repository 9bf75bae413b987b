/** What a company keeps, deployed or in a local state folder: D1, KV and R2 as wrangler reaches them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readStateDir } from '../local/options.ts'
import { migrateLocally, quietWrangler, runWrangler, WRANGLER_CONFIG } from '../local/wrangler.ts'

export type Row = Record<string, string | number | null>

export interface Stores {
  /** Runs statements as one batch; answers the rows of each. */
  execute(sql: string): Promise<Row[][]>
  /** Deletes sessions and keys from KV by their hashes. */
  deleteTokens(hashes: readonly string[]): Promise<void>
  /** Deletes files from R2 by their keys. */
  deleteFiles(keys: readonly string[]): Promise<void>
}

/** R2 takes one key a command, so some run at once. */
const COMMANDS_AT_ONCE = 4

/** @returns the stores of the deployment, or of the state folder, whose database is migrated first */
export async function openStores(remote: boolean): Promise<Stores> {
  const where = remote ? ['--remote'] : ['--local', '--persist-to', await openStateDir()]
  return {
    async execute(sql) {
      const output = await runWrangler(['d1', 'execute', 'DB', '--yes', '--json', '--command', sql, ...where])
      return (JSON.parse(output) as { results: Row[] }[]).map(({ results }) => results)
    },
    async deleteTokens(hashes) {
      if (hashes.length === 0) return
      const folder = await mkdtemp(join(tmpdir(), 'tokens-'))
      try {
        const file = join(folder, 'keys.json')
        await writeFile(file, JSON.stringify(hashes))
        await runWrangler(['kv', 'bulk', 'delete', file, '--binding', 'SESSIONS', '--force', ...where])
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    async deleteFiles(keys) {
      const left = [...keys]
      const bucket = left.length === 0 ? '' : await bucketName()
      const work = async () => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) {
          await runWrangler(['r2', 'object', 'delete', `${bucket}/${key}`, ...where])
        }
      }
      await Promise.all(Array.from({ length: COMMANDS_AT_ONCE }, work))
    },
  }
}

/** The folder of the local state, which is made and brought up to date. */
export async function openStateDir(): Promise<string> {
  const stateDir = readStateDir(process.env)
  await mkdir(stateDir, { recursive: true })
  quietWrangler(stateDir)
  await migrateLocally(stateDir)
  return stateDir
}

async function bucketName(): Promise<string> {
  // Imported late: it takes a second that nothing else here needs.
  const { unstable_readConfig } = await import('wrangler')
  // wrangler's own type of a configuration is not published with it.
  const read: unknown = unstable_readConfig({ config: WRANGLER_CONFIG }, { hideWarnings: true })
  const { r2_buckets: buckets } = read as { r2_buckets: { binding: string; bucket_name?: string }[] }
  const name = buckets.find(({ binding }) => binding === 'FILES')?.bucket_name
  if (name === undefined) throw new Error('wrangler.toml names no bucket for FILES')
  return name
}
