/** Lists and filters against the naive answer (naive-search.ts), for random companies and everybody in them. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { letPass } from '../support/clock.ts'
import { checkLists } from './naive-search.ts'
import { build, company, queryOf, type Request, singleFilters } from './random-company.ts'

const ALL = { from: 0, to: 100 }

function pagesOf({ page: { from, length } }: Request) {
  const page = {
    ...(from === undefined ? {} : { from }),
    ...(length === undefined ? {} : { to: (from ?? 0) + length }),
  }
  return { ofActions: [page], ofPlans: [page] }
}

it('lists for everybody what the policy and the life cycle say, by every filter', async () => {
  letPass(0)
  let found = 0
  // A company is random by its seed alone: a smaller company in which the same goes wrong would tell no more than the
  // request does that the assertion names, and take minutes to find.
  const seed = fc.noShrink(fc.integer())
  await fc.assert(
    fc.asyncProperty(seed, async (number) => {
      const [sample] = fc.sample(company, { seed: number, numRuns: 1 })
      if (!sample) return
      const built = await build(sample)
      for (const person of built.people) {
        for (const query of singleFilters(built))
          await checkLists(built.stored, person, query, { ofActions: [ALL], ofPlans: [ALL] })
        for (const each of sample.requests)
          found += await checkLists(built.stored, person, queryOf(each, built), pagesOf(each))
      }
    }),
    { numRuns: 3 },
  )
  // Several filters at once do meet actions.
  expect(found).toBeGreaterThan(1_000)
}, 120_000)
