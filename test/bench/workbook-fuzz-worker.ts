import fc from 'fast-check'
import { checkPlan, hostilePlan } from '../exports/workbook/hostile.ts'
import { checkPortfolio, hostilePortfolio } from '../exports/workbook/hostile-portfolio.ts'

/**
 * What scripts/fuzz-workbook.ts runs inside workerd: `GET /?seed=1&plans=250` checks as many random hostile plans, and with
 * `kind=portfolio` portfolios. The report of a failure names its seed and the smallest one that fails.
 */
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url)
    const settings = { seed: Number(searchParams.get('seed')), numRuns: Number(searchParams.get('plans')) }
    try {
      if (searchParams.get('kind') === 'portfolio')
        await fc.assert(fc.asyncProperty(hostilePortfolio, checkPortfolio), settings)
      else await fc.assert(fc.asyncProperty(hostilePlan, checkPlan), settings)
      return Response.json({ failure: null })
    } catch (error) {
      return Response.json({ failure: error instanceof Error ? error.message : String(error) })
    }
  },
} satisfies ExportedHandler
