/** One database in its busiest hour: who asks, and how long they wait for each other. */
import { grown } from './companies.ts'
import { activity, peakOf } from './demand.ts'
import { weeksOf } from './growth.ts'
import { need } from './measured.ts'
import { meanWait, simulateWaits, type Waits } from './queueing.ts'
import { randomFrom } from './random.ts'
import type { Findings } from './scenario.ts'

const SECONDS = 3_600
/** Sizes of companies are told apart by a quarter of a decade. */
const STEPS_A_DECADE = 4

export interface PeakHour {
  requestsPerSecond: number
  waits: Waits
  /** The mean by the formula, to compare. */
  expectedWait: number
}

/** Lets an hour of requests of all kinds and companies come at random to the database. */
export function peakHourOf(findings: Findings, database: number): PeakHour {
  const { kinds, scenario } = findings
  const rates = ratesBySize(findings, database)
  const choices: { rate: number; milliseconds: number }[] = []
  for (const [step, rate] of rates) {
    for (const { share, costIn } of kinds) {
      const { milliseconds } = costIn(10 ** (step / STEPS_A_DECADE))
      choices.push({ rate: rate * share, milliseconds: milliseconds * scenario.slowness })
    }
  }
  const all = choices.reduce((sum, { rate }) => sum + rate, 0)
  const mean = (power: number) =>
    choices.reduce((sum, { rate, milliseconds }) => sum + (rate / all) * milliseconds ** power, 0)
  const random = randomFrom(scenario.seed + database)
  const cumulated = cumulate(choices.map(({ rate }) => rate / all))
  const timeOf = () => need(choices, indexAt(cumulated, random())).milliseconds
  return {
    requestsPerSecond: all,
    waits: simulateWaits(all, SECONDS, timeOf, random),
    expectedWait: meanWait(all, mean(1), mean(2)),
  }
}

/** Requests a second in the database's busiest hour, by size of the company. */
function ratesBySize({ population, outcome, growth }: Findings, database: number): Map<number, number> {
  const last = growth.months - 1
  const week = need(
    weeksOf(population, last, outcome.places, need(outcome.months, last).databases.length, growth),
    database,
  )
  const hour = week.indexOf(peakOf(week))
  const rates = new Map<number, number>()
  for (const [index, { actions, joins, zone }] of population.entries()) {
    if (outcome.places[index] !== database) continue
    const size = actions * grown(last - joins)
    const step = Math.round(Math.log10(Math.max(1, size)) * STEPS_A_DECADE)
    const rate = size * growth.requestsPerAction * activity(need(growth.zones, zone), hour)
    rates.set(step, (rates.get(step) ?? 0) + rate)
  }
  return rates
}

function cumulate(parts: readonly number[]): number[] {
  let sum = 0
  return parts.map((part) => (sum += part))
}

/** The first place whose cumulated part is larger (by halves). */
function indexAt(cumulated: readonly number[], part: number): number {
  let [low, high] = [0, cumulated.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cumulated[middle] ?? 1) > part) high = middle
    else low = middle + 1
  }
  return low
}
