/** The figures of docs/scale.md as Markdown. */
import { table } from '../bench-lists/results.ts'
import { grown } from './companies.ts'
import { weekOf } from './demand.ts'
import { loadsOf, weeksOf } from './growth.ts'
import { need } from './measured.ts'
import { peakHourOf } from './peak-hour.ts'
import type { Load } from './placement.ts'
import { billOf, LIMITS, SUBSCRIPTION, totalOf } from './prices.ts'
import { meanRequest } from './requests.ts'
import type { Findings } from './scenario.ts'
import { overCompanies } from './usage.ts'

const whole = (value: number) => Math.round(value).toLocaleString('en')
const fixed = (value: number, digits = 1) => value.toFixed(digits)
const milliseconds = (value: number) => (value < 100 ? fixed(value) : whole(value))
const percent = (part: number, digits = 0) => `${(part * 100).toFixed(digits)} %`
const gigabytes = (fill: number) => fixed((fill * LIMITS.bytesPerDatabase) / 1e9)
const USD = (dollars: number) => (dollars < 10 ? fixed(dollars, 2) : whole(dollars))

/** The smallest, the middle and the largest of some numbers. */
function rangeOf(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((one, other) => one - other)
  return [need(sorted, 0), need(sorted, Math.floor(sorted.length / 2)), need(sorted, sorted.length - 1)]
}

/** The tables of one scenario, by the names that mark their places in docs/scale.md. */
export function figuresOf(findings: Findings) {
  return {
    requests: requestsTable(findings),
    needs: needsTable(findings),
    bill: billTable(findings),
    growth: growthTable(findings),
    day: dayTable(findings),
    waits: waitsTable(findings),
    companies: companiesTable(findings),
  }
}

function requestsTable({ kinds }: Findings): string {
  const rows = kinds.map(({ name, share, isMeasured, costIn }) => {
    const costs = [1_000, 10_000, 100_000].map(costIn)
    return [
      isMeasured ? name : `${name} (assumed)`,
      percent(share, share < 0.0001 ? 4 : 2),
      ...costs.map(({ rowsRead }) => whole(rowsRead)),
      ...costs.map((cost) => milliseconds(cost.milliseconds)),
    ]
  })
  const means = [1_000, 10_000, 100_000].map((actions) => meanRequest(kinds, actions))
  const last = [
    'mean',
    '',
    ...means.map(({ rowsRead }) => whole(rowsRead)),
    ...means.map(({ milliseconds }) => fixed(milliseconds)),
  ]
  const head = [
    'request',
    'of all',
    'rows at 1,000 actions',
    '10,000',
    '100,000',
    'D1 ms at 1,000',
    '10,000',
    '100,000',
  ]
  return table(head, [...rows, last])
}

function needsTable(findings: Findings): string {
  const { scenario, kinds, outcome, population, requestsPerMonth, changeShare } = findings
  const last = need(outcome.months, scenario.months - 1)
  const mean = overCompanies(population, scenario.months - 1, (actions) => meanRequest(kinds, actions))
  const fill = last.databases.reduce((sum, each) => sum + each.fill, 0)
  const work = (scenario.requestsPerSecond * mean.milliseconds * scenario.slowness) / 1_000
  return table(
    ['in the last month', ''],
    [
      ['requests in the busiest hour, a second', whole(scenario.requestsPerSecond)],
      ['requests in the month, billion', fixed(requestsPerMonth / 1e9)],
      ['of these that change something', percent(changeShare, 2)],
      ['mean request: rows read', whole(mean.rowsRead)],
      ['mean request: rows written', fixed(mean.rowsWritten, 2)],
      ['mean request: D1 ms', fixed(mean.milliseconds, 2)],
      ['GB in D1', whole((fill * LIMITS.bytesPerDatabase) / 1e9)],
      ['databases for the bytes, each full', fixed(fill)],
      ['databases for the work, each without a pause', fixed(work)],
      [
        `databases at ${percent(scenario.rules.room.fill)} full and ${percent(scenario.rules.room.busy)} busy`,
        last.databases.length,
      ],
    ],
  )
}

function billTable({ usage, scenario }: Findings): string {
  const bill = billOf(usage)
  const total = totalOf(bill)
  return table(
    ['a month', 'units', 'USD'],
    [
      ...bill.map(({ unit, units, dollars }) => [
        unit,
        units < 100 ? fixed(units) : whole(units),
        USD(dollars),
      ]),
      ['subscription', '', USD(SUBSCRIPTION)],
      ['all', '', USD(total)],
      ['a company', '', USD(total / scenario.companies)],
    ],
  )
}

