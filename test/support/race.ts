/** Puts a write between the read and the write of a request, where a race would put it by chance. */
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'

/** Runs `work` after the first batch that the next request sends to D1. */
export function inBetween(work: () => Promise<unknown>): void {
  const batch = env.DB.batch.bind(env.DB)
  const spy = vi.spyOn(env.DB, 'batch').mockImplementation(async (statements) => {
    const results = await batch(statements)
    spy.mockRestore()
    await work()
    return results
  })
}
