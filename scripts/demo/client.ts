/** HTTP as the demo does it: each call printed with its outcome, and anything unexpected is the end. */

export interface Call {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: unknown
  headers?: Record<string, string>
  expect: number
  /** What the line says after the status. */
  note?: string
}

/** A running count of what was done, for the narrative. */
let step = 0

export function headline(text: string): void {
  step += 1
  console.log(`\n${step}. ${text}`)
}

export class Client {
  readonly #origin: string
  #token: string | null = null

  constructor(origin: string) {
    this.#origin = origin
  }

  signIn(token: string): void {
    this.#token = token
  }

  /**
   * Makes one call.
   * @throws Error with the answer when its status is not the expected one
   */
  async call({ method, path, body, headers, expect, note }: Call): Promise<Response> {
    const url = new URL(path, this.#origin)
    const init: RequestInit = {
      method,
      headers: {
        ...(this.#token !== null && { SessionId: this.#token }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
    }
    if (body !== undefined) init.body = JSON.stringify(body)
    const started = performance.now()
    const response = await fetch(url, init)
    const milliseconds = Math.round(performance.now() - started)
    const line = `   ${method.padEnd(6)} ${shorten(url)}`.padEnd(62)
    console.log(`${line} ${response.status} ${`${milliseconds} ms`.padStart(7)}  ${note ?? ''}`.trimEnd())
    if (response.status !== expect) {
      throw new Error(`Expected ${expect}, got ${response.status}: ${await response.text()}`)
    }
    return response
  }

  /** One call whose answer is JSON. The caller names its type, which the worker's schemas promise. */
  async json<T>(call: Call): Promise<T> {
    const response = await this.call(call)
    return (await response.json()) as T
  }
}

/** Path and query, the middle of ids and signatures left out. */
function shorten(url: URL): string {
  return (url.pathname + url.search).replace(/\b([0-9a-f]{4})[0-9a-f]{16,60}([0-9a-f]{4})\b/g, '$1…$2')
}
