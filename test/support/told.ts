/**
 * Whether the history tells what happened: the state of a company's plans and actions before and after, and what the
 * entries in between make of the one. Shares nothing with the code that writes them but the policy.
 */
import { expect } from 'vitest'
import { mayReadAction, mayReadPlan, type Person } from '../../src/access/policy.ts'
import type { Status, Visibility } from '../../src/db/enums.ts'
import type { StoredEntry } from './entries.ts'
import { home } from './home.ts'

interface Plan {
  title: string
  description: string
  visibility: Visibility
  createdBy: string | null
}

interface Action extends Plan {
  followsPlanVisibility: boolean
  planId: string
  dueDate: string | null
  focusItems: { focusType: string; focusId: string | null }[]
  hierarchyIds: string[]
  assigneeIds: string[]
  status: Status
  /** By user. */
  states: Record<string, Status>
  noteIds: string[]
}

export interface State {
  plans: Map<string, Plan>
  actions: Map<string, Action>
  /** Everyone of the company, as if all were its managers. */
  people: Person[]
}

const cut = (text: string) => {
  const points = Array.from(text)
  return points.length > 200 ? `${points.slice(0, 199).join('')}…` : text
}

async function rowsOf<Row>(companyId: string, query: string): Promise<Row[]> {
  return (await home.prepare(query).bind(companyId).all<Row>()).results
}

const OF_ACTIONS =
  'WHERE action_id IN (SELECT id FROM actions WHERE company_id = ?1) ORDER BY action_id, position'

/** What is stored of a company, texts cut as the history cuts them. */
export async function stateOf(companyId: string): Promise<State> {
  type Row = { id: string; own: Visibility | null } & Omit<Action, 'dueDate'> & { dueDate: number | null }
  type Below<Members> = { actionId: string } & Members
  const [plans, actions, assignees, focusItems, areas, notes, people] = await Promise.all([
    rowsOf<Plan & { id: string }>(
      companyId,
      'SELECT id, title, description, visibility, created_by AS createdBy FROM plans WHERE company_id = ?1',
    ),
    rowsOf<Row>(
      companyId,
      `SELECT a.id, a.title, a.description, a.visibility AS own, coalesce(a.visibility, p.visibility) AS visibility,
        a.created_by AS createdBy, a.plan_id AS planId, a.due_date AS dueDate, a.status
        FROM actions a JOIN plans p ON p.id = a.plan_id WHERE a.company_id = ?1`,
    ),
    rowsOf<Below<{ userId: string; status: Status }>>(
      companyId,
      `SELECT action_id AS actionId, user_id AS userId, status FROM action_assignees ${OF_ACTIONS}`,
    ),
    rowsOf<Below<Action['focusItems'][number]>>(
      companyId,
      `SELECT action_id AS actionId, focus_type AS focusType, focus_id AS focusId FROM action_focus_items ${OF_ACTIONS}`,
    ),
    rowsOf<Below<{ id: string }>>(
      companyId,
      `SELECT action_id AS actionId, hierarchy_id AS id FROM action_hierarchies ${OF_ACTIONS}`,
    ),
    rowsOf<Below<{ id: string }>>(
      companyId,
      `SELECT action_id AS actionId, id FROM notes ${OF_ACTIONS.replace('position', 'id')}`,
    ),
    rowsOf<{ id: string }>(companyId, 'SELECT id FROM users WHERE company_id = ?1'),
  ])
  const of = <Item>(list: Below<Item>[], id: string) => list.filter(({ actionId }) => actionId === id)
  const actionOf = ({ id, own, dueDate, ...row }: Row): [string, Action] => [
    id,
    {
      ...row,
      title: cut(row.title),
      description: cut(row.description),
      followsPlanVisibility: own === null,
      dueDate: dueDate === null ? null : new Date(dueDate).toISOString(),
      focusItems: of(focusItems, id).map(({ focusType, focusId }) => ({ focusType, focusId })),
      hierarchyIds: of(areas, id).map((area) => area.id),
      assigneeIds: of(assignees, id).map(({ userId }) => userId),
      states: Object.fromEntries(of(assignees, id).map(({ userId, status }) => [userId, status])),
      noteIds: of(notes, id).map((note) => note.id),
    },
  ]
  return {
    plans: new Map(
      plans.map(({ id, title, description, ...plan }) => [
        id,
        { title: cut(title), description: cut(description), ...plan },
      ]),
    ),
    actions: new Map(actions.map(actionOf)),
    people: people.map(({ id }) => ({ id, role: 'MANAGER' })),
  }
}

/** Ids of those who may read the action, or the plan if `actionId` is null; nobody may read what is not there. */
function readersIn(
  { plans, actions, people }: State,
  planId: string,
  actionId: string | null,
): ReadonlySet<string> {
  const action = actionId === null ? undefined : actions.get(actionId)
  const plan = plans.get(action?.planId ?? planId)
  const may = (person: Person) => {
    if (plan === undefined) return false
    if (actionId === null) return mayReadPlan(person, plan)
    if (action === undefined) return false
    const assignees = action.assigneeIds.map((userId) => ({ userId }))
    return mayReadAction(person, { ...action, assignees, plan })
  }
  return new Set(people.filter(may).map(({ id }) => id))
}

