/** Month by month: companies come and grow, databases are added, companies are moved. */
import { withMostRoom } from '../company/room.ts'
import { type Company, grown } from './companies.ts'
import { peakOf, weekOf, type Zone } from './demand.ts'
import { need } from './measured.ts'
import { databasesNeeded, fillOf, isBeyond, type Load, movesFrom, type Rules, sumOf } from './placement.ts'
import { bytesOf, BYTES_AN_ADDRESS, type History, keptMonths } from './storage.ts'

export interface Growth {
  companies: readonly Company[]
  months: number
  zones: readonly Zone[]
  history: History
  rules: Rules
  peoplePerCompany: number
  /** At first. */
  databases: number
  /** Requests a second that one action brings in the busiest hour of its company. */
  requestsPerAction: number
  /** Milliseconds of D1 of the mean request in a company of that size. */
  timeOf: (actions: number) => number
}

export interface Month {
  companies: number
  actions: number
  /** Of each database: how full, and how busy in its busiest hour. */
  databases: Load[]
  moves: number
  /** Of them all, in parts of a database. */
  moved: number
}

export interface Outcome {
  months: Month[]
  /** Index of the database of each company. */
  places: number[]
}

export function grow(growth: Growth): Outcome {
  const { companies, rules } = growth
  const places: number[] = []
  const passed: Month[] = []
  let count = growth.databases
  for (let month = 0; month < growth.months; month += 1) {
    const there = companies.filter(({ joins }) => joins <= month)
    const loads = loadsOf(there, month, growth)
    const databases = spread(loads, places, count, growth)
    const known = places.length
    for (const load of loads.slice(known)) {
      place(load, withMostRoom(databases.map(({ fill }) => fill)), places, databases)
    }
    const all = loads.reduce(sumOf, { fill: 0, busy: 0 })
    // One that was added holds nothing until the next companies come, or somebody moves there.
    count = databasesNeeded(count, all, rules)
    while (databases.length < count) databases.push({ fill: 0, busy: 0 })
    const { moves, moved } = rebalance(databases, loads, places, rules)
    const peaks = weeksOf(there, month, places, count, growth).map(peakOf)
    passed.push({
      companies: there.length,
      actions: there.reduce((sum, { actions, joins }) => sum + actions * grown(month - joins), 0),
      databases: databases.map(({ fill }, at) => ({ fill, busy: need(peaks, at) })),
      moves,
      moved,
    })
  }
  return { months: passed, places }
}

/** What each company takes: bytes, and time in its own busiest hour. */
export function loadsOf(there: readonly Company[], month: number, growth: Growth): Load[] {
  const { history, requestsPerAction, timeOf } = growth
  const kept = Array.from({ length: month + 1 }, (_, age) => keptMonths(age, history.retentionDays))
  return there.map(({ actions, joins }) => {
    const part = grown(month - joins)
    return {
      fill: fillOf(bytesOf(actions, part, kept[month - joins] ?? 0, history)),
      busy: (actions * part * requestsPerAction * timeOf(actions * part)) / 1_000,
    }
  })
}

function place(load: Load, to: number, places: number[], databases: Load[]): void {
  places.push(to)
  databases[to] = sumOf(need(databases, to), load)
}

/** What the databases have; the first one also knows the addresses of everybody who is elsewhere. */
function spread(loads: readonly Load[], places: readonly number[], count: number, growth: Growth): Load[] {
  const databases = Array.from({ length: count }, (): Load => ({ fill: 0, busy: 0 }))
  const elsewhere = places.filter((at) => at > 0).length
  databases[0] = {
    fill: fillOf(elsewhere * growth.peoplePerCompany * BYTES_AN_ADDRESS),
    busy: 0,
  }
  for (const [company, at] of places.entries())
    databases[at] = sumOf(need(databases, at), need(loads, company))
  return databases
}

function rebalance(databases: Load[], loads: readonly Load[], places: number[], rules: Rules) {
  let [moves, moved] = [0, 0]
  const tooMuch = new Map<number, Map<number, Load>>()
  for (const [at, load] of databases.entries()) if (isBeyond(load, rules.most)) tooMuch.set(at, new Map())
  for (const [company, at] of places.entries()) tooMuch.get(at)?.set(company, need(loads, company))
  for (const [from, mine] of tooMuch) {
    for (const { company, to } of movesFrom(from, databases, mine, rules)) {
      const { fill, busy } = need(loads, company)
      places[company] = to
      databases[from] = sumOf(need(databases, from), { fill: -fill, busy: -busy })
      databases[to] = sumOf(need(databases, to), { fill, busy })
      moves += 1
      moved += fill
    }
  }
  return { moves, moved }
}

/** Of each database, the busy part of each hour of the week. */
export function weeksOf(
  there: readonly Company[],
  month: number,
  places: readonly number[],
  count: number,
  { zones, requestsPerAction, timeOf }: Growth,
): number[][] {
  const weights = Array.from({ length: count }, () => new Array<number>(zones.length).fill(0))
  for (const [index, { actions, joins, zone }] of there.entries()) {
    const size = actions * grown(month - joins)
    const row = need(weights, places[index] ?? 0)
    row[zone] = need(row, zone) + size * timeOf(size)
  }
  return weights.map((row) => weekOf(zones, row, requestsPerAction / 1_000))
}
