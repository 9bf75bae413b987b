/** Puts a write between the read and the write of a request, where a race would put it by chance. */
import { vi } from 'vitest'
import { home } from './home.ts'

/** Runs `work` after the first batch that the next request sends to D1. */
export function inBetween(work: () => Promise<unknown>): void {
  const batch = home.batch.bind(home)
  const spy = vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
    const results = await batch(statements)
    spy.mockRestore()
    await work()
    return results
  })
}
