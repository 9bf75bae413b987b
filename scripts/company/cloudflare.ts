/** Cloudflare's REST API, called as whoever is logged in with wrangler. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../local/options.ts'
import { runWrangler } from '../local/wrangler.ts'

const PUBLIC_API = 'https://api.cloudflare.com/client/v4'
const MOST_TRIES = 6
const LONGEST_WAIT_MS = 60_000
const ANSWER_LIMIT_MS = 120_000
const LOGIN_ADVICE =
  'Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN to a token that may edit D1, Workers KV and Workers R2.'
const RESUME = 'What is done stays done: run the same command again, and it goes on where it stopped.'

export interface ApiRequest {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below the API's address. */
  path: string
  /** Sent as JSON. */
  body?: unknown
  headers?: Record<string, string>
}

export interface Cloudflare {
  /**
   * Sends a request, again after 429, 5xx and no answer: so it must be one that may come twice.
   * @returns the answer's `result`
   * @throws ApiError when it is refused, or fails at every try
   */
  call(request: ApiRequest): Promise<unknown>
}

/** A refusal or a failure in words for the operator. */
export class ApiError extends Error {
  /** What Cloudflare calls the errors. */
  readonly codes: readonly number[]

  constructor(message: string, codes: readonly number[] = []) {
    super(message)
    this.codes = codes
  }
}

/** @param env may have CLOUDFLARE_API_BASE_URL, as for wrangler, which sees to the other variables of an account */
export async function openCloudflare(env: Environment): Promise<Cloudflare> {
  const base = env.CLOUDFLARE_API_BASE_URL || PUBLIC_API
  let credentials = await readCredentials(env)
  return {
    async call(request) {
      for (let tries = 1; ; tries += 1) {
        const answer = await send(base, request, credentials)
        if ('result' in answer) return answer.result
        // A token of `wrangler login` lives for an hour, and is renewed when wrangler is asked for it.
        if (answer.status === 401 && tries === 1) {
          credentials = await readCredentials(env)
          continue
        }
        if (answer.status !== null && answer.status < 500 && answer.status !== 429) {
          throw refusal(request.path, answer.status, answer)
        }
        if (tries >= MOST_TRIES) {
          const message = `Cloudflare did not carry it out at ${MOST_TRIES} tries: ${answer.why}.\n${RESUME}`
          throw new ApiError(message)
        }
        await sleep(Math.min(LONGEST_WAIT_MS, answer.waitMs ?? 500 * 2 ** tries))
      }
    },
  }
}

interface Failure {
  /** null: there was no answer. */
  status: number | null
  why: string
  codes: readonly number[]
  /** How long Cloudflare asks to wait. */
  waitMs: number | null
}

async function send(
  base: string,
  { method, path, body, headers }: ApiRequest,
  credentials: Record<string, string>,
): Promise<{ result: unknown } | Failure> {
  try {
    const response = await fetch(base + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...credentials, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    })
    const { result, errors } = envelopeOf(await response.text())
    if (response.ok) return { result }
    const { status } = response
    const why = [String(status), ...errors.map(({ code, message }) => `${message} (${code})`)].join(', ')
    const asked = Number(response.headers.get('Retry-After') ?? NaN)
    const waitMs = Number.isFinite(asked) ? asked * 1000 : null
    return { status, why, codes: errors.map(({ code }) => code), waitMs }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const cause = error.cause instanceof Error ? `, ${error.cause.message}` : ''
    return { status: null, why: `${error.message}${cause}`, codes: [], waitMs: null }
  }
}

async function readCredentials({
  CLOUDFLARE_API_TOKEN: given,
}: Environment): Promise<Record<string, string>> {
  if (given) return { Authorization: `Bearer ${given}` }
  const output = await runWrangler(['auth', 'token', '--json']).catch(() => {
    throw new ApiError(`wrangler is not logged in.\n${LOGIN_ADVICE}`)
  })
  const { token, key, email } = JSON.parse(output) as { token?: string; key?: string; email?: string }
  if (key !== undefined && email !== undefined) return { 'X-Auth-Key': key, 'X-Auth-Email': email }
  return { Authorization: `Bearer ${token ?? ''}` }
}

interface Envelope {
  result?: unknown
  errors: { code: number; message: string }[]
}

/** What every answer of the API is wrapped in; a page of a proxy before it is not. */
function envelopeOf(text: string): Envelope {
  try {
    const { result, errors } = JSON.parse(text) as Partial<Envelope>
    return { result, errors: errors ?? [] }
  } catch {
    return { errors: [] }
  }
}

function refusal(path: string, status: number, { why, codes }: Failure): ApiError {
  if (status === 401 || status === 403) {
    return new ApiError(`Cloudflare refuses the login: ${why}.\n${LOGIN_ADVICE}\n${RESUME}`, codes)
  }
  const advice =
    status === 404 ? `\nIs ${path} of wrangler.toml, and the account and the environment the right one?` : ''
  return new ApiError(`Cloudflare refuses it: ${why}.${advice}`, codes)
}
