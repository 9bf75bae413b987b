/** How many answers a worker gives in a while. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Measured {
  /** Answers a second. */
  rate: number
  p50: number
  p99: number
  /** Of one answer. */
  bytes: number
  /** Of the last one. */
  requestId: string
}

const WARM_UP_MS = 300

/** Asks without a pause over so many connections; every answer is read to its end. */
export async function measure(
  url: string,
  token: string,
  connections: number,
  seconds: number,
): Promise<Measured> {
  const times: number[] = []
  let bytes = 0
  let requestId = ''
  const ask = async (): Promise<number> => {
    const started = performance.now()
    const response = await fetch(url, { headers: { SessionId: token } })
    bytes = (await response.arrayBuffer()).byteLength
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    requestId = response.headers.get('X-Request-Id') ?? ''
    return performance.now() - started
  }
  await ask()
  await sleep(WARM_UP_MS)
  const started = performance.now()
  const end = started + seconds * 1000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      do times.push(await ask())
      while (performance.now() < end)
    }),
  )
  const elapsed = performance.now() - started
  times.sort((one, other) => one - other)
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN
  return { rate: (times.length * 1000) / elapsed, p50: at(0.5), p99: at(0.99), bytes, requestId }
}
