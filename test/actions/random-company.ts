/** Random companies for property tests, everybody in them, and filters of which many meet something. */
import fc from 'fast-check'
import { type AssigneeState, derive } from '../../src/actions/lifecycle.ts'
import { ACTION_TYPES, FOCUS_TYPES, STATUSES, VISIBILITIES } from '../../src/db/enums.ts'
import { newId } from '../../src/platform/new-id.ts'
import { DAY, HOUR } from '../support/clock.ts'
import { insertActions, insertHierarchies, insertPlan } from '../support/factories.ts'
import { createCompany, createPerson, type Person } from '../support/world.ts'
import { load, type Query, type Stored } from './naive-search.ts'

const NOBODY = '0'.repeat(24)
const TIME_ZONES = ['UTC', 'Pacific/Auckland', 'America/Los_Angeles', 'Asia/Kathmandu']

const WORDS = ['feedback', 'FEED', 'back', 'Acción', 'accio\u0301n', 'ΟΔΟΣ', 'İstanbul', 'straße', '𝒳 ray']
const SPECIAL = ['100%', 'a_b', 'back\\slash', '*', '"quoted"', "it's"]
const TEXTS = [
  'feed',
  'ACCIÓN',
  'οδοσ',
  'i\u0307s',
  '𝒳',
  'nowhere',
  '  back ',
  'ac',
  '%',
  '_',
  '\\',
  '*',
  '"',
]

const text = (words: string[]) => fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 })
const visibility = fc.constantFrom(...VISIBILITIES)
/** One of five people. */
const who = fc.nat(4)
/** Few moments, so that some plans and actions have the same one, to be ordered by id. */
const made = fc.nat(6).map((steps) => -2 * HOUR + steps * 500)

/** In milliseconds from now: at the edge, near it, and over the days, which begin at another hour in each time zone. */
const near = fc.constantFrom(null, -DAY, -9 * HOUR, -1, 0, 1, 5 * HOUR, 12 * HOUR, 19 * HOUR, DAY)
/** Over more months than the overview shows, many of them at the turn of one. */
const far = fc.oneof(
  fc.constantFrom(30 * DAY, 30 * DAY + 1, -30 * DAY),
  fc.integer({ min: -410, max: 410 }).map((days) => days * DAY),
  fc.tuple(fc.integer({ min: -14, max: 14 }), fc.integer({ min: -15, max: 15 })).map(([months, hours]) => {
    const now = new Date()
    return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months) + hours * HOUR - now.getTime()
  }),
)
const due = fc.oneof({ weight: 2, arbitrary: near }, far)
/** Milliseconds by which an assignee started before the due date; 0 and less never let an action expire. */
const lead = fc.constantFrom(DAY, 1, 0, -1)

const plan = fc.record({
  creator: fc.option(who, { freq: 4 }),
  visibility,
  made,
})

const assignee = fc.record({ who, status: fc.constantFrom(...STATUSES), lead, hasStarted: fc.boolean() })

const action = fc.record({
  /** One of the plans there are. */
  plan: fc.nat(),
  creator: fc.option(who, { freq: 7 }),
  visibility: fc.option(visibility, { freq: 2 }),
  actionType: fc.constantFrom(...ACTION_TYPES),
  focusTypes: fc.array(fc.constantFrom(...FOCUS_TYPES), { maxLength: 3 }),
  /** Often several on one branch of the tree. */
  areas: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7], { maxLength: 4 }),
  assignees: fc.uniqueArray(assignee, { maxLength: 3, selector: (each) => each.who }),
  due,
  /** The due date was another one when the action expired. */
  isMoved: fc.boolean(),
  title: fc.tuple(text(WORDS), text([...WORDS, ...SPECIAL])).map((parts) => parts.flat().join(' ')),
  description: fc.option(
    text([...WORDS, ...SPECIAL]).map((words) => words.join(' ')),
    { nil: '' },
  ),
  made,
})

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never

