/**
 * `npm run bench -- databases [--rounds 3] [--seconds 3] [--actions 2000] [--heavy 20000]`: what several databases change on
 * one machine. The mixed load over four companies in 1, 2 and 4 databases, in turn; then how long light requests wait while
 * one company has overviews or exports made, in the same database, in another one, and in another process. Writes the
 * tables to test/bench/RESULTS.md.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Fleet, openFleet } from './bench-databases/fleet.ts'
import { beside, WORKS } from './bench-databases/heavy-work.ts'
import { type Measured, median, type Request, sample, type Sample, summary } from './bench-lists/measure.ts'
import { nextOf } from './bench-lists/mixed-load.ts'
import { PLANS } from './bench-lists/queries.ts'
import { table, writeResults } from './bench-lists/results.ts'
import { progress, type Seeded } from './bench-lists/setting.ts'

const DATABASES = [1, 2, 4] as const
const COMPANIES = 4
const CONNECTIONS = 8
const LIGHT_CONNECTIONS = 2
const ACTIONS = '/api/v1/company/actions'

type Next = () => Request
type Rates = Pick<Measured, 'rate' | 'p50' | 'p99'>

export async function benchDatabases(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      actions: { type: 'string', default: '2000' },
      heavy: { type: 'string', default: '20000' },
    },
  })
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
  const light = Array.from({ length: COMPANIES }, () => Number(values.actions))
  const [load = NaN] = loadavg()
  const folder = await mkdtemp(join(tmpdir(), 'databases-'))
  const fleets: Fleet[] = []
  try {
    // The heavy company is the fifth: with two databases it is in `DB`, like the first.
    for (const databases of DATABASES)
      fleets.push(
        await openFleet(folder, databases, databases === 2 ? [...light, Number(values.heavy)] : light),
      )
    const [one, two, four] = fleets
    if (!one || !two || !four) return
    const spread = await throughput({ one, two, four }, rounds, seconds)
    const waits = await waiting({ one, two }, rounds, seconds)
    const text = `Four companies of ${light[0]?.toLocaleString('en') ?? ''} actions, one of ${Number(values.heavy).toLocaleString('en')}; medians of ${rounds} rounds of ${seconds} s, each round through all rows. Load average of the machine before: ${load.toFixed(1)}.

Locally all databases of a process, and the worker, are carried out by one thread of workerd, so that several of them bring no speed
and keep nobody from waiting; two processes do both, as far as two cores allow. On Cloudflare each database carries out its own
statements, like the other process here. What is measured beside exports is mostly their start, with the copy of all actions.

The mixed load (30 % default lists, 10 % a plan, 50 % filters and searches, 10 % new actions) by ${CONNECTIONS} connections:

${spread}

Default lists and a plan in turn, by ${LIGHT_CONNECTIONS} connections, p50 and p99 in ms, while one company's work runs without a pause:

${waits}`
    console.log(`\n${text}`)
    await writeResults('Databases', text)
  } finally {
    for (const { service } of fleets) await service.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Fleets {
  one: Fleet
  two: Fleet
  four: Fleet
}

async function throughput({ one, two, four }: Fleets, rounds: number, seconds: number): Promise<string> {
  const half = COMPANIES / 2
  const loads = {
    '1 database': loadOf(one),
    '2 databases': loadOf(two),
    '4 databases': loadOf(four),
    'in 2 processes': inTurn([loadOf(one, 0, half), loadOf(four, half)]),
  }
  progress('mixed load')
  const measured = await inRounds(rounds, loads, (next) => sample(next, CONNECTIONS, seconds))
  const alone = measured['1 database']
  const rows = Object.entries(measured).map(([name, { rate, p50, p99 }]) => [
    ...[name, rate.toFixed(0), (rate / alone.rate).toFixed(2), p50.toFixed(0), (p50 / alone.p50).toFixed(2)],
    ...[p99.toFixed(0), (p99 / alone.p99).toFixed(2)],
  ])
  return table(['', 'a second', 'of 1 database', 'p50 ms', 'of 1', 'p99 ms', 'of 1'], rows)
}

/** The mixed load of a fleet's companies in turn, without the heavy one. */
function loadOf({ service, companies }: Fleet, from = 0, to = COMPANIES): Next {
  return inTurn(companies.slice(from, to).map((company) => nextOf(service, company)))
}

function inTurn(sources: readonly Next[]): Next {
  let turn = 0
  return () => {
    const source = sources[turn++ % sources.length]
    if (!source) throw new Error('There is nothing to send')
    return source()
  }
}

async function waiting({ one, two }: Omit<Fleets, 'four'>, rounds: number, seconds: number): Promise<string> {
  const [inFirst, inSecond] = two.companies
  const [elsewhere] = one.companies
  const heavy = two.companies[COMPANIES]
  if (!inFirst || !inSecond || !elsewhere || !heavy) throw new Error('A company is missing')
  const places = {
    same: lightOf(two, inFirst),
    other: lightOf(two, inSecond),
    process: lightOf(one, elsewhere),
  }
  const works = {
    nothing: null,
    overviews: () => WORKS.overviews(two.service, heavy),
    exports: () => WORKS.exports(two.service, heavy),
  }
  const rows: string[][] = []
  for (const [name, work] of Object.entries(works)) {
    progress(`light requests beside ${name}`)
    const measured = await inRounds(rounds, places, (next) =>
      beside(work, () => sample(next, LIGHT_CONNECTIONS, seconds)),
    )
    rows.push([name, ...Object.values(measured).flatMap(({ p50, p99 }) => [p50.toFixed(1), p99.toFixed(0)])])
  }
  const head = ['the same database', 'p99', 'another one', 'p99', 'in another process', 'p99']
  return table(['beside', ...head], rows)
}

function lightOf({ service: { url } }: Fleet, { token, planId }: Seeded): Next {
  return inTurn([ACTIONS, `${PLANS}/${planId}`].map((path) => () => ({ url: url + path, token })))
}

/** Measures all in turn, so that a busy moment of the machine hits all of them, and takes the medians of the rounds. */
async function inRounds<Name extends string>(
  rounds: number,
  sources: Record<Name, Next>,
  measure: (next: Next) => Promise<Sample>,
): Promise<Record<Name, Rates>> {
  const names = Object.keys(sources) as Name[]
  const all = new Map<Name, Measured[]>(names.map((name) => [name, []]))
  // The first requests of a process have much to load.
  for (const name of names) await sample(sources[name], 1, 1)
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) all.get(name)?.push(summary([await measure(sources[name])]))
  const entries = names.map((name) => {
    const middle = (of: keyof Rates) => median((all.get(name) ?? []).map((measured) => measured[of]))
    return [name, { rate: middle('rate'), p50: middle('p50'), p99: middle('p99') }] as const
  })
  return Object.fromEntries(entries) as Record<Name, Rates>
}
