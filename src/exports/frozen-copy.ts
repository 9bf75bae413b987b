/**
 * Reads the frozen copy of a plan for a workbook. It reads in portions by weight, so that the Summary's rows, details
 * and notes of many actions are never in memory together.
 */
import { stateAt } from '../actions/lifecycle.ts'
import type { Database } from '../platform/database.ts'
import {
  frozenActions,
  frozenDetails,
  frozenHierarchies,
  frozenNotes,
  frozenOutline,
} from './freeze-store.ts'
import { type FrozenAction, readFrozenAction, readFrozenDetail, readFrozenNote } from './frozen-store.ts'
import type {
  WorkbookAction,
  WorkbookActionDetail,
  WorkbookActions,
  WorkbookNote,
} from './workbook/content.ts'

/** The most bytes of one read. */
const PORTION_BYTES = 512 * 1024
/** The assumed weight of an action that was frozen before weights were stored. */
const UNKNOWN_BYTES = 20_000

export interface FrozenCopy {
  /** Weight of each action with its notes, oldest action first. */
  bytes: readonly number[]
  actions: WorkbookActions
  details(first: number, end: number): AsyncGenerator<WorkbookActionDetail>
}

/**
 * Opens the frozen copy of an export.
 * @param now the moment as of which the plan was frozen (Unix milliseconds)
 * @param onPortion called before each further read, so that the builder can prolong its lease
 */
export async function openFrozenCopy(
  database: Database,
  exportId: string,
  now: number,
  onPortion: () => Promise<void>,
): Promise<FrozenCopy> {
  const [outline, firstHierarchies] = await database.batch([
    frozenOutline(database, exportId),
    frozenHierarchies(database, exportId, ''),
  ])
  const names = new Map(firstHierarchies.map(({ id, name }) => [id, name]))
  for (let last = firstHierarchies.at(-1); last;) {
    const [further] = await database.batch([frozenHierarchies(database, exportId, last.id)])
    for (const { id, name } of further) names.set(id, name)
    last = further.at(-1)
  }
  const bytes = outline.map((action) => action.bytes || UNKNOWN_BYTES)

  async function* actions(start: number, end: number): AsyncGenerator<WorkbookAction> {
    for (const [first, next] of portionsOf(bytes, start, end)) {
      await onPortion()
      const [rows] = await database.batch([frozenActions(database, exportId, first, next)])
      for (const { summary } of rows) yield toWorkbookAction(readFrozenAction(summary), names, now)
    }
  }

  async function* details(start: number, end: number): AsyncGenerator<WorkbookActionDetail> {
    for (const [first, next] of portionsOf(bytes, start, end)) {
      await onPortion()
      const [rows, notes] = await database.batch(frozenDetails(database, exportId, first, next))
      const byPosition = Map.groupBy(notes, ({ position }) => position)
      for (const { position, detail } of rows) {
        yield { ...readFrozenDetail(detail), notes: notesOf(position, byPosition.get(position) ?? []) }
      }
    }
  }

  async function* notesOf(
    position: number,
    outlined: readonly { noteId: string; bytes: number }[],
  ): AsyncGenerator<WorkbookNote> {
    const weights = outlined.map((note) => note.bytes)
    for (const [first, next] of portionsOf(weights, 0, outlined.length)) {
      await onPortion()
      const ids = outlined.slice(first, next).map(({ noteId }) => noteId)
      const [rows] = await database.batch([frozenNotes(database, exportId, position, ids)])
      const byId = new Map(rows.map(({ noteId, note }) => [noteId, note]))
      for (const id of ids) {
        const note = byId.get(id)
        if (note !== undefined) yield readFrozenNote(note)
      }
    }
  }

  return { bytes, actions: { length: bytes.length, slice: actions }, details }
}

/** Ranges between `start` and `end`; each weighs at most one portion, or holds a single heavier item. */
export function* portionsOf(
  bytes: readonly number[],
  start: number,
  end: number,
): Generator<[first: number, next: number]> {
  for (let first = start; first < end;) {
    let next = first + 1
    let sum = bytes[first] ?? 0
    while (next < end && sum + (bytes[next] ?? 0) <= PORTION_BYTES) {
      sum += bytes[next] ?? 0
      next += 1
    }
    yield [first, next]
    first = next
  }
}

function toWorkbookAction(
  action: FrozenAction,
  names: ReadonlyMap<string, string>,
  now: number,
): WorkbookAction {
  // Copies from before hierarchy names were stored apart hold names in place of ids.
  const hierarchies = action.hierarchies.map((id) => ({ id, name: names.get(id) ?? id }))
  return { ...action, ...stateAt(now, action), hierarchies }
}
