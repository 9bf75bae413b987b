/** How many answers workers give in a while. */

export interface Request {
  url: string
  token: string
  /** GET without it. */
  method?: string
  body?: object
}

export interface Measured {
  /** Answers a second. */
  rate: number
  p50: number
  p99: number
  /** Of the last answer. */
  bytes: number
  requestId: string
}

export interface Sample {
  times: number[]
  milliseconds: number
  bytes: number
  requestId: string
}

/** Sends it and reads the answer to its end. Throws for any other status than 2xx. */
export async function send({ url, token, method = 'GET', body }: Request) {
  const response = await fetch(url, {
    method,
    headers: { SessionId: token, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 300)}`)
  return { text, requestId: response.headers.get('X-Request-Id') ?? '' }
}

/** Sends what `next` gives, without a pause, over so many connections. */
export async function sample(next: () => Request, connections: number, seconds: number): Promise<Sample> {
  const result: Sample = { times: [], milliseconds: 0, bytes: 0, requestId: '' }
  const started = performance.now()
  const end = started + seconds * 1000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      do {
        const asked = performance.now()
        const { text, requestId } = await send(next())
        result.times.push(performance.now() - asked)
        Object.assign(result, { bytes: Buffer.byteLength(text), requestId })
      } while (performance.now() < end)
    }),
  )
  result.milliseconds = performance.now() - started
  return result
}

const ROUNDS = 3

/**
 * Measures the sources of requests in turn, several times, so that a busy moment of the machine hits all of them.
 * @param seconds for each source in all
 */
export async function alternate<Name extends string>(
  sources: Record<Name, () => Request>,
  connections: number,
  seconds: number,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(sources) as Name[]
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]))
  for (const name of names) await send(sources[name]())
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      samples.get(name)?.push(await sample(sources[name], connections, seconds / ROUNDS))
    }
  }
  const entries = names.map((name) => [name, summary(samples.get(name) ?? [])] as const)
  return Object.fromEntries(entries) as Record<Name, Measured>
}

export function summary(samples: readonly Sample[]): Measured {
  const times = samples.flatMap((each) => each.times).sort((one, other) => one - other)
  const milliseconds = samples.reduce((sum, each) => sum + each.milliseconds, 0)
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN
  const { bytes = 0, requestId = '' } = samples.at(-1) ?? {}
  return { rate: (times.length * 1000) / milliseconds, p50: at(0.5), p99: at(0.99), bytes, requestId }
}

/** The middle value; of an even number, the upper one of both. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN
}
