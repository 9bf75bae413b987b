/** Sums over trees of any shape against a naive count of what each area holds. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parentsOf, RollUp } from '../../src/portfolio/roll-up.ts'

/** Levels in depth-first order: each area lies at most one level deeper than the one before. */
const levels = fc
  .array(fc.nat(), { minLength: 1, maxLength: 40 })
  .map((steps) =>
    steps.reduce<number[]>(
      (made, step) => [...made, made.length === 0 ? 0 : step % ((made.at(-1) ?? 0) + 2)],
      [],
    ),
  )

const actions = fc.array(
  fc.record({
    targets: fc.uniqueArray(fc.nat(), { maxLength: 8 }),
    isCompleted: fc.boolean(),
    isOverdue: fc.boolean(),
  }),
)

function linesOf(parents: readonly number[]): ReadonlySet<number>[] {
  return parents.map((_, rank) => {
    const line = new Set<number>()
    for (let above = rank; above >= 0; above = parents[above] ?? -1) line.add(above)
    return line
  })
}

it('each area gets each action once that aims at it or at anything inside it', () => {
  fc.assert(
    fc.property(levels, actions, (tree, list) => {
      const lines = linesOf(parentsOf(tree))
      const aimed = list.map(({ targets, ...rest }) => ({
        ...rest,
        ranks: [...new Set(targets.map((target) => target % tree.length))].reverse(),
      }))
      const rollUp = new RollUp(tree)
      for (const { ranks, isCompleted, isOverdue } of aimed) {
        const counts = { actions: 1, completed: Number(isCompleted), overdue: Number(isOverdue) }
        rollUp.add(ranks, counts)
      }
      const naive = tree.map((_, area) => {
        const inside = aimed.filter(({ ranks }) => ranks.some((rank) => lines[rank]?.has(area)))
        return {
          actions: inside.length,
          completed: inside.filter(({ isCompleted }) => isCompleted).length,
          overdue: inside.filter(({ isOverdue }) => isOverdue).length,
        }
      })
      expect(rollUp.totals()).toEqual(naive)
    }),
    { numRuns: 500 },
  )
})

it('a chain of 10,000 areas with an action at every two neighbours is summed without walking up from each', () => {
  const tree = Array.from({ length: 10_000 }, (_, level) => level)
  const rollUp = new RollUp(tree)
  for (const rank of tree) rollUp.add([rank, rank - 1], { actions: 1, completed: 0, overdue: 0 })
  const totals = rollUp.totals()
  expect([totals[0]?.actions, totals[5_000]?.actions, totals[9_999]?.actions]).toEqual([10_000, 5_000, 1])
})
