/** How long to wait before the next try. */

const FIRST_SECONDS = 4
const LONGEST_SECONDS = 3600

/**
 * Whole seconds: the first try again within 5 s, then doubling up to an hour, spread by a quarter either way so
 * that what failed together does not come back together; never before `afterSeconds`, if the other side named it.
 * @param attempts how many tries there were, 1 or more
 */
export function retryDelay(attempts: number, afterSeconds: number | null): number {
  const doubled = Math.min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS)
  const spread = doubled * (0.75 + Math.random() / 2)
  return Math.min(Math.max(Math.floor(spread), Math.ceil(afterSeconds ?? 0)), 12 * LONGEST_SECONDS)
}
