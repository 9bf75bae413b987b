/** Cloudflare's REST API as far as `npm run company -- … --remote` calls it: D1 over SQLite, KV and R2 as sets of keys. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'

/** What a request meets instead of its answer; `afterwards`: when it has been carried out. */
export interface Failure {
  /** 0: the connection is cut. */
  status: number
  headers?: Record<string, string>
  afterwards?: boolean
}

export interface FakeCloudflare {
  url: string
  database: DatabaseSync
  keys: Set<string>
  objects: Set<string>
  /** Method and kind of each request that was answered with 200. */
  done: string[]
  /** Asked before each request of D1, KV or R2, which are counted from 1. */
  failure: (request: number) => Failure | undefined
  close(): Promise<void>
}

export const ACCOUNT = { id: 'a'.repeat(32), name: 'Acme Ltd' }
export const TOKEN = 'fake-api-token-0000000000000000000000000'

/** D1's own limits; its API documents texts as the only parameters. */
const QUERY = z.strictObject({
  sql: z.string().max(100_000),
  params: z.array(z.string().max(2_000_000)).max(100),
})
const KEYS = z.array(z.string()).min(1).max(10_000)

class Refusal extends Error {
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** @param file of the database, whose ids and names are those that wrangler.toml came with */
export async function startFakeCloudflare(file: string): Promise<FakeCloudflare> {
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await answerTo(fake, request)
      if (answer === null) {
        request.socket.destroy()
        return
      }
      response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers })
      response.end(JSON.stringify(answer.body))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server that listens has an address of this form.
  const { port } = server.address() as AddressInfo
  const fake: FakeCloudflare & { requests: number } = {
    url: `http://127.0.0.1:${port}/client/v4`,
    database: new DatabaseSync(file),
    keys: new Set(),
    objects: new Set(),
    done: [],
    requests: 0,
    failure: () => undefined,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      fake.database.close()
    },
  }
  return fake
}

interface Answer {
  status: number
  headers?: Record<string, string>
  body: object
}

/** @returns null to cut the connection */
async function answerTo(
  fake: FakeCloudflare & { requests: number },
  request: IncomingMessage,
): Promise<Answer | null> {
  const body = await text(request)
  const failed = (status: number, code: number, message: string, headers = {}): Answer => ({
    status,
    headers,
    body: { success: false, errors: [{ code, message }], messages: [], result: null },
  })
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return failed(401, 10000, 'Authentication error')
  const path = request.url?.replace('/client/v4', '') ?? ''
  if (path !== '/accounts') fake.requests += 1
  const failure = path === '/accounts' ? undefined : fake.failure(fake.requests)
  const instead =
    failure && (failure.status === 0 ? null : failed(failure.status, 1000, 'Not now', failure.headers))
  if (instead !== undefined && failure?.afterwards !== true) return instead
  try {
    const { kind, result } = carryOut(fake, `${request.method ?? ''} ${path}`, body)
    fake.done.push(kind)
    if (instead !== undefined) return instead
    return { status: 200, body: { success: true, errors: [], messages: [], result } }
  } catch (error) {
    if (error instanceof Refusal) return failed(error.status, error.code, error.message)
    return failed(400, 7500, String(error))
  }
}

const D1 = `/accounts/${ACCOUNT.id}/d1/database/00000000-0000-0000-0000-000000000000/query`
const KV = `/accounts/${ACCOUNT.id}/storage/kv/namespaces/${'0'.repeat(32)}/bulk/delete`
const R2 = `/accounts/${ACCOUNT.id}/r2/buckets/action-plans-exports/objects/`

function carryOut(fake: FakeCloudflare, request: string, body: string): { kind: string; result: unknown } {
  if (request === 'GET /accounts') return { kind: 'accounts', result: [ACCOUNT] }
  if (request === `POST ${D1}`) {
    const { batch } = z.strictObject({ batch: z.array(QUERY).min(1) }).parse(JSON.parse(body))
    return { kind: 'query', result: runBatch(fake.database, batch) }
  }
  if (request === `POST ${KV}`) {
    const keys = KEYS.parse(JSON.parse(body))
    for (const key of keys) fake.keys.delete(key)
    return { kind: 'keys', result: { successful_key_count: keys.length, unsuccessful_keys: [] } }
  }
  if (request.startsWith(`DELETE ${R2}`)) {
    const key = request.slice(`DELETE ${R2}`.length)
    if (!fake.objects.delete(key)) throw new Refusal(404, 10007, 'The specified key does not exist.')
    return { kind: 'object', result: { key } }
  }
  throw new Refusal(404, 7404, 'The database could not be found')
}

/** All of it or nothing, like a batch of D1. */
function runBatch(database: DatabaseSync, batch: readonly z.infer<typeof QUERY>[]): unknown {
  database.exec('BEGIN')
  try {
    const results = batch.map(({ sql, params }) => {
      // To SQLite a numbered parameter is one with a name.
      const values = Object.fromEntries(params.map((value, index) => [`?${index + 1}`, value]))
      return { results: database.prepare(sql).all(values), success: true, meta: {} }
    })
    database.exec('COMMIT')
    return results
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
