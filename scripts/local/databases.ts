/** The databases of a local state folder: those of wrangler.toml, and as many more as DATABASES asks for. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatabaseName, isDatabaseName } from '../../src/platform/place.ts'
import { readConfiguration } from './configuration.ts'
import type { Environment } from './options.ts'
import { WRANGLER_CONFIG } from './wrangler.ts'

const MOST = 10

/** A database that wrangler.toml does not bind. Its id tells its file in the state folder. */
interface FurtherDatabase {
  binding: DatabaseName
  database_name: string
  database_id: string
}

/**
 * @returns the databases that make the bound ones as many as DATABASES says; none without it
 * @throws Error if DATABASES is no such number
 */
export async function furtherDatabases({ DATABASES: text }: Environment): Promise<FurtherDatabase[]> {
  if (!text) return []
  const wished = Number(text)
  if (!/^\d+$/.test(text) || wished < 1 || wished > MOST) {
    throw new Error(`DATABASES must be a number from 1 to ${MOST}, not "${text}".`)
  }
  const { d1_databases } = await readConfiguration('')
  const bound = d1_databases.map(({ binding }) => binding)
  return Array.from({ length: wished }, (_, index) => `DB_${index + 1}`)
    .filter(isDatabaseName)
    .filter((name) => !bound.includes(name))
    .map((binding) => ({ binding, database_name: `local-${binding}`, database_id: `local-${binding}` }))
}

/**
 * A configuration with the stores alone, and the further databases among them.
 * @returns its file, which is in the state folder; wrangler.toml itself if there are no further ones
 */
export async function configurationWith(
  further: readonly FurtherDatabase[],
  stateDir: string,
): Promise<string> {
  if (further.length === 0) return WRANGLER_CONFIG
  const { compatibility_date, vars, d1_databases, kv_namespaces, r2_buckets } = await readConfiguration('')
  const stores = { kv_namespaces, r2_buckets, d1_databases: [...d1_databases, ...further] }
  const file = join(stateDir, 'wrangler.json')
  await mkdir(stateDir, { recursive: true })
  await writeFile(file, JSON.stringify({ name: 'action-plans', compatibility_date, vars, ...stores }))
  return file
}
