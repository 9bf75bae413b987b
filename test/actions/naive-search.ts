/**
 * A second, naive answer to the lists of plans and actions: all rows of a company in memory, each decided on by the
 * policy and the life cycle alone, without an index, a kept count or any SQL of the product.
 */
import { eq, getTableColumns, inArray } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { expect } from 'vitest'
import { mayReadAction, mayReadPlan } from '../../src/access/policy.ts'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { stateAt } from '../../src/actions/lifecycle.ts'
import {
  actionAssignees,
  actionFocusItems,
  actionHierarchies,
  actions,
  companies,
  plans,
} from '../../src/db/schema.ts'
import { ACTIONS, call, namedPaths, PLANS, type Slice } from '../support/api.ts'
import type { Person } from '../support/world.ts'
import { datesIn } from '../support/dates.ts'
import { home } from '../support/home.ts'

/** Filters as they stand in the address. */
export type Query = Partial<
  Record<
    | 'status'
    | 'focusType'
    | 'actionType'
    | 'hierarchyId'
    | 'assigneeId'
    | 'q'
    | 'overdue'
    | 'dueFrom'
    | 'dueTo'
    | 'planId',
    string
  >
>

/** The bounds of a slice, as they stand in the address. */
interface Page {
  from?: number
  to?: number
}

type PlanRow = typeof plans.$inferSelect
type ActionRow = typeof actions.$inferSelect

export interface NaiveAction {
  row: ActionRow
  plan: PlanRow
  assignees: (typeof actionAssignees.$inferSelect)[]
  focusTypes: string[]
  hierarchyIds: string[]
  text: string
}

/** The company as stored, newest first. */
export interface Stored {
  companyId: string
  plans: readonly PlanRow[]
  actions: readonly NaiveAction[]
  /** The date in the company's time zone, as `2026-11-23`. */
  dateOf: (time: number) => string
}

export async function load(companyId: string): Promise<Stored> {
  const database = drizzle(home)
  const own = database.select({ id: actions.id }).from(actions).where(eq(actions.companyId, companyId))
  const [company] = await database.select().from(companies).where(eq(companies.id, companyId))
  const planRows = await database.select().from(plans).where(eq(plans.companyId, companyId))
  const rows = await database
    .select(getTableColumns(actions))
    .from(actions)
    .where(eq(actions.companyId, companyId))
  const assignees = await database
    .select()
    .from(actionAssignees)
    .where(inArray(actionAssignees.actionId, own))
  const items = await database.select().from(actionFocusItems).where(inArray(actionFocusItems.actionId, own))
  const areas = await database
    .select()
    .from(actionHierarchies)
    .where(inArray(actionHierarchies.actionId, own))
  const planOf = new Map(planRows.map((plan) => [plan.id, plan]))
  const assigneesOf = Map.groupBy(assignees, ({ actionId }) => actionId)
  const itemsOf = Map.groupBy(items, ({ actionId }) => actionId)
  const areasOf = Map.groupBy(areas, ({ actionId }) => actionId)
  const all = rows.flatMap((row) => {
    const plan = planOf.get(row.planId)
    if (!plan) return []
    return {
      row,
      plan,
      assignees: assigneesOf.get(row.id) ?? [],
      focusTypes: (itemsOf.get(row.id) ?? []).map(({ focusType }) => focusType),
      hierarchyIds: (areasOf.get(row.id) ?? []).map(({ hierarchyId }) => hierarchyId),
      // No query holds a line break, so that none reaches from the title into the description.
      text: `${lower(row.title)}\n${lower(row.description)}`,
    }
  })
  return {
    companyId,
    plans: planRows.sort(newestFirst),
    actions: all.sort((one, other) => newestFirst(one.row, other.row)),
    dateOf: datesIn(company?.timeZone ?? 'UTC'),
  }
}

interface Dated {
  id: string
  createdAt: number
}

function newestFirst(one: Dated, other: Dated): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1)
}

function lower(text: string): string {
  return Array.from(text.normalize('NFC'), (character) => character.toLowerCase()).join('')
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text)
}

/** Whether a time lies before a bound: an instant, or the first moment of a date. */
function isBefore(time: number, bound: string, { dateOf }: Stored): boolean {
  return isDate(bound) ? dateOf(time) < bound : time < Date.parse(bound)
}

/** Whether the range ends before it begins, which the service refuses. */
export function isReversed({ dueFrom, dueTo }: Query, { dateOf }: Stored): boolean {
  if (dueFrom === undefined || dueTo === undefined) return false
  if (isDate(dueFrom) && isDate(dueTo)) return dueFrom > dueTo
  if (isDate(dueFrom)) return dateOf(Date.parse(dueTo)) < dueFrom
  // An instant is after the first moment of a date if the date had begun a millisecond before.
  if (isDate(dueTo)) return dateOf(Date.parse(dueFrom) - 1) >= dueTo
  return Date.parse(dueFrom) > Date.parse(dueTo)
}

