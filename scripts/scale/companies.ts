/** Companies of very different sizes, in several time zones, that come one after another and grow. */
import type { Zone } from './demand.ts'
import { normal, randomFrom } from './random.ts'

export type Distribution =
  /** Logarithms of sizes are spread normally; `sigma` is their standard deviation. */
  | { kind: 'log-normal'; sigma: number }
  /** The n-th largest has a size in proportion to 1 / n ** exponent. */
  | { kind: 'zipf'; exponent: number }

export interface Company {
  /** In the order in which they come, from 1. */
  number: number
  /** Actions once it is grown. */
  actions: number
  /** Index of its time zone in `zones`. */
  zone: number
  /** Month in which it comes, from 0. */
  joins: number
}

export interface Population {
  companies: number
  /** Actions of all companies together in the last month. */
  actions: number
  months: number
  distribution: Distribution
  zones: readonly Zone[]
  seed: number
}

/** About what COMPANY_MAX_MIB lets one company keep, at 3.7 KB that are counted for an action with texts and notes. */
export const MOST_ACTIONS = 200_000

/** Months until a company is grown. */
const GROWING = 18

/** The part of its actions that a company has after so many months; 0 before it comes. */
export function grown(age: number): number {
  return age < 0 ? 0 : Math.min(1, (age + 1) / GROWING)
}

export function makeCompanies(population: Population): Company[] {
  const { companies, months, zones, seed } = population
  const random = randomFrom(seed)
  const relative = relativeSizes(population, random)
  const made = relative.map((size, index) => ({
    number: index + 1,
    actions: size,
    zone: zoneAt(zones, random()),
    joins: Math.floor((index * months) / companies),
  }))
  // The largest are cut to what a company may keep, so the rest has to grow a little, and again.
  for (let round = 0; round < 20; round += 1) {
    const last = made.reduce((sum, { actions, joins }) => sum + actions * grown(months - 1 - joins), 0)
    const factor = population.actions / last
    for (const company of made)
      company.actions = Math.min(MOST_ACTIONS, Math.max(1, company.actions * factor))
  }
  return made
}

function relativeSizes({ companies, distribution }: Population, random: () => number): number[] {
  if (distribution.kind === 'log-normal') {
    return Array.from({ length: companies }, () => Math.exp(distribution.sigma * normal(random)))
  }
  const sizes = Array.from({ length: companies }, (_, index) => (index + 1) ** -distribution.exponent)
  // Shuffled (Fisher and Yates), since large companies come at any time.
  for (let at = sizes.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    const [one = 0, two = 0] = [sizes[at], sizes[other]]
    sizes[at] = two
    sizes[other] = one
  }
  return sizes
}

function zoneAt(zones: readonly Zone[], part: number): number {
  let sum = 0
  const found = zones.findIndex(({ share }) => (sum += share) > part)
  return found < 0 ? zones.length - 1 : found
}
