/** Where a new company goes of itself. Pure. */

/** Index of the database with most room, of equals the first; `kept` is what each keeps, in any unit. */
export function withMostRoom(kept: readonly number[]): number {
  return kept.reduce((best, each, at) => (each < (kept[best] ?? Infinity) ? at : best), 0)
}
