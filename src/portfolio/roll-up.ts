/**
 * Sums over the tree of areas, pure: how many actions aim at an area or at anything inside it, each counted once however
 * many of these areas it targets. Areas go by their rank, their place in depth-first order.
 *
 * An action is added at each of its targets, and taken off again where two neighbouring targets meet on the way up: at
 * the area that holds both. So every area that holds some of the targets gets exactly one. Linear in the targets, while
 * a list of all areas above each target would be as long as the tree is deep.
 */

/** What is summed. */
export interface Counts {
  actions: number
  completed: number
  overdue: number
}

export class RollUp {
  readonly #parents: readonly number[]
  readonly #shallowest: (first: number, last: number) => number
  readonly #sums: Counts[]

  /** @param levels of the areas in depth-first order, 0 at the top */
  constructor(levels: readonly number[]) {
    this.#parents = parentsOf(levels)
    this.#shallowest = shallowestWithin(levels)
    this.#sums = levels.map(() => ({ actions: 0, completed: 0, overdue: 0 }))
  }

  /** Adds actions that target the areas of these ranks. */
  add(ranks: readonly number[], counts: Readonly<Counts>): void {
    let previous = -1
    for (const rank of [...ranks].sort((one, other) => one - other)) {
      this.#change(rank, counts, 1)
      if (previous >= 0) this.#change(this.#parents[this.#shallowest(previous + 1, rank)] ?? -1, counts, -1)
      previous = rank
    }
  }

  /** The sums of all areas, each with everything inside it, in depth-first order. */
  totals(): readonly Readonly<Counts>[] {
    const totals = this.#sums.map((counts) => ({ ...counts }))
    // What is inside an area comes after it.
    for (let rank = totals.length - 1; rank >= 0; rank -= 1) {
      const [own, above] = [totals[rank], totals[this.#parents[rank] ?? -1]]
      if (own && above) change(above, own, 1)
    }
    return totals
  }

  #change(rank: number, counts: Readonly<Counts>, factor: 1 | -1): void {
    const sum = this.#sums[rank]
    if (sum) change(sum, counts, factor)
  }
}

function change(sum: Counts, { actions, completed, overdue }: Readonly<Counts>, factor: 1 | -1): void {
  sum.actions += factor * actions
  sum.completed += factor * completed
  sum.overdue += factor * overdue
}

/** The rank of the area around each; -1 at the top. */
export function parentsOf(levels: readonly number[]): number[] {
  /** By level: the area of that level on the way to the present one. */
  const way: number[] = []
  return levels.map((level, rank) => {
    way[level] = rank
    return level === 0 ? -1 : (way[level - 1] ?? -1)
  })
}

/**
 * A function that finds the area of the least level between two ranks, both included: the two areas meet in its parent. A
 * sparse table: for each power of two, the answer for each range of that length.
 */
function shallowestWithin(levels: readonly number[]): (first: number, last: number) => number {
  const levelOf = (rank: number) => levels[rank] ?? Infinity
  const shallower = (one: number, other: number) => (levelOf(other) < levelOf(one) ? other : one)
  const table: Int32Array[] = [Int32Array.from(levels, (_level, rank) => rank)]
  for (let length = 2; length <= levels.length; length *= 2) {
    const half = table.at(-1) ?? new Int32Array()
    const count = levels.length - length + 1
    table.push(
      Int32Array.from({ length: count }, (_, rank) =>
        shallower(half[rank] ?? rank, half[rank + length / 2] ?? rank),
      ),
    )
  }
  return (first, last) => {
    const power = Math.floor(Math.log2(last - first + 1))
    const ranges = table[power] ?? new Int32Array()
    return shallower(ranges[first] ?? first, ranges[last - 2 ** power + 1] ?? last)
  }
}