/** How the databases fill, twice a year. */
export function growthTable({ outcome }: Findings): string {
  const rows = outcome.months.flatMap(({ companies, actions, databases }, month) => {
    if ((month + 1) % 6 !== 0 && month !== 0) return []
    const since = outcome.months.slice(Math.max(0, month - 5), month + 1)
    const [emptiest, middle, fullest] = rangeOf(databases.map(({ fill }) => fill))
    const [, middleBusy, busiest] = rangeOf(databases.map(({ busy }) => busy))
    return [
      [
        month + 1,
        whole(companies),
        fixed(actions / 1e6),
        databases.length,
        ...[emptiest, middle, fullest, middleBusy, busiest].map((part) => percent(part)),
        whole(since.reduce((sum, each) => sum + each.moves, 0)),
        gigabytes(since.reduce((sum, each) => sum + each.moved, 0)),
      ],
    ]
  })
  const head = [
    'month',
    'companies',
    'million actions',
    'databases',
    'emptiest',
    'middle',
    'fullest',
    'middle busy',
    'busiest',
    'moves in 6 months',
    'GB moved',
  ]
  return table(head, rows)
}

/** The busiest hour of three databases. */
function waitsTable(findings: Findings): string {
  const { databases } = need(findings.outcome.months, findings.scenario.months - 1)
  const order = [...databases.keys()].sort(
    (one, other) => need(databases, one).busy - need(databases, other).busy,
  )
  const chosen: [string, number][] = [
    ['middle', need(order, Math.floor(order.length / 2))],
    ['busiest', need(order, order.length - 1)],
  ]
  const rows = chosen.map(([name, database]) => {
    const { requestsPerSecond, waits, expectedWait } = peakHourOf(findings, database)
    const { mean, p50, p99, p999, longest, busy } = waits
    return [
      `${name}: \`${nameOf(database)}\``,
      whole(requestsPerSecond),
      percent(busy),
      ...[expectedWait, mean, p50, p99, p999, longest].map(milliseconds),
    ]
  })
  return table(
    [
      'database',
      'requests a second',
      'busy',
      'mean wait by formula, ms',
      'mean',
      'p50',
      'p99',
      'p99.9',
      'longest',
    ],
    rows,
  )
}

function companiesTable(findings: Findings, count = 10): string {
  const { population, outcome, growth, scenario } = findings
  const last = scenario.months - 1
  const loads = loadsOf(population, last, growth)
  const order = [...population.entries()].sort(
    ([, one], [, other]) => other.actions * grown(last - other.joins) - one.actions * grown(last - one.joins),
  )
  const rows = order.slice(0, count).map(([index, { number, actions, joins, zone }]) => {
    const { fill, busy } = need(loads, index)
    return [
      `company ${whole(number)}`,
      need(growth.zones, zone).name,
      whole(actions * grown(last - joins)),
      whole(fill * (LIMITS.bytesPerDatabase / 1e6)),
      percent(busy, 1),
      `\`${nameOf(need(outcome.places, index))}\``,
    ]
  })
  return table(['largest', 'where', 'actions', 'MB', 'of a database’s time, in its busiest hour', 'in'], rows)
}

/** A Tuesday, in UTC. */
function dayTable({ population, outcome, growth, scenario }: Findings): string {
  const last = scenario.months - 1
  const { databases } = need(outcome.months, last)
  const weeks = weeksOf(population, last, outcome.places, databases.length, growth)
  const [, , busiest] = rangeOf(databases.map(({ busy }) => busy))
  const mine = need(
    weeks,
    databases.findIndex(({ busy }) => busy === busiest),
  )
  const weights = growth.zones.map((_, zone) =>
    population.reduce(
      (sum, each) => sum + (each.zone === zone ? each.actions * grown(last - each.joins) : 0),
      0,
    ),
  )
  const all = weekOf(growth.zones, weights, growth.requestsPerAction)
  const hours = Array.from({ length: 12 }, (_, index) => index * 2)
  const meanAt = (hour: number) => weeks.reduce((sum, week) => sum + need(week, 24 + hour), 0) / weeks.length
  return table(
    ['hour of a Tuesday, UTC', ...hours.map(String)],
    [
      ['requests a second, all', ...hours.map((hour) => whole(need(all, 24 + hour)))],
      ['databases busy, mean', ...hours.map((hour) => percent(meanAt(hour)))],
      ['the busiest database', ...hours.map((hour) => percent(need(mine, 24 + hour)))],
    ],
  )
}

export function comparison(all: readonly (readonly [string, Findings])[]): string {
  const rows = all.map(([name, { outcome, scenario, usage, changeShare }]) => {
    const { databases } = need(outcome.months, scenario.months - 1)
    const most = (member: keyof Load) => Math.max(...databases.map((each) => each[member]))
    const moves = outcome.months.reduce((sum, month) => sum + month.moves, 0)
    return [
      name,
      percent(changeShare, 1),
      whole(usage.d1Storage),
      databases.length,
      percent(most('fill')),
      percent(most('busy')),
      whole(moves),
      USD(totalOf(billOf(usage))),
    ]
  })
  return table(
    ['', 'changes', 'GB', 'databases', 'fullest', 'busiest', 'moves in 3 years', 'USD a month'],
    rows,
  )
}

function nameOf(database: number): string {
  return database === 0 ? 'DB' : `DB_${database + 1}`
}
