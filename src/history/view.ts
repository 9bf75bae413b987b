/** An entry of the history as it is shown. Pure. */
import { toIso } from '../platform/time.ts'
import type { HistoryEntryView } from './schemas.ts'
import type { FoundEntry } from './store.ts'

export function viewEntry(entry: FoundEntry): HistoryEntryView {
  const { id, type, title, changes } = entry
  return view(entry, { id, type, title, changes: changesIn(changes) })
}

/** The entry beside a change of who may read: ids only, for those who could read before or can since. */
export function viewAccessChange(entry: FoundEntry): HistoryEntryView {
  return view(entry, { id: accessChangeId(entry.id), type: 'access.changed', title: '', changes: {} })
}

/** The id of the `access.changed` that follows from the entry: its own with another last digit. */
function accessChangeId(id: string): string {
  return id.slice(0, -1) + (parseInt(id.slice(-1), 16) ^ 1).toString(16)
}

/** `history.changes` as an object. */
export function changesIn(text: string): HistoryEntryView['changes'] {
  // Written with the entry.
  return JSON.parse(text) as HistoryEntryView['changes']
}

type Told = Pick<HistoryEntryView, 'id' | 'type' | 'title' | 'changes'>

function view(entry: FoundEntry, { id, type, title, changes }: Told): HistoryEntryView {
  const { at, actorId, actorName, via, planId, actionId } = entry
  const actor = actorId === null ? null : { userId: actorId, name: actorName ?? '' }
  return { id, at: toIso(at), actor, via, type, planId, actionId, title, changes }
}
