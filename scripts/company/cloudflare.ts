/** Cloudflare's REST API, called as whoever is logged in with wrangler. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../local/options.ts'
import { runWrangler } from '../local/wrangler.ts'

const PUBLIC_API = 'https://api.cloudflare.com/client/v4'
const MOST_TRIES = 6
/** Who has sent more than 1,200 requests in five minutes is refused for the next five. */
const LONGEST_WAIT_MS = 330_000
/** After a refusal that does not say for how long: so that all tries together outlast it. */
const REFUSED_WAIT_MS = LONGEST_WAIT_MS / (MOST_TRIES - 1)
const WORTH_TELLING_MS = 10_000
/** As many may be under way at once (remote-stores.ts), and twice that is left as a margin. */
const FEW_LEFT = 16
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
  let pausedUntil = 0
  const pause = async (milliseconds: number) => {
    if (milliseconds >= WORTH_TELLING_MS)
      console.log(`Cloudflare takes no more requests for ${Math.ceil(milliseconds / 1000)} s: waiting …`)
    await sleep(milliseconds)
  }
  return {
    async call(request) {
      for (let tries = 1; ; tries += 1) {
        const paused = pausedUntil - Date.now()
        if (paused > 0) await pause(paused)
        const answer = await send(base, request, credentials)
        pausedUntil = Math.max(pausedUntil, Date.now() + answer.restMs)
        if ('result' in answer) return answer.result
        // A token of `wrangler login` lives for an hour, and is renewed when wrangler is asked for it.
        if (answer.status === 401 && tries === 1) {
          credentials = await readCredentials(env)
          continue
        }
        if (answer.status !== null && !mayPass(answer.status, answer)) {
          throw refusal(request.path, answer.status, answer)
        }
        if (tries >= MOST_TRIES) {
          const message = `Cloudflare did not carry it out at ${MOST_TRIES} tries: ${answer.why}.\n${RESUME}`
          throw new ApiError(message)
        }
        const unsaid = answer.status === 429 ? REFUSED_WAIT_MS : 500 * 2 ** tries
        await pause(Math.min(LONGEST_WAIT_MS, answer.waitMs ?? unsaid))
      }
    },
  }
}

interface Answer {
  /** How long to rest before the next request of any kind, so that it is not refused. */
  restMs: number
}

interface Failure extends Answer {
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
): Promise<(Answer & { result: unknown }) | Failure> {
  try {
    const response = await fetch(base + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...credentials, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    })
    const { success, result, errors } = envelopeOf(await response.text())
    const restMs = restOf(response.headers.get('Ratelimit'))
    if (response.ok && success !== false) return { result, restMs }
    const { status } = response
    const why = [String(status), ...errors.map(({ code, message }) => `${message} (${code})`)].join(', ')
    const asked = Number(response.headers.get('Retry-After') ?? NaN)
    const waitMs = Number.isFinite(asked) ? asked * 1000 : null
    return { status, why, codes: errors.map(({ code }) => code), waitMs, restMs }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const cause = error.cause instanceof Error ? `, ${error.cause.message}` : ''
    return { status: null, why: `${error.message}${cause}`, codes: [], waitMs: null, restMs: 0 }
  }
}

/**
 * D1 answers 400 also when its database is overloaded, starts anew or is out of reach: by these words of Cloudflare's list of
 * errors (developers.cloudflare.com/d1/observability/debug-d1), or by this code.
 */
const PASSING = /\bD1 DB\b|connection lost|internal error|exceeded timeout|client disconnected/i
const OVERLOADED = 7429

/** Whether the same request may be carried out later. */
function mayPass(status: number, { why, codes }: Failure): boolean {
  return status === 429 || status >= 500 || codes.includes(OVERLOADED) || PASSING.test(why)
}

/** @param header such as `"default";r=50;t=30`: how many requests are left, and after how many seconds there are more */
function restOf(header: string | null): number {
  const [, left, seconds] = /;r=(\d+);t=(\d+)/.exec(header ?? '') ?? []
  return left !== undefined && Number(left) <= FEW_LEFT
    ? Math.min(LONGEST_WAIT_MS, Number(seconds) * 1000)
    : 0
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
  success?: boolean
  result?: unknown
  errors: { code: number; message: string }[]
}

/** What every answer of the API is wrapped in; a page of a proxy before it is not. */
function envelopeOf(text: string): Envelope {
  try {
    const { errors, ...rest } = JSON.parse(text) as Partial<Envelope>
    return { ...rest, errors: errors ?? [] }
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
