/** When a delivery is tried again, and when a webhook is switched off. Pure. */

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY_MILLISECONDS = 24 * HOUR * 1000

/** Seconds from each failed try to the next. */
const WAITS = [
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const

/** A longer wait is left to the sweep. */
const LONGEST_MESSAGE_WAIT = 10 * MINUTE

/**
 * Whole seconds from the latest of `tries` failed ones to the next, up to a tenth more than the rhythm says; null after the
 * last.
 * @param chance from 0 up to 1, so that tries that failed together do not come back together
 */
export function waitAfter(tries: number, chance: number): number | null {
  const wait = WAITS[tries - 1]
  return wait === undefined ? null : Math.floor(wait * (1 + chance / 10))
}

/** Whether the message itself waits for the next try. */
export function isWorthAMessage(seconds: number | null): seconds is number {
  return seconds !== null && seconds <= LONGEST_MESSAGE_WAIT
}

/** Whether a webhook that has failed again is switched off: after 5 days of nothing but failures, or if it is gone (410). */
export function isGivenUp(status: number | null, failingSince: number | null, now: number): boolean {
  return status === 410 || (failingSince !== null && now - failingSince >= 5 * DAY_MILLISECONDS)
}
