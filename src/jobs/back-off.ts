/** How long to wait before the next try. */

const FIRST_SECONDS = 4
const LONGEST_SECONDS = 3600

/**
 * Whole seconds to wait before the next try: up to 5 at first, then doubling up to an hour. The wait varies by a
 * quarter either way, so that tries that failed together do not come back together.
 * @param attempts how many tries there were, 1 or more
 * @param afterSeconds the least wait, if the other side named one; it counts up to 12 hours
 */
export function retryDelay(attempts: number, afterSeconds: number | null): number {
  const doubled = Math.min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS)
  const spread = doubled * (0.75 + Math.random() / 2)
  return Math.min(Math.max(Math.floor(spread), Math.ceil(afterSeconds ?? 0)), 12 * LONGEST_SECONDS)
}
