/** The entries that changes of a plan leave in the history. Pure. */
import { type PlanFacts } from '../access/policy.ts'
import { readersOfPlan, readersText, toldOfAccess } from '../access/readers.ts'
import { changesBetween, type Entry } from '../platform/history.ts'
import type { StoredPlan } from './store.ts'

type Subject = Pick<StoredPlan, 'id' | 'title'>

function entryOf({ id, title }: Subject, rest: Pick<Entry, 'type' | 'changes' | 'readers'>): Entry {
  return { planId: id, actionId: null, title, ...rest }
}

export function planCreated(plan: Subject): Entry {
  return entryOf(plan, { type: 'plan.created', changes: {}, readers: null })
}

export function planUpdated(before: StoredPlan, after: StoredPlan): Entry {
  return entryOf(after, {
    type: 'plan.updated',
    changes: changesBetween(membersOf(before), membersOf(after)),
    readers: toldOf(before, after),
  })
}

/** A legacy plan has the same readers whatever its visibility, but actions that follow it do not. */
function toldOf(before: PlanFacts, after: PlanFacts): string | null {
  return before.createdBy === null && before.visibility !== after.visibility
    ? readersText(readersOfPlan(after))
    : toldOfAccess(readersOfPlan(before), readersOfPlan(after))
}

function membersOf({ title, description, visibility, createdBy }: StoredPlan) {
  return { title, description, visibility, createdBy }
}

export function planDeleted(plan: StoredPlan): Entry {
  return entryOf(plan, { type: 'plan.deleted', changes: {}, readers: readersText(readersOfPlan(plan)) })
}
