/** The entries that changes of an action leave in the history. Pure. */
import { effectiveVisibility } from '../access/policy.ts'
import { readersOfAction, readersText, toldOfAccess } from '../access/readers.ts'
import { changesBetween, type Changes, type Entry } from '../platform/history.ts'
import { toIso } from '../platform/time.ts'
import { type AssigneeState, asOf, derive } from './lifecycle.ts'
import type { StoredAction } from './store.ts'

type Subject = Pick<StoredAction, 'id' | 'planId' | 'title'>

function entryOf(
  { id, planId, title }: Subject,
  rest: Pick<Entry, 'type' | 'changes' | 'readers' | 'at'>,
): Entry {
  return { planId, actionId: id, title, ...rest }
}

export function actionCreated(action: Subject): Entry {
  return entryOf(action, { type: 'action.created', changes: {}, readers: null })
}

export function actionDeleted(action: StoredAction): Entry {
  return entryOf(action, {
    type: 'action.deleted',
    changes: {},
    readers: readersText(readersOfAction(action)),
  })
}

/**
 * The entries of an update: first that of the expiry, if the update stores it.
 * @param before as stored, `after` as decided on by the state at `now`
 */
export function actionUpdated(
  before: StoredAction,
  after: StoredAction,
  type: 'action.updated' | 'action.status_changed',
  now: number,
): Entry[] {
  const current = { ...before, assignees: [...asOf(now, before)] }
  return [
    ...expiryOf(before, current),
    entryOf(after, {
      type: after.planId === before.planId ? type : 'action.moved',
      changes: { ...changesBetween(membersOf(current), membersOf(after)), ...statesBetween(current, after) },
      readers: toldOfAccess(readersOfAction(current), readersOfAction(after)),
    }),
  ]
}

function expiryOf(before: StoredAction, current: StoredAction): Entry[] {
  const states = statesBetween(before, current)
  const { dueDate } = before
  if (dueDate === null || Object.keys(states).length === 0) return []
  const changes = { ...changesBetween(statusOf(before), statusOf(current)), ...states }
  return [entryOf(before, { type: 'action.expired', changes, readers: null, at: dueDate })]
}

function statusOf({ assignees }: StoredAction) {
  return { status: derive(assignees).status }
}

/** The members that a change can have, named as in the representation. */
function membersOf(action: StoredAction) {
  const { title, description, planId, focusItems, hierarchyIds, assignees, createdBy } = action
  return {
    title,
    description,
    visibility: effectiveVisibility(action.visibility, action.plan),
    followsPlanVisibility: action.visibility === null,
    planId,
    dueDate: toIso(action.dueDate),
    focusItems,
    hierarchyIds,
    assigneeIds: assignees.map(({ userId }) => userId),
    ...statusOf(action),
    createdBy,
  }
}

/**
 * The states of assignees that changed. Someone new is NOT_STARTED unless named here; of someone who left, `assigneeIds`
 * tells.
 */
function statesBetween(before: StoredAction, after: StoredAction): Changes {
  const earlier = new Map(before.assignees.map((assignee) => [assignee.userId, assignee]))
  const changed = after.assignees.filter(
    ({ userId, status }) => status !== (earlier.get(userId)?.status ?? 'NOT_STARTED'),
  )
  if (changed.length === 0) return {}
  const known = changed.map(({ userId }) => earlier.get(userId)).filter((assignee) => assignee !== undefined)
  return { assignees: { before: known.map(stateOf), after: changed.map(stateOf) } }
}

function stateOf({ userId, status }: AssigneeState) {
  return { userId, status }
}
