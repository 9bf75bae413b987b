/**
 * Actions that are too much to lie in memory at once, read in portions as they were at one moment: an action whose
 * revision has changed since the outline was made begins the reading anew.
 */
import type { Database } from '../platform/database.ts'
import type { Gate } from '../platform/request.ts'
import type { Look } from './filter.ts'
import { outlinedActions, type OutlinedAction, type StoredAction, toStoredAction } from './store.ts'

/** Of one read; D1's answer, its text and its rows lie in memory together. */
const PORTION_BYTES = 1024 * 1024

/** Somebody wrote one of the actions meanwhile. */
export class OutlineChanged extends Error {}

export interface Reader {
  gate: Gate
  database: Database
  look: Look
}

/** The actions in the order of the outline, a portion at a time. Throws OutlineChanged. */
export async function* inPortions(
  { gate, database, look }: Reader,
  outline: readonly OutlinedAction[],
): AsyncGenerator<StoredAction[]> {
  for (const portion of portionsOf(outline)) {
    const { rows } = await gate.read([outlinedActions(database, look, portion)] as const)
    const found = new Map(rows[0].map((row) => [row.id, row]))
    yield portion.map(({ id, revision }) => {
      const row = found.get(id)
      if (row?.revision !== revision) throw new OutlineChanged()
      return toStoredAction(row)
    })
  }
}

/** What the outlined actions weigh together, in bytes. */
export function weightOf(outline: readonly OutlinedAction[]): number {
  return outline.reduce((sum, { content_bytes: bytes }) => sum + bytes, 0)
}

function* portionsOf(outline: readonly OutlinedAction[]): Generator<OutlinedAction[]> {
  let portion: OutlinedAction[] = []
  let bytes = 0
  for (const action of outline) {
    if (portion.length > 0 && bytes + action.content_bytes > PORTION_BYTES) {
      yield portion
      portion = []
      bytes = 0
    }
    portion.push(action)
    bytes += action.content_bytes
  }
  if (portion.length > 0) yield portion
}

const MOST_TRIES = 5

/** Tries again while the outline changes under the reading; gives up with what `whole` gives, which reads at once. */
export async function untilUnchanged<T>(read: () => Promise<T>, whole: () => Promise<T>): Promise<T> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof OutlineChanged)) throw error
    }
  }
  return whole()
}
