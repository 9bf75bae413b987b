import { toHex } from './hash.ts'

/**
 * A new id in the form that ids.ts describes.
 * @param now Unix milliseconds
 */
export function newId(now: number): string {
  return secondsOf(now) + toHex(crypto.getRandomValues(new Uint8Array(8)))
}

/** The first characters of an id: when it was made. */
export function secondsOf(now: number): string {
  return Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')
}

/**
 * New ids for rows of these times (Unix milliseconds). Rows of one time get ids that rise with their places, since lists
 * order by time and id.
 */
export function newIds(times: readonly number[]): string[] {
  const pools = new Map<number, string[]>()
  for (const time of new Set(times)) pools.set(time, [])
  for (const time of times) pools.get(time)?.push(newId(time))
  // Taken from the end.
  for (const pool of pools.values()) pool.sort().reverse()
  return times.map((time) => pools.get(time)?.pop() ?? newId(time))
}
