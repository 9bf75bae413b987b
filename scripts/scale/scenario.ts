/** One scenario: what is asked of the service, and what the simulation finds. */
import { type Company, type Distribution, grown, makeCompanies } from './companies.ts'
import { monthlyOf, peakOf, weekOf, type Zone, ZONES } from './demand.ts'
import { type Growth, grow, type Outcome } from './growth.ts'
import { type Measured, need } from './measured.ts'
import type { Rules } from './placement.ts'
import { type Kind, kindsOf, mixOf, tabulated } from './requests.ts'
import { LIMITS, type Usage } from './prices.ts'
import { usageOf } from './usage.ts'

export interface Scenario {
  companies: number
  actions: number
  /** In the busiest hour of the last month, all companies together. */
  requestsPerSecond: number
  changesPerActionAndMonth: number
  retentionDays: number
  distribution: Distribution
  zones: readonly Zone[]
  months: number
  peoplePerCompany: number
  /** Databases at first. */
  databases: number
  /** How much longer D1 takes than the bench measured. */
  slowness: number
  rules: Rules
  seed: number
}

export const BASE: Scenario = {
  companies: 100_000,
  actions: 30_000_000,
  requestsPerSecond: 10_000,
  changesPerActionAndMonth: 1,
  retentionDays: 400,
  distribution: { kind: 'log-normal', sigma: 1.6 },
  zones: ZONES,
  months: 36,
  peoplePerCompany: 20,
  databases: 1,
  slowness: 1,
  rules: {
    room: { fill: 0.5, busy: 0.3 },
    step: 1,
    most: { fill: 0.7, busy: 0.5 },
    target: { fill: 0.6, busy: 0.4 },
  },
  seed: 1,
}

export interface Findings {
  scenario: Scenario
  population: readonly Company[]
  outcome: Outcome
  /** The same that the simulation used. */
  growth: Growth
  kinds: readonly Kind[]
  /** Part of all requests that change something. */
  changeShare: number
  requestsPerMonth: number
  usage: Usage
}

/** @throws Error when more changes are asked for than requests */
export function play(scenario: Scenario, measured: Measured): Findings {
  const { months, zones, slowness } = scenario
  const population = makeCompanies(scenario)
  const last = months - 1
  const weights = zones.map((_, zone) =>
    population.reduce(
      (sum, each) => sum + (each.zone === zone ? each.actions * grown(last - each.joins) : 0),
      0,
    ),
  )
  const requestsPerAction = scenario.requestsPerSecond / peakOf(weekOf(zones, weights, 1))
  const requestsPerMonth = monthlyOf(weekOf(zones, weights, requestsPerAction))
  const changeShare = (scenario.actions * scenario.changesPerActionAndMonth) / requestsPerMonth
  if (changeShare >= 1) throw new Error('There are more changes than requests')
  const kinds = kindsOf(mixOf(measured), changeShare)
  const mean = tabulated(kinds)
  const growth: Growth = {
    companies: population,
    months,
    zones,
    history: scenario,
    rules: scenario.rules,
    peoplePerCompany: scenario.peoplePerCompany,
    databases: scenario.databases,
    requestsPerAction,
    timeOf: (actions) => mean(actions).milliseconds * slowness,
  }
  const outcome = grow(growth)
  const { databases } = need(outcome.months, last)
  const usage = usageOf({
    ...{ scenario, population, kinds, mean, requestsPerMonth },
    bytes: databases.reduce((sum, { fill }) => sum + fill, 0) * LIMITS.bytesPerDatabase,
    databases: databases.length,
  })
  return { scenario, population, outcome, growth, kinds, changeShare, requestsPerMonth, usage }
}
