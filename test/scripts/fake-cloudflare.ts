/** Cloudflare's REST API as far as `npm run company -- … --remote` calls it: D1 over SQLite, KV and R2 as sets of keys. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'
import type { DatabaseName } from '../../src/platform/place.ts'
import { bytesOf, QUERY, runBatch } from './memory-stores.ts'

/** What a request meets instead of its answer; `afterwards`: when it has been carried out. */
export interface Failure {
  /** 0: the connection is cut. */
  status: number
  headers?: Record<string, string>
  afterwards?: boolean
  error?: { code: number; message: string }
}

const NOT_NOW = { code: 1000, message: 'Not now' }

export interface FakeCloudflare {
  url: string
  keys: Set<string>
  objects: Set<string>
  /** Method and kind of each request that was answered with 200. */
  done: string[]
  /** Requests that are taken before the client has to wait; then more are refused until it has waited. Null: any number. */
  limit: { requests: number; seconds: number } | null
  /** How many were refused for it. */
  refused: number
  /** Of the longest parameter so far. */
  mostBytes: number
  /** Asked before each request of D1, KV or R2, which are counted from 1. */
  failure: (request: number) => Failure | undefined
  /** Makes of a result what is answered. */
  answer: (result: unknown) => unknown
  close(): Promise<void>
}

export const ACCOUNT = { id: 'a'.repeat(32), name: 'Acme Ltd' }
export const TOKEN = 'fake-api-token-0000000000000000000000000'

/** The id of a database: of `DB` the one that wrangler.toml came with. */
export function databaseIdOf(name: DatabaseName): string {
  const number = name === 'DB' ? '' : name.slice('DB_'.length)
  return `00000000-0000-0000-0000-${number.padStart(12, '0')}`
}

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

/** What a fake keeps to itself. */
interface Inside {
  databases: ReadonlyMap<string, DatabaseSync | undefined>
  requests: number
  /** Requests of the present window, and its end. */
  taken: number
  windowEnds: number
}

type Fake = FakeCloudflare & Inside

/** @param databases what is deployed; they are left open */
export async function startFakeCloudflare(
  databases: Partial<Record<DatabaseName, DatabaseSync>>,
): Promise<FakeCloudflare> {
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
  const byId = Object.entries(databases).map(
    ([name, database]) => [databaseIdOf(name as DatabaseName), database] as const,
  )
  const fake: Fake = {
    url: `http://127.0.0.1:${port}/client/v4`,
    databases: new Map(byId),
    keys: new Set(),
    objects: new Set(),
    done: [],
    limit: null,
    refused: 0,
    mostBytes: 0,
    requests: 0,
    taken: 0,
    windowEnds: 0,
    failure: () => undefined,
    answer: (result) => result,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
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
async function answerTo(fake: Fake, request: IncomingMessage): Promise<Answer | null> {
  const body = await text(request)
  const failed = (status: number, error: { code: number; message: string }, headers = {}): Answer => ({
    status,
    headers,
    body: { success: false, errors: [error], messages: [], result: null },
  })
  if (request.headers.authorization !== `Bearer ${TOKEN}`)
    return failed(401, { code: 10000, message: 'Authentication error' })
  const path = request.url?.replace('/client/v4', '') ?? ''
  if (path !== '/accounts') fake.requests += 1
  const left = takeFrom(fake)
  if (left !== null && left < 0) {
    fake.refused += 1
    return failed(429, { code: 971, message: 'Please wait' }, { 'Retry-After': '1' })
  }
  const ratelimit = left === null ? {} : { Ratelimit: `"default";r=${left};t=${fake.limit?.seconds ?? 0}` }
  const failure = path === '/accounts' ? undefined : fake.failure(fake.requests)
  const instead =
    failure &&
    (failure.status === 0 ? null : failed(failure.status, failure.error ?? NOT_NOW, failure.headers))
  if (instead !== undefined && failure?.afterwards !== true) return instead
  try {
    const { kind, result } = carryOut(fake, `${request.method ?? ''} ${path}`, body)
    fake.done.push(kind)
    if (instead !== undefined) return instead
    const altered = fake.answer(result)
    return {
      status: 200,
      headers: ratelimit,
      body: { success: true, errors: [], messages: [], result: altered },
    }
  } catch (error) {
    if (error instanceof Refusal) return failed(error.status, { code: error.code, message: error.message })
    return failed(400, { code: 7400, message: String(error) })
  }
}

/** @returns how many more requests are taken in this window, negative for one too many; null without a limit */
function takeFrom(fake: Fake): number | null {
  if (fake.limit === null) return null
  if (Date.now() >= fake.windowEnds) {
    Object.assign(fake, { taken: 0, windowEnds: Date.now() + fake.limit.seconds * 1000 })
  }
  fake.taken += 1
  return fake.limit.requests - fake.taken
}

const D1 = new RegExp(`^POST /accounts/${ACCOUNT.id}/d1/database/([^/]+)/query$`)
const KV = `/accounts/${ACCOUNT.id}/storage/kv/namespaces/${'0'.repeat(32)}/bulk/delete`
const R2 = `/accounts/${ACCOUNT.id}/r2/buckets/action-plans-exports/objects/`

function carryOut(fake: Fake, request: string, body: string): { kind: string; result: unknown } {
  if (request === 'GET /accounts') return { kind: 'accounts', result: [ACCOUNT] }
  const database = fake.databases.get(D1.exec(request)?.[1] ?? '')
  if (database) {
    const { batch } = z.strictObject({ batch: z.array(QUERY).min(1) }).parse(JSON.parse(body))
    fake.mostBytes = Math.max(fake.mostBytes, ...batch.flatMap(({ params }) => params.map(bytesOf)))
    return { kind: 'query', result: resultsOf(database, batch) }
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

/** D1 names SQLite's code in the errors of statements. */
function resultsOf(database: DatabaseSync, batch: Parameters<typeof runBatch>[1]): unknown {
  try {
    return runBatch(database, batch).map((results) => ({ results, success: true, meta: {} }))
  } catch (error) {
    throw new Refusal(400, 7500, `${error instanceof Error ? error.message : ''}: SQLITE_ERROR`)
  }
}
