/**
 * Counts anew what is kept about audiences, in code that shares nothing with the triggers: who reads what is asked of
 * the policy, and the rest is stated here a second time.
 */
import { expect } from 'vitest'
import { mayReadAction, mayReadPlan } from '../../src/access/policy.ts'
import type { ActionType, FocusType, Role, Status, Visibility } from '../../src/db/enums.ts'
import { home } from './home.ts'

type Reader = Readonly<{ id: string; role: Role }>

interface StoredPlan {
  id: string
  visibility: Visibility
  createdBy: string | null
  createdAt: number
  facets: number
  actionCount: number
}

export interface StoredAction {
  id: string
  planId: string
  visibility: Visibility | null
  createdBy: string | null
  createdAt: number
  actionType: ActionType
  status: Status
  startedAt: number | null
  dueDate: number | null
  audience: string
  focusBits: number
  facets: number
}

interface StoredAssignee {
  actionId: string
  userId: string
  isCreator: number
  createdAt: number
  dueDate: number | null
}

/** A row of `audience_counts`; the other members are numbers by status. */
type Counts = Record<Status, number> & { audience: string; actionType: ActionType; focusBits: number }

export interface Tables {
  plans: StoredPlan[]
  actions: StoredAction[]
  assignees: StoredAssignee[]
  focusItems: { actionId: string; focusType: FocusType }[]
  counts: Counts[]
  totals: { reader: string; plans: number; personalActions: number }[]
}

const OF_COMPANY = 'FROM actions WHERE company_id = ?1'
const QUERIES = {
  plans: `SELECT id, visibility, created_by AS createdBy, created_at AS createdAt, facets, action_count AS actionCount
    FROM plans WHERE company_id = ?1`,
  actions: `SELECT id, plan_id AS planId, visibility, created_by AS createdBy, created_at AS createdAt,
    action_type AS actionType, status, started_at AS startedAt, due_date AS dueDate, audience,
    focus_bits AS focusBits, facets ${OF_COMPANY}`,
  assignees: `SELECT action_id AS actionId, user_id AS userId, is_creator AS isCreator, created_at AS createdAt, due_date AS dueDate
    FROM action_assignees WHERE action_id IN (SELECT id ${OF_COMPANY})`,
  focusItems: `SELECT action_id AS actionId, focus_type AS focusType FROM action_focus_items
    WHERE action_id IN (SELECT id ${OF_COMPANY})`,
  counts: `SELECT audience, action_type AS actionType, focus_bits AS focusBits, not_started AS NOT_STARTED,
    in_progress AS IN_PROGRESS, completed AS COMPLETED, cancelled AS CANCELLED, expired AS EXPIRED
    FROM audience_counts WHERE company_id = ?1`,
  totals: `SELECT reader, plans, personal_actions AS personalActions FROM readable_totals WHERE company_id = ?1`,
} as const satisfies Record<keyof Tables, string>

/** What the company's tables hold at one moment. */
export async function readTables(companyId: string): Promise<Tables> {
  const queries = Object.values(QUERIES).map((query) => home.prepare(query).bind(companyId))
  const results = await home.batch(queries)
  const entries = Object.keys(QUERIES).map((name, index) => [name, results[index]?.results ?? []])
  // The columns are those of Tables, named in the queries above.
  return Object.fromEntries(entries) as Tables
}

function newest(rows: readonly { id: string; createdAt: number }[]): string[] {
  return rows.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)).map(({ id }) => id)
}

function planOf({ planId }: StoredAction, { plans }: Tables): StoredPlan {
  const plan = plans.find(({ id }) => id === planId)
  if (!plan) throw new Error('An action without a plan')
  return plan
}

/** The actions that the policy lets that person read, and that meet the condition. */
function readableActions(person: Reader, tables: Tables, meets: (action: StoredAction) => boolean) {
  return tables.actions.filter((action) => {
    const assignees = tables.assignees.filter(({ actionId }) => actionId === action.id)
    return meets(action) && mayReadAction(person, { ...action, plan: planOf(action, tables), assignees })
  })
}

/**
 * The ids of the plans and actions that the policy lets that person read, newest first. With a condition, only the
 * actions that meet it, and the plans with such an action that the person may read.
 */
export function readableBy(person: Reader, tables: Tables, meets?: (action: StoredAction) => boolean) {
  const actions = readableActions(person, tables, meets ?? (() => true))
  const plans = tables.plans.filter(
    (plan) =>
      mayReadPlan(person, plan) && (meets === undefined || actions.some(({ planId }) => planId === plan.id)),
  )
  return { plans: newest(plans), actions: newest(actions) }
}

