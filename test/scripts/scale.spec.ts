/** The simulation of docs/scale.md: its placement, its arithmetic, and that the page says what it finds. */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withMostRoom } from '../../scripts/company/room.ts'
import { grown, makeCompanies, MOST_ACTIONS } from '../../scripts/scale/companies.ts'
import { activity, monthlyOf, peakOf, weekOf, ZONES } from '../../scripts/scale/demand.ts'
import { loadsOf } from '../../scripts/scale/growth.ts'
import { costAt, readMeasured, SIZES } from '../../scripts/scale/measured.ts'
import {
  databasesNeeded,
  fillOf,
  isBeyond,
  type Load,
  movesFrom,
  sumOf,
} from '../../scripts/scale/placement.ts'
import { billOf, LIMITS, PRICES, priceOf, totalOf } from '../../scripts/scale/prices.ts'
import { meanWait, simulateWaits } from '../../scripts/scale/queueing.ts'
import { randomFrom } from '../../scripts/scale/random.ts'
import { figuresOf } from '../../scripts/scale/report.ts'
import { kindsOf, meanRequest, mixOf } from '../../scripts/scale/requests.ts'
import { BASE, play } from '../../scripts/scale/scenario.ts'
import { bytesOf, keptMonths } from '../../scripts/scale/storage.ts'

const { rules } = BASE
const part = (most: number) => fc.double({ min: 0, max: most, noNaN: true })
// Evenly spread, unlike those of fc.double, so that databases get full.
const evenly = (most: number) => fc.integer({ min: 0, max: 1_000 }).map((number) => (number * most) / 1_000)
const load = (most: number): fc.Arbitrary<Load> => fc.record({ fill: evenly(most), busy: evenly(most) })

describe('placement', () => {
  it('puts a new company where no database has more room', () => {
    fc.assert(
      fc.property(fc.array(evenly(1), { minLength: 1, maxLength: 12 }), (all) => {
        expect(withMostRoom(all)).toBe(all.indexOf(Math.min(...all)))
      }),
    )
  })

  it('adds as many databases as keep all of them within the rules, and no step too much', () => {
    fc.assert(
      fc.property(load(60), fc.nat(20), fc.integer({ min: 1, max: 12 }), (all, more, step) => {
        const count = 1 + more
        const needed = databasesNeeded(count, all, { ...rules, step })
        const each = (among: number): Load => ({ fill: all.fill / among, busy: all.busy / among })
        expect((needed - count) % step).toBe(0)
        expect(isBeyond(each(needed), rules.room)).toBe(false)
        if (needed > count) expect(isBeyond(each(needed - step), rules.room)).toBe(true)
      }),
    )
  })

  const homes = fc.array(fc.array(load(0.2), { maxLength: 12 }), { minLength: 1, maxLength: 8 })

  it('moves companies only from a database beyond its limits, each once, and to where they fit', () => {
    fc.assert(
      fc.property(homes, (companies) => {
        const loads = companies.map((mine) => mine.reduce(sumOf, { fill: 0, busy: 0 }))
        const mine = new Map(companies[0]?.entries())
        const moves = movesFrom(0, loads, mine, rules)
        if (!isBeyond(loads[0] ?? { fill: 0, busy: 0 }, rules.most)) expect(moves).toEqual([])
        expect(new Set(moves.map(({ company }) => company)).size).toBe(moves.length)
        const after = loads.map((before, at) =>
          moves.reduce(
            (sum, { company, to }) => (to === at ? sumOf(sum, mine.get(company) ?? sum) : sum),
            before,
          ),
        )
        for (const [at, each] of after.entries()) {
          if (at > 0 && moves.some(({ to }) => to === at)) expect(isBeyond(each, rules.target)).toBe(false)
        }
        expect(moves.every(({ to }) => to !== 0)).toBe(true)
      }),
    )
  })

  it('brings a full database back within the target when an empty one is there', () => {
    const full = new Map(Array.from({ length: 16 }, (_, index) => [index, { fill: 0.05, busy: 0.01 }]))
    const moves = movesFrom(
      0,
      [
        { fill: 0.8, busy: 0.16 },
        { fill: 0, busy: 0 },
      ],
      full,
      rules,
    )
    expect(moves.map(({ to }) => to)).toEqual([1, 1, 1, 1])
  })
})

describe('growth', () => {
  const small = fc.record({
    companies: fc.integer({ min: 20, max: 200 }),
    actions: fc.integer({ min: 1_000, max: 20_000_000 }),
    months: fc.integer({ min: 1, max: 24 }),
    databases: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
  })

  it('keeps every company in one of the databases, and loses no byte, however often companies move', () => {
    const measured = readMeasured()
    fc.assert(
      fc.property(small, (change) => {
        const { outcome, population, growth } = play(
          { ...BASE, ...change, changesPerActionAndMonth: 0 },
          measured,
        )
        const counts = [change.databases, ...outcome.months.map((month) => month.databases.length)]
        expect(counts).toEqual([...counts].sort((one, other) => one - other))
        expect(outcome.places).toHaveLength(population.length)
        expect(outcome.places.every((at) => at >= 0 && at < (counts.at(-1) ?? 0))).toBe(true)
        const last = outcome.months.at(-1)
        const filled = last?.databases.reduce((sum, { fill }) => sum + fill, 0) ?? NaN
        const loads = loadsOf(population, change.months - 1, growth)
        const wanted = loads.reduce((sum, { fill }) => sum + fill, 0)
        // The directory of addresses is the rest, of at most 5 KB a company.
        expect(filled - wanted).toBeGreaterThan(-1e-9)
        expect(filled - wanted).toBeLessThanOrEqual(fillOf(5_000 * population.length))
      }),
      { numRuns: 50 },
    )
  })
})