/** How the ends of a range of due dates lie to the due date of an action. */
type Edge = number | 'date' | 'next date'
const edge = fc.constantFrom<Edge>(-1, 0, 1, 'date', 'next date')

/** All filters as one action has them, but for those of `others`. Every member is a filter. */
const values = fc.record({
  status: fc.constantFrom<string>(...STATUSES),
  focusType: fc.constantFrom<string>(...FOCUS_TYPES),
  actionType: fc.constantFrom<string>(...ACTION_TYPES),
  hierarchyId: fc.nat(8),
  assigneeId: who,
  q: fc.constantFrom(...TEXTS),
  overdue: fc.constantFrom('true', 'false'),
  dueFrom: edge,
  dueTo: edge,
  planId: fc.nat(),
})
const FILTERS = [
  ...(['status', 'focusType', 'actionType', 'hierarchyId', 'assigneeId'] as const),
  ...(['q', 'overdue', 'dueFrom', 'dueTo', 'planId'] as const),
]

/** Filters of which many come from one action, so that more than nothing meets several at once. */
const request = fc.record({
  filters: fc.oneof(fc.subarray(FILTERS, { maxLength: 3 }), fc.subarray(FILTERS)),
  /** The action that has them. */
  model: fc.nat(),
  values,
  /** The filters that are taken from `values` instead. */
  others: fc.subarray(FILTERS, { maxLength: 2 }),
  page: fc.record(
    { from: fc.oneof(fc.nat(8), fc.nat(80)), length: fc.oneof(fc.nat(5), fc.nat(100)) },
    { requiredKeys: [] },
  ),
})
export type Request = typeof request extends fc.Arbitrary<infer Value> ? Value : never

export const company = fc.record({
  timeZone: fc.constantFrom(...TIME_ZONES),
  /** For each area the one that it lies in, counted from the top; as many as its own number are none. */
  parents: fc.tuple(...[0, 1, 2, 3, 4, 5, 6, 7].map((area) => fc.nat(area))),
  plans: fc.array(plan, { minLength: 6, maxLength: 12 }),
  actions: fc.array(action, { minLength: 40, maxLength: 90 }),
  requests: fc.array(request, { minLength: 15, maxLength: 15 }),
})
export type Sample = typeof company extends fc.Arbitrary<infer Value> ? Value : never

export interface Company {
  people: Person[]
  areaIds: string[]
  stored: Stored
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('there is none')
  return item
}

export async function build({ timeZone, parents, plans, actions }: Sample): Promise<Company> {
  const now = Date.now()
  const companyId = await createCompany(timeZone)
  const people: Person[] = []
  for (const role of ['ADMIN', 'ADMIN', 'MANAGER', 'MANAGER', 'MANAGER'] as const)
    people.push(await createPerson(companyId, role))
  const idOf = (index: number | null) => (index === null ? null : at(people, index).id)
  const areaIds = parents.map((_, area) => newId(now + (area % 3)))
  await insertHierarchies(
    parents.map((parent, area) => ({
      ...{ companyId, name: `Area ${String(area)}`, createdAt: now + (area % 3) },
      ...{ id: at(areaIds, area), parentId: parent === area ? null : at(areaIds, parent) },
    })),
  )
  const rows: Awaited<ReturnType<typeof insertPlan>>[] = []
  for (const each of plans) {
    const createdAt = now + each.made
    const fields = { id: newId(createdAt), createdAt, createdBy: idOf(each.creator) }
    rows.push(await insertPlan({ companyId, ...fields, visibility: each.visibility }))
  }
  await insertActions(
    actions.map((each) => {
      const createdAt = now + each.made
      const dueDate = each.due === null ? null : now + each.due
      const assignees = each.assignees.map((one) => ({
        userId: at(people, one.who).id,
        ...stateOf(one, dueDate ?? now),
      }))
      const hasExpired = derive(assignees.map((one) => ({ ...one }))).status === 'EXPIRED'
      return {
        ...{ id: newId(createdAt), createdAt, createdBy: idOf(each.creator), plan: at(rows, each.plan) },
        ...{ title: each.title, description: each.description, visibility: each.visibility },
        actionType: each.actionType,
        focusItems: each.focusTypes.map((focusType) => ({ focusType, focusId: 'f' })),
        hierarchyIds: each.areas.map((index) => at(areaIds, index)),
        assignees,
        // What has expired may have got a later due date, or none.
        dueDate: hasExpired && each.isMoved ? (each.due === null ? null : now + DAY) : dueDate,
      }
    }),
  )
  return { people, areaIds, stored: await load(companyId) }
}