const STATUSES = ['NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'EXPIRED'] as const
const FOCUS_VALUES: Record<FocusType | 'NONE', number> = { NONE: 1, SCORE: 2, HI: 4, ENPS: 8 }

function audienceOfPlan({ visibility, createdBy }: StoredPlan): string {
  return visibility === 'PUBLIC' || createdBy === null ? '*' : createdBy
}

function audienceOf(action: StoredAction, plan: StoredPlan): string {
  const isPublic = (action.visibility ?? plan.visibility) === 'PUBLIC'
  return isPublic || action.createdBy === audienceOfPlan(plan) ? audienceOfPlan(plan) : ''
}

/** The types of the action's focus items as numbers, each type once. */
function focusValues({ id }: StoredAction, { focusItems }: Tables): number[] {
  const types = new Set(
    focusItems.filter(({ actionId }) => actionId === id).map(({ focusType }) => focusType),
  )
  return types.size === 0 ? [FOCUS_VALUES.NONE] : [...types].map((type) => FOCUS_VALUES[type])
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0)
}

/** The facets of actions: the sum of a power of 2 for each status, type and focus type that one of them has. */
function facetsOf(actions: readonly StoredAction[], tables: Tables): number {
  const facets = actions.flatMap((action) => {
    const place = 8 * STATUSES.indexOf(action.status) + (action.actionType === 'COMPANY' ? 4 : 0)
    return focusValues(action, tables).map((value) => value * 2 ** place)
  })
  return sum(new Set(facets))
}

/** The number of times that each text occurs. */
function tally(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}

function withoutZeros(entries: readonly (readonly [string, number])[]): Record<string, number> {
  return Object.fromEntries(entries.filter(([, number]) => number !== 0))
}

const kindOf = ({
  audience,
  actionType,
  focusBits,
}: Pick<StoredAction, 'audience' | 'actionType' | 'focusBits'>) => `${audience} ${actionType} ${focusBits}`

/** What is kept, in the form in which `counted` gives the same. Numbers that are 0 are left out, others never. */
function kept({ plans, actions, assignees, counts, totals }: Tables, people: readonly Reader[]) {
  const ofAudience = (name: string) =>
    sum(
      counts
        .filter(({ audience }) => audience === name)
        .flatMap((row) => STATUSES.map((status) => row[status])),
    )
  const ofReader = (name: string) => totals.find(({ reader }) => reader === name)
  return {
    readable: people.map(({ id }) => ({
      plans: (ofReader('*')?.plans ?? 0) + (ofReader(id)?.plans ?? 0),
      actions: ofAudience('*') + ofAudience(id) + (ofReader(id)?.personalActions ?? 0),
    })),
    counts: withoutZeros(
      counts.flatMap((row) => STATUSES.map((status) => [`${kindOf(row)} ${status}`, row[status]] as const)),
    ),
    personal: withoutZeros(totals.map(({ reader, personalActions }) => [reader, personalActions])),
    plans: plans.map(({ id, facets, actionCount }) => ({ id, facets, actionCount })),
    actions: actions.map(({ id, audience, focusBits, facets }) => ({ id, audience, focusBits, facets })),
    assignees,
  }
}

/** The same, counted from plans, actions, assignees and focus items. */
function counted(tables: Tables, people: readonly Reader[]): ReturnType<typeof kept> {
  const placed = tables.actions.map((action) => {
    const audience = audienceOf(action, planOf(action, tables))
    return { ...action, audience, focusBits: sum(focusValues(action, tables)) }
  })
  const byId = new Map(placed.map((action) => [action.id, action]))
  const personal = people.map(({ id, role }) => {
    const isPersonal = (action: StoredAction) => !['*', id].includes(byId.get(action.id)?.audience ?? '*')
    return [id, readableActions({ id, role }, tables, isPersonal).length] as const
  })
  return {
    readable: people.map((person) => {
      const { plans, actions } = readableBy(person, tables)
      return { plans: plans.length, actions: actions.length }
    }),
    counts: tally(placed.map((action) => `${kindOf(action)} ${action.status}`)),
    personal: withoutZeros(personal),
    plans: tables.plans.map(({ id }) => {
      const ofPlan = placed.filter(({ planId }) => planId === id)
      const shared = ofPlan.filter(({ audience }) => audience !== '')
      return { id, facets: facetsOf(shared, tables), actionCount: ofPlan.length }
    }),
    actions: placed.map((action) => {
      const { id, audience, focusBits } = action
      return { id, audience, focusBits, facets: facetsOf([action], tables) }
    }),
    assignees: tables.assignees.map(({ actionId, userId }) => {
      const { createdBy = null, createdAt = NaN, dueDate = null } = byId.get(actionId) ?? {}
      return { actionId, userId, isCreator: Number(createdBy === userId), createdAt, dueDate }
    }),
  }
}

/** Everything that is kept is what a count gives; `people` are all who may read anything in the company. */
export function expectKept(tables: Tables, people: readonly Reader[]): void {
  expect(kept(tables, people)).toEqual(counted(tables, people))
}
