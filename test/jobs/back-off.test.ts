import fc from 'fast-check'
import { expect, it } from 'vitest'
import { retryDelay } from '../../src/jobs/back-off.ts'

it('waits at most 5 s before the first retry, about double each time, and no less than it was told', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.option(fc.integer({ min: 0, max: 40_000 })),
      (attempts, told) => {
        const delay = retryDelay(attempts, told)
        expect(Number.isInteger(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual(
          Math.max(Math.floor(Math.min(3 * 2 ** (attempts - 1), 2700)), told ?? 0),
        )
        expect(delay).toBeLessThanOrEqual(Math.max(Math.min(5 * 2 ** (attempts - 1), 4500), told ?? 0))
      },
    ),
  )
})
