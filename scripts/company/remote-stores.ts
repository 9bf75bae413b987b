/** The stores of a deployment, whose ids and names are those of wrangler.toml. */
import { databaseNames } from '../../src/platform/database.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { type Configuration, readConfiguration } from '../local/configuration.ts'
import type { Environment } from '../local/options.ts'
import { ApiError, type Cloudflare, openCloudflare } from './cloudflare.ts'
import type { Row, Stores } from './stores.ts'

/** R2 takes one key a request, so some are sent at once. */
const REQUESTS_AT_ONCE = 8
/** What R2 calls a key that is not there. */
const NO_SUCH_KEY = 10007

/**
 * @param env may name an environment (CLOUDFLARE_ENV) and an account (CLOUDFLARE_ACCOUNT_ID), as for wrangler
 */
export async function openRemoteStores(env: Environment): Promise<Stores> {
  const configuration = await readConfiguration(env.CLOUDFLARE_ENV ?? '')
  const api = await openCloudflare(env)
  const account = `/accounts/${await accountOf(configuration, api, env)}`
  const d1 = (at: DatabaseName) =>
    `${account}/d1/database/${named(configuration.d1_databases, at).database_id ?? ''}`
  const kv = `${account}/storage/kv/namespaces/${named(configuration.kv_namespaces, 'SESSIONS').id ?? ''}`
  const files = named(configuration.r2_buckets, 'FILES')
  const r2 = `${account}/r2/buckets/${files.bucket_name ?? ''}/objects`
  const headers = files.jurisdiction === undefined ? {} : { 'cf-r2-jurisdiction': files.jurisdiction }
  const deleteFile = async (key: string) => {
    await api.call({ method: 'DELETE', path: `${r2}/${key}`, headers }).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.codes.includes(NO_SUCH_KEY))) throw error
    })
  }
  return {
    databases: databaseNames(
      Object.fromEntries(configuration.d1_databases.map(({ binding }) => [binding, true])),
    ),
    async execute(queries, at) {
      const result = await api.call({ method: 'POST', path: `${d1(at)}/query`, body: { batch: queries } })
      return rowsOf(result, queries.length)
    },
    async deleteTokens(hashes) {
      if (hashes.length > 0) await api.call({ method: 'POST', path: `${kv}/bulk/delete`, body: hashes })
    },
    async deleteFiles(keys) {
      const left = [...keys]
      const work = async () => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) await deleteFile(key)
      }
      await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work))
    },
  }
}

/**
 * The rows of each query. D1 carries out a batch whole or not at all, and answers a result for each query.
 * @throws ApiError for any other answer
 */
function rowsOf(result: unknown, queries: number): Row[][] {
  const all = Array.isArray(result) ? (result as { results: Row[]; success?: boolean }[]) : []
  if (all.length !== queries || all.some(({ success }) => success === false)) {
    throw new ApiError(
      'D1 did not answer every query. What it has carried out shows when the command is run again.',
    )
  }
  return all.map(({ results }) => results)
}

function named<Entry extends { binding: string }>(entries: readonly Entry[], binding: string): Entry {
  const entry = entries.find((one) => one.binding === binding)
  if (entry === undefined) throw new Error(`wrangler.toml has no ${binding}`)
  return entry
}

/** @throws ApiError when nothing names the account and there are several */
async function accountOf(
  { account_id: configured }: Configuration,
  api: Cloudflare,
  { CLOUDFLARE_ACCOUNT_ID: chosen }: Environment,
): Promise<string> {
  if (chosen || configured) return chosen || (configured ?? '')
  const accounts = (await api.call({ method: 'GET', path: '/accounts' })) as { id: string; name: string }[]
  const [account, other] = accounts
  if (account && !other) return account.id
  const listed = accounts.map(({ id, name }) => `\n  export CLOUDFLARE_ACCOUNT_ID=${id}   # ${name}`)
  throw new ApiError(
    account ? `Nothing was done: choose an account with${listed.join('')}` : 'This login has no account.',
  )
}
