/** Which known name was probably meant by an unknown one. Pure. */

/** Beyond this many edits two names have nothing to do with each other. */
const MOST_EDITS = 3

/**
 * The name of `known` that is closest to `name`, ignoring case; null if none is close. Up to a third of the letters of
 * the longer name may differ, and at most `MOST_EDITS`. Of equally close names the first is taken.
 */
export function probablyMeant(name: string, known: readonly string[]): string | null {
  let closest: string | null = null
  let fewest = Infinity
  for (const candidate of known) {
    const most = Math.min(MOST_EDITS, Math.floor(Math.max(name.length, candidate.length) / 3), fewest - 1)
    // Most names are told apart by their length, so a long hostile one costs nothing.
    if (Math.abs(name.length - candidate.length) > most) continue
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase())
    if (edits > most) continue
    closest = candidate
    fewest = edits
  }
  return closest
}

/**
 * The number of edits that turn one text into the other: a UTF-16 unit added, left out, replaced, or swapped with its
 * neighbour (optimal string alignment). Takes time in proportion to the product of the lengths.
 */
export function editsBetween(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1]
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          row > 1 && column > 1 && isSwapped ? at(beforeLast, column - 2) + 1 : Infinity,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, other.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity
}
