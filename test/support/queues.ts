/** What the contract and wrangler.toml say about queues. */
import wrangler from '../../wrangler.toml?raw'

/** The contract: within how many seconds the second try comes. */
export const SOON_SECONDS = 5

/** How often the platform delivers a message again before it buries it. */
export function retriesOf(queue: string): number {
  const consumer = wrangler
    .split('[[queues.consumers]]')
    .slice(1)
    .find((part) => part.includes(`\nqueue = "${queue}"`))
  const retries = /^max_retries = (\d+)$/m.exec(consumer ?? '')?.[1]
  if (retries === undefined) throw new Error(`wrangler.toml has no consumer of ${queue}`)
  return Number(retries)
}
