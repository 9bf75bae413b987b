/** When another database is added, and which companies are moved; a new one goes where the product puts it. Pure. */
import { LIMITS } from './prices.ts'

/** What a company or a database takes: parts of what one database can hold, and of the time of its busiest hour. */
export interface Load {
  fill: number
  busy: number
}

/** What an operator keeps to. */
export interface Rules {
  /** Databases are added until all together, spread evenly, would be within this, ... */
  room: Load
  /** ... so many at a time. */
  step: number
  /** Companies are moved away from a database that is beyond one of these, ... */
  most: Load
  /** ... until it is within these; and none is moved to where it would be beyond them. */
  target: Load
}

/** @param count of databases that there are */
export function databasesNeeded(count: number, all: Load, { room, step }: Rules): number {
  let needed = count
  while (isBeyond({ fill: all.fill / needed, busy: all.busy / needed }, room)) needed += step
  return needed
}

export function isBeyond(load: Load, limit: Load): boolean {
  return load.fill > limit.fill || load.busy > limit.busy
}

export function sumOf(one: Load, other: Load): Load {
  return { fill: one.fill + other.fill, busy: one.busy + other.busy }
}

export function fillOf(bytes: number): number {
  return bytes / LIMITS.bytesPerDatabase
}

export interface Move {
  /** Index of the company. */
  company: number
  to: number
}

const NOTHING: Load = { fill: 0, busy: 0 }

/**
 * The moves away from a database that is beyond `most`: the largest company first that another database can take. None if it
 * is not, and fewer than it takes if nothing more fits elsewhere.
 * @param companies in the database, by their index
 */
export function movesFrom(
  from: number,
  databases: readonly Load[],
  companies: ReadonlyMap<number, Load>,
  rules: Rules,
): Move[] {
  const all = [...databases]
  const weigh = ({ fill, busy }: Load) => Math.max(fill / rules.target.fill, busy / rules.target.busy)
  const left = [...companies].sort(([, one], [, other]) => weigh(other) - weigh(one))
  const moves: Move[] = []
  if (!isBeyond(all[from] ?? NOTHING, rules.most)) return moves
  for (const [company, load] of left) {
    if (!isBeyond(all[from] ?? NOTHING, rules.target)) break
    const to = lightest(all, weigh)
    const after = sumOf(all[to] ?? NOTHING, load)
    if (to === from || isBeyond(after, rules.target)) continue
    all[to] = after
    all[from] = sumOf(all[from] ?? NOTHING, { fill: -load.fill, busy: -load.busy })
    moves.push({ company, to })
  }
  return moves
}

function lightest(databases: readonly Load[], weigh: (load: Load) => number): number {
  return databases.reduce((best, load, at) => (weigh(load) < weigh(databases[best] ?? load) ? at : best), 0)
}