function namedIn(readers: string | null, people: readonly Person[]): ReadonlySet<string> | null {
  if (readers === null) return null
  return new Set(
    people.map(({ id }) => id).filter((id) => readers === '*' || readers.split(' ').includes(id)),
  )
}

/** The entry says who was, or has to be, told. */
function expectReaders(entry: StoredEntry, before: State, after: State): void {
  const { type, planId, actionId, changes } = entry
  const told = namedIn(entry.readers, before.people)
  const [could, can] = [before, after].map((state) => readersIn(state, planId, actionId))
  if (!could || !can) return
  if (type.endsWith('.deleted') && type !== 'note.deleted') {
    expect(told, type).toEqual(could)
    return
  }
  if (type.endsWith('.created')) {
    expect(told).toBeNull()
    return
  }
  // Actions that follow a plan have no entry of their own when its visibility changes.
  const below = 'visibility' in changes && actionId === null
  const isToTell = below || could.size !== can.size || [...could].some((id) => !can.has(id))
  const all = new Set([...could, ...can])
  expect(told, `${type} ${JSON.stringify(changes)}`).toEqual(isToTell ? all : null)
  if (!below) return
  const inPlan = [...before.actions].filter(([, action]) => action.planId === planId).map(([id]) => id)
  for (const id of inPlan) {
    const [earlier, later] = [readersIn(before, planId, id), readersIn(after, planId, id)]
    for (const reader of [...earlier, ...later])
      expect(all.has(reader) || (earlier.has(reader) && later.has(reader)), 'a reader of an action').toBe(
        true,
      )
  }
}

interface Assigned {
  userId: string
  status: Status
}

/** The state that the entries lead to. What is created comes from the state afterwards. */
function fold(before: State, entries: readonly StoredEntry[], after: State): State {
  const state = structuredClone(before)
  for (const { type, planId, actionId, title, changes } of entries) {
    const made = <Thing>(things: Map<string, Thing>, id: string) => structuredClone(things.get(id))
    if (type === 'plan.created') {
      const plan = made(after.plans, planId)
      expect(plan, 'a plan that was made').toBeDefined()
      if (plan) state.plans.set(planId, plan)
    } else if (type === 'action.created') {
      const action = made(after.actions, actionId ?? '')
      expect(action, 'an action that was made').toBeDefined()
      if (action) state.actions.set(actionId ?? '', action)
    } else if (type === 'plan.deleted') expect(state.plans.delete(planId)).toBe(true)
    else if (type === 'action.deleted') expect(state.actions.delete(actionId ?? '')).toBe(true)
    else {
      expect(Object.keys(changes), type).not.toEqual([])
      const thing = actionId === null ? state.plans.get(planId) : state.actions.get(actionId)
      expect(thing, `what ${type} is about`).toBeDefined()
      if (thing) apply(thing, changes)
      expect([planId, title]).toEqual([
        thing && 'planId' in thing ? thing.planId : planId,
        cut(thing?.title ?? ''),
      ])
      follow(state)
    }
  }
  return state
}

/** Actions that follow their plan have its visibility. */
function follow({ plans, actions }: State): void {
  for (const action of actions.values())
    if (action.followsPlanVisibility) action.visibility = plans.get(action.planId)?.visibility ?? 'PRIVATE'
}

function apply(thing: Plan | Action, changes: StoredEntry['changes']): void {
  // Members are set by name; the comparison of the states finds what does not fit.
  const members = thing as unknown as Record<string, unknown>
  for (const [name, { before, after }] of Object.entries(changes)) {
    if (name === 'assignees' || name === 'noteId') continue
    expect(members[name], name).toEqual(before)
    if (String(before).length < 200 || typeof before !== 'string') expect(after, name).not.toEqual(before)
    members[name] = after
  }
  if (!('states' in thing)) return
  const { assignees, noteId } = changes
  const left = thing.states
  thing.states = Object.fromEntries(thing.assigneeIds.map((id) => [id, left[id] ?? 'NOT_STARTED']))
  for (const { userId, status } of (assignees?.before ?? []) as Assigned[])
    expect(left[userId], 'a state').toBe(status)
  for (const { userId, status } of (assignees?.after ?? []) as Assigned[]) {
    expect(left[userId], 'a state').not.toBe(status)
    thing.states[userId] = status
  }
  if (noteId === undefined) return
  thing.noteIds = thing.noteIds.filter((id) => id !== noteId.before)
  if (typeof noteId.after === 'string') thing.noteIds = [...thing.noteIds, noteId.after].sort()
}

/** The entries tell how the one state became the other, no less and no more, and to whom. */
export function expectTold(before: State, entries: readonly StoredEntry[], after: State): void {
  const folded = fold(before, entries, after)
  expect(Object.fromEntries(folded.plans)).toEqual(Object.fromEntries(after.plans))
  expect(Object.fromEntries(folded.actions)).toEqual(Object.fromEntries(after.actions))
  for (const entry of entries) expectReaders(entry, before, after)
}
