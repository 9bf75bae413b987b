/** Two requests in the order that hurts, without waiting for chance. */
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'

/** Lets `work` happen between what the next request reads from D1 and what it writes there. */
export function inBetween(work: () => Promise<unknown>): void {
  const batch = env.DB.batch.bind(env.DB)
  const spy = vi.spyOn(env.DB, 'batch').mockImplementation(async (statements) => {
    const results = await batch(statements)
    spy.mockRestore()
    await work()
    return results
  })
}
