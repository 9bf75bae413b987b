/** One database carries out one query at a time: how long others wait. */

/**
 * The mean wait in milliseconds before a query begins, when queries come at random (Pollaczek and Khinchine: a Poisson
 * stream, one server, any distribution of times). Infinite when more comes than can be done.
 * @param perSecond queries a second
 */
export function meanWait(perSecond: number, milliseconds: number, squaredMilliseconds: number): number {
  const perMillisecond = perSecond / 1_000
  const busy = perMillisecond * milliseconds
  return busy >= 1 ? Infinity : (perMillisecond * squaredMilliseconds) / (2 * (1 - busy))
}

export interface Waits {
  mean: number
  p50: number
  p99: number
  p999: number
  longest: number
  /** The part of the time in which the database works. */
  busy: number
}

/**
 * Lets queries come at random and wait for each other (Lindley's recursion).
 * @param timeOf the time of the next query in milliseconds
 */
export function simulateWaits(
  perSecond: number,
  seconds: number,
  timeOf: () => number,
  random: () => number,
): Waits {
  const waits: number[] = []
  let [now, free, worked] = [0, 0, 0]
  for (;;) {
    now += (-Math.log(1 - random()) * 1_000) / perSecond
    if (now > seconds * 1_000) break
    const starts = Math.max(now, free)
    const time = timeOf()
    waits.push(starts - now)
    free = starts + time
    worked += time
  }
  waits.sort((one, other) => one - other)
  const at = (part: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * part))] ?? 0
  return {
    mean: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length),
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    longest: at(1),
    busy: worked / (seconds * 1_000),
  }
}
