/** The overview against a naive count, for random companies, trees and filters, and everybody in them. */
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { asOf, stateAt } from '../../src/actions/lifecycle.ts'
import { hierarchies, users } from '../../src/db/schema.ts'
import type { OverviewView } from '../../src/portfolio/schemas.ts'
import { fold } from '../../src/platform/text.ts'
import {
  isReversed,
  type NaiveAction,
  naiveActions,
  naivePlans,
  type Query,
  type Stored,
} from '../actions/naive-search.ts'
import { build, company, queryOf, singleFilters } from '../actions/random-company.ts'
import { call, HIERARCHIES, namedPaths, PLANS, type Slice } from '../support/api.ts'
import { DAY, letPass } from '../support/clock.ts'
import type { Person } from '../support/world.ts'
import { home } from '../support/home.ts'

const OVERVIEW = `${PLANS}/overview`

interface Facts {
  /** In the order of the tree. */
  areas: readonly { id: string; name: string; parentId: string | null }[]
  names: ReadonlyMap<string, string>
}

function lives(action: NaiveAction, now: number) {
  return stateAt(now, { dueDate: action.row.dueDate, assignees: action.assignees })
}

/** The area and all around it. */
function lineOf(id: string, { areas }: Facts): string[] {
  const parentId = areas.find((area) => area.id === id)?.parentId ?? null
  return parentId === null ? [id] : [id, ...lineOf(parentId, { areas, names: new Map() })]
}

function monthsOf(stored: Stored, now: number): string[] {
  const [year = 0, month = 0] = stored.dateOf(now).split('-').map(Number)
  return Array.from({ length: 25 }, (_, index) =>
    new Date(Date.UTC(year, month - 13 + index)).toISOString().slice(0, 7),
  )
}

/** The same counts, each by its own walk over all actions. */
function naiveOverview(
  stored: Stored,
  person: Person,
  query: Query,
  facts: Facts,
  now: number,
): OverviewView {
  const found = naiveActions(stored, person, query, now)
  const withStatus = (...statuses: string[]) =>
    found.filter((each) => statuses.includes(lives(each, now).status))
  const counts = (list: readonly NaiveAction[]) => ({
    actions: list.length,
    completed: list.filter((each) => lives(each, now).status === 'COMPLETED').length,
    overdue: list.filter((each) => lives(each, now).overdue).length,
  })
  const all = counts(found)
  const open = found.flatMap((each) =>
    asOf(now, { dueDate: each.row.dueDate, assignees: each.assignees })
      .filter(({ status }) => status === 'NOT_STARTED' || status === 'IN_PROGRESS')
      .map(({ userId }) => ({ userId, overdue: each.row.dueDate !== null && each.row.dueDate <= now })),
  )
  const monthOf = (time: number | null) => (time === null ? '' : stored.dateOf(time).slice(0, 7))
  return {
    plans: naivePlans(stored, person, query, now).length,
    actions: all.actions,
    completionPercent: all.actions === 0 ? 0 : Math.floor((100 * all.completed) / all.actions),
    byStatus: {
      NOT_STARTED: withStatus('NOT_STARTED').length,
      IN_PROGRESS: withStatus('IN_PROGRESS').length,
      COMPLETED: withStatus('COMPLETED').length,
      CANCELLED: withStatus('CANCELLED').length,
      EXPIRED: withStatus('EXPIRED').length,
    },
    overdue: all.overdue,
    dueIn30Days: withStatus('NOT_STARTED', 'IN_PROGRESS').filter(
      ({ row: { dueDate } }) => dueDate !== null && dueDate > now && dueDate <= now + 30 * DAY,
    ).length,
    companyWide: found.filter(({ hierarchyIds }) => hierarchyIds.length === 0).length,
    byArea: facts.areas.flatMap(({ id, name }) => {
      const inside = found.filter((each) =>
        each.hierarchyIds.some((target) => lineOf(target, facts).includes(id)),
      )
      return inside.length === 0 ? [] : [{ hierarchyId: id, name, ...counts(inside) }]
    }),
    byAssignee: [...Map.groupBy(open, ({ userId }) => userId)]
      .map(([userId, list]) => ({
        userId,
        name: facts.names.get(userId) ?? '',
        open: list.length,
        overdue: list.filter(({ overdue }) => overdue).length,
      }))
      .sort(
        (one, other) =>
          other.open - one.open ||
          compare(fold(one.name), fold(other.name)) ||
          compare(one.userId, other.userId),
      )
      .slice(0, 20),
    byMonth: monthsOf(stored, now).map((month) => ({
      month,
      due: found.filter(({ row }) => monthOf(row.dueDate) === month).length,
      completed: withStatus('COMPLETED').filter((each) => monthOf(lives(each, now).finishedAt) === month)
        .length,
    })),
  }
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

it('the overview counts for everybody what the policy, the life cycle and the tree say', async () => {
  letPass(0)
  let found = 0
  const seed = fc.noShrink(fc.integer())
  await fc.assert(
    fc.asyncProperty(seed, async (number) => {
      const [sample] = fc.sample(company, { seed: number, numRuns: 1 })
      if (!sample) return
      const built = await build(sample)
      const { stored, people } = built
      const database = drizzle(home)
      const rows = await database
        .select()
        .from(hierarchies)
        .where(eq(hierarchies.companyId, stored.companyId))
      const named = await database.select().from(users).where(eq(users.companyId, stored.companyId))
      const [first] = people
      if (!first) return
      const tree = await call<Slice<{ id: string }>>(first, 'GET', HIERARCHIES)
      const facts = {
        areas: tree.body.result.flatMap(({ id }) => rows.find((row) => row.id === id) ?? []),
        names: new Map(named.map(({ id, name }) => [id, name])),
      }
      for (const person of people) {
        const queries = [...singleFilters(built), ...sample.requests.map((each) => queryOf(each, built))]
        for (const { planId: _, ...query } of queries) {
          const address = `${OVERVIEW}?${new URLSearchParams(query).toString()}`
          const reply = await call<OverviewView>(person, 'GET', address)
          if (isReversed(query, stored)) {
            expect([reply.status, namedPaths(reply)]).toEqual([400, ['dueFrom']])
            continue
          }
          expect(reply.status, address).toBe(200)
          expect(reply.body, address).toEqual(naiveOverview(stored, person, query, facts, Date.now()))
          found += reply.body.actions
        }
      }
    }),
    { numRuns: 2 },
  )
  expect(found).toBeGreaterThan(1_000)
}, 120_000)
