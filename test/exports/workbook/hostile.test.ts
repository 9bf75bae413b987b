import fc from 'fast-check'
import { it } from 'vitest'
import { checkPlan, hostilePlan } from './hostile.ts'

// The long run is scripts/fuzz-workbook.ts. A failure prints its seed and the smallest plan that fails.
it('reads hostile strings back unharmed', { timeout: 120_000 }, async () => {
  await fc.assert(fc.asyncProperty(hostilePlan, checkPlan), { numRuns: 60 })
})