describe('companies', () => {
  it.each([BASE.distribution, { kind: 'zipf', exponent: 1 } as const])(
    'have the wanted number of actions together, none too many, and are the same each time ($kind)',
    (distribution) => {
      const wanted = { ...BASE, companies: 2_000, actions: 600_000, distribution }
      const made = makeCompanies(wanted)
      const all = made.reduce((sum, { actions, joins }) => sum + actions * grown(BASE.months - 1 - joins), 0)
      expect(made).toHaveLength(2_000)
      expect(all).toBeGreaterThan(590_000)
      expect(all).toBeLessThan(610_000)
      expect(made.every(({ actions }) => actions >= 1 && actions <= MOST_ACTIONS)).toBe(true)
      expect(makeCompanies(wanted)).toEqual(made)
    },
  )

  it('take more bytes the longer they are there and keep their history', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MOST_ACTIONS }),
        fc.nat(60),
        fc.integer({ min: 1, max: 800 }),
        (actions, age, days) => {
          const at = (months: number, retentionDays: number) =>
            bytesOf(actions, grown(months), keptMonths(months, retentionDays), { ...BASE, retentionDays })
          expect(at(age + 1, days)).toBeGreaterThanOrEqual(at(age, days))
          expect(at(age, days + 30)).toBeGreaterThanOrEqual(at(age, days))
          expect(keptMonths(age, days)).toBeLessThanOrEqual(days / 30)
        },
      ),
    )
  })
})

describe('arithmetic', () => {
  it('charges nothing for what is included, and the price for each unit beyond', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(PRICES)), part(1e6), (price, units) => {
        expect(priceOf(price, price.included)).toBe(0)
        expect(priceOf(price, price.included + units)).toBeCloseTo(units * price.each, 3)
      }),
    )
  })

  it('adds up a bill as a pocket calculator does', () => {
    const nothing = Object.fromEntries(Object.keys(PRICES).map((name) => [name, 0]))
    const usage = { ...nothing, requests: 110, rowsRead: 26_000, d1Storage: 25, kvReads: 30 } as Parameters<
      typeof billOf
    >[0]
    expect(totalOf(billOf(usage))).toBeCloseTo(5 + 30 + 1 + 15 + 10, 6)
  })

  it('spreads a week of requests so that its busiest hour and its sum fit', () => {
    const alone = { name: 'here', offset: 0, share: 1 }
    const week = weekOf([alone], [1], 7)
    expect(peakOf(week)).toBe(7)
    expect(monthlyOf(new Array<number>(168).fill(2))).toBeCloseTo(2 * 365.25 * 7200, 0)
    // An hour later in UTC for who is an hour behind.
    for (let hour = 0; hour < 167; hour += 1) {
      expect(activity({ ...alone, offset: -1 }, hour + 1)).toBe(activity(alone, hour))
    }
    expect(ZONES.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
  })

  it('finds the measured cost at a measured size, and between two of them in between', () => {
    const { overview, lists } = readMeasured()
    for (const costs of [overview, ...lists.values()]) {
      for (const [at, size] of SIZES.entries())
        expect(costAt(costs, size).rowsRead).toBeCloseTo(costs[at]?.rowsRead ?? NaN, 6)
      const [low, , high] = costs
      expect(costAt(costs, 10)).toEqual(low)
      expect(costAt(costs, 1e7).milliseconds).toBeCloseTo(high.milliseconds, 9)
    }
  })

  it('mixes requests to a whole', () => {
    fc.assert(
      fc.property(part(1), (changes) => {
        const kinds = kindsOf(mixOf(readMeasured()), changes)
        expect(kinds.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
        const { milliseconds, squaredMilliseconds } = meanRequest(kinds, 10_000)
        // The mean of squares is never less than the square of the mean.
        expect(squaredMilliseconds).toBeGreaterThanOrEqual(milliseconds ** 2)
      }),
      { numRuns: 20 },
    )
  })

  it('waits as the formula says: for equal times, and for times that differ much', () => {
    const random = randomFrom(7)
    const equal = simulateWaits(500, 400, () => 1, random)
    expect(equal.busy).toBeCloseTo(0.5, 1)
    expect(equal.mean / meanWait(500, 1, 1)).toBeCloseTo(1, 1)
    // One of a hundred takes a hundred times as long.
    const mixed = simulateWaits(200, 4_000, () => (random() < 0.01 ? 100 : 1), random)
    expect(mixed.mean / meanWait(200, 1.99, 100.99)).toBeCloseTo(1, 1)
    expect(meanWait(1_000, 1, 1)).toBe(Infinity)
  })
})

describe('docs/scale.md', () => {
  const base = play(BASE, readMeasured())
  const last = base.outcome.months.at(-1)

  it('is about a simulation in which every company has a place and no database is too full', () => {
    expect(base.outcome.places).toHaveLength(BASE.companies)
    expect(last?.actions).toBeCloseTo(BASE.actions, -4)
    for (const { fill, busy } of last?.databases ?? []) {
      expect(fill).toBeLessThanOrEqual(rules.most.fill)
      expect(busy).toBeLessThan(1)
    }
    expect(fillOf(LIMITS.bytesPerDatabase)).toBe(1)
  })

  it('has the figures that the simulation gives; `npm run bench -- scale` writes them', () => {
    const plain = (text: string) => text.replaceAll(/-+(?=:? *\|)/g, '-').replaceAll(/ +/g, ' ')
    const page = plain(readFileSync('docs/scale.md', 'utf8'))
    for (const figures of Object.values(figuresOf(base))) {
      for (const row of plain(figures).split('\n').slice(2)) expect(page).toContain(row)
    }
  })
})