/** A state that steps and the clock can lead to. */
function stateOf(
  { status, lead, hasStarted }: Action['assignees'][number],
  dueDate: number,
): Omit<AssigneeState, 'userId'> {
  const startedAt = dueDate - lead
  switch (status) {
    case 'NOT_STARTED':
      return { status, startedAt: null, finishedAt: null }
    case 'IN_PROGRESS':
      return { status, startedAt, finishedAt: null }
    case 'COMPLETED':
      return { status, startedAt, finishedAt: startedAt }
    case 'CANCELLED':
    case 'EXPIRED':
      return { status, startedAt: hasStarted ? startedAt : null, finishedAt: dueDate }
  }
}

/** Each filter alone, with each of its values that make a difference. */
export function singleFilters({ people, areaIds, stored }: Company): Query[] {
  const now = Date.now()
  const bounds = [new Date(now).toISOString(), new Date(now + 1).toISOString(), stored.dateOf(now + DAY)]
  return [
    {},
    ...STATUSES.map((status) => ({ status })),
    ...FOCUS_TYPES.map((focusType) => ({ focusType })),
    ...ACTION_TYPES.map((actionType) => ({ actionType })),
    ...[...areaIds.slice(1, 3), NOBODY].map((hierarchyId) => ({ hierarchyId })),
    ...[...people.slice(2).map(({ id }) => id), NOBODY].map((assigneeId) => ({ assigneeId })),
    ...TEXTS.map((q) => ({ q })),
    ...['true', 'false'].map((overdue) => ({ overdue })),
    ...bounds.flatMap((bound) => [{ dueFrom: bound }, { dueTo: bound }]),
    ...[...stored.plans.slice(0, 2).map(({ id }) => id), NOBODY].map((planId) => ({ planId })),
  ]
}

function boundOf(time: number, where: Edge, { dateOf }: Stored): string {
  if (typeof where === 'number') return new Date(time + where).toISOString()
  return dateOf(where === 'date' ? time : time + DAY)
}

export function queryOf({ filters, model, values: other, others }: Request, company: Company): Query {
  const { people, areaIds, stored } = company
  const { row, plan: owner, ...all } = at(stored.actions, model)
  const dueDate = row.dueDate ?? Date.now()
  const own: Query = {
    status: row.status,
    focusType: at([...all.focusTypes, other.focusType], model),
    actionType: row.actionType,
    hierarchyId: at([...all.hierarchyIds, at(areaIds, other.hierarchyId)], model),
    assigneeId: at([...all.assignees.map(({ userId }) => userId), at(people, other.assigneeId).id], model),
    // Some are longer than what the index of texts is asked for whole.
    q: Array.from(row.title)
      .slice(model % 7, (model % 7) + (model % 2 === 0 ? 4 : 100))
      .join(''),
    planId: owner.id,
  }
  const random: Query = {
    ...{ status: other.status, focusType: other.focusType, actionType: other.actionType, q: other.q },
    hierarchyId: [...areaIds, NOBODY][other.hierarchyId] ?? NOBODY,
    assigneeId: at(people, other.assigneeId).id,
    planId: at(stored.plans, other.planId).id,
  }
  const always: Query = {
    overdue: other.overdue,
    dueFrom: boundOf(dueDate, other.dueFrom, stored),
    dueTo: boundOf(dueDate, other.dueTo, stored),
  }
  return Object.fromEntries(
    filters.map((name) => [name, always[name] ?? (others.includes(name) ? random : own)[name] ?? '']),
  )
}
