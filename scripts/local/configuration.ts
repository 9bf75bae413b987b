/** wrangler.toml as wrangler reads it. */
import { WRANGLER_CONFIG } from './wrangler.ts'

/** Of an environment, what is used here. */
export interface Configuration {
  definedEnvironments?: string[]
  account_id?: string
  compatibility_date?: string
  vars: Record<string, string>
  d1_databases: { binding: string; database_id?: string }[]
  kv_namespaces: { binding: string; id?: string }[]
  r2_buckets: { binding: string; bucket_name?: string; jurisdiction?: string }[]
}

/** @param environment a section such as `staging`; '' for the top level */
export async function readConfiguration(environment: string): Promise<Configuration> {
  // Imported late: it takes a second that `--help` and wrong options need not wait for.
  const { unstable_readConfig } = await import('wrangler')
  // wrangler's own type of a configuration is not published with it.
  const read: unknown = unstable_readConfig(
    { config: WRANGLER_CONFIG, env: environment },
    { hideWarnings: true },
  )
  return read as Configuration
}