function meets(action: NaiveAction, query: Query, now: number, stored: Stored): boolean {
  const { status, focusType, actionType, hierarchyId, assigneeId, q, overdue, dueFrom, dueTo, planId } = query
  const { dueDate } = action.row
  const state = () => stateAt(now, { dueDate, assignees: action.assignees })
  return (
    (planId === undefined || action.plan.id === planId) &&
    (actionType === undefined || action.row.actionType === actionType) &&
    (focusType === undefined || action.focusTypes.includes(focusType)) &&
    (hierarchyId === undefined || action.hierarchyIds.includes(hierarchyId)) &&
    (assigneeId === undefined || action.assignees.some(({ userId }) => userId === assigneeId)) &&
    (q === undefined || action.text.includes(lower(q.trim()))) &&
    (status === undefined || state().status === status) &&
    (overdue === undefined || state().overdue === (overdue === 'true')) &&
    (dueFrom === undefined || (dueDate !== null && !isBefore(dueDate, dueFrom, stored))) &&
    (dueTo === undefined || (dueDate !== null && isBefore(dueDate, dueTo, stored)))
  )
}

/** The actions that the person reads and that meet every filter, newest first. */
export function naiveActions(stored: Stored, person: Person, query: Query, now: number): NaiveAction[] {
  return stored.actions.filter((action) => {
    const facts = { ...action.row, plan: action.plan, assignees: action.assignees }
    return meets(action, query, now, stored) && mayReadAction(person, facts)
  })
}

interface NaivePlan {
  id: string
  /** Oldest first. */
  actions: string[]
}

/** The plans that the person reads, newest first; with a filter, those in which an action meets it. */
export function naivePlans(stored: Stored, person: Person, query: Query, now: number): NaivePlan[] {
  const found = Map.groupBy(naiveActions(stored, person, query, now), ({ plan }) => plan.id)
  const isFiltered = Object.values(query).some((value) => value.trim() !== '')
  return stored.plans.flatMap((plan) => {
    const inside = (found.get(plan.id) ?? []).map(({ row }) => row.id).reverse()
    const isListed = mayReadPlan(person, plan) && (!isFiltered || inside.length > 0)
    return isListed ? [{ id: plan.id, actions: inside }] : []
  })
}

function cut<Item>(all: readonly Item[], { from = 0, to = from + 10 }: Page) {
  const result = all.slice(from, to)
  return { from, to: from + result.length, total: all.length, result }
}

function addressOf(path: string, query: Query, { from, to }: Page): string {
  const parameters = new URLSearchParams(query)
  if (from !== undefined) parameters.set('from', String(from))
  if (to !== undefined) parameters.set('to', String(to))
  return `${path}?${parameters.toString()}`
}

async function checkActions(stored: Stored, person: Person, query: Query, pages: readonly Page[]) {
  const ids = naiveActions(stored, person, query, Date.now()).map(({ row }) => row.id)
  for (const page of pages) {
    const address = addressOf(ACTIONS, query, page)
    const { status, body } = await call<Slice<{ id: string }>>(person, 'GET', address)
    expect(status, address).toBe(200)
    const { result, ...numbers } = body
    expect({ ...numbers, result: result.map(({ id }) => id) }, address).toEqual(cut(ids, page))
  }
  return ids.length
}

async function checkPlans(stored: Stored, person: Person, query: Query, pages: readonly Page[]) {
  const wanted = naivePlans(stored, person, query, Date.now())
  for (const page of pages) {
    const address = addressOf(PLANS, query, page)
    const { status, body } = await call<Slice<PlanView>>(person, 'GET', address)
    expect(status, address).toBe(200)
    const { result, ...numbers } = body
    const shown = result.map(({ id, actions: inside }) => ({
      id,
      actions: inside.map((action) => action.id),
    }))
    expect({ ...numbers, result: shown }, address).toEqual(cut(wanted, page))
  }
}

/**
 * Asks for pages of actions and of plans and compares them with the naive answer; a plan has no filter by plan. Needs a
 * clock that stands still. Returns the number of actions that match.
 */
export async function checkLists(
  stored: Stored,
  person: Person,
  query: Query,
  pages: { ofActions: readonly Page[]; ofPlans: readonly Page[] },
): Promise<number> {
  const { planId: _, ...ofPlans } = query
  if (isReversed(query, stored)) {
    for (const path of [ACTIONS, PLANS]) {
      const reply = await call(person, 'GET', addressOf(path, path === PLANS ? ofPlans : query, {}))
      expect([reply.status, namedPaths(reply)]).toEqual([400, ['dueFrom']])
    }
    return 0
  }
  await checkPlans(stored, person, ofPlans, pages.ofPlans)
  return checkActions(stored, person, query, pages.ofActions)
}
