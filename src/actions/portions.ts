/**
 * Actions that are too much to lie in memory at once, read in portions as they were at one moment: an action whose
 * revision has changed since the outline was made begins the reading anew.
 */
import type { AuthorizedRequest } from '../platform/request.ts'
import { outlinedActions, type OutlinedAction, type StoredAction } from './store.ts'

/** Of one read; D1's answer, its text and its rows lie in memory together. */
const PORTION_BYTES = 1024 * 1024

/** Somebody wrote one of the actions meanwhile. */
export class OutlineChanged extends Error {}

/** The actions in the order of the outline, a portion at a time. Throws OutlineChanged. */
export async function* inPortions(
  request: AuthorizedRequest,
  outline: readonly OutlinedAction[],
): AsyncGenerator<StoredAction[]> {
  for (const portion of portionsOf(outline)) {
    const { rows } = await request.read([outlinedActions(request.database, request.scope, portion)] as const)
    const found = new Map(rows[0].map((action) => [action.id, action]))
    yield portion.map(({ id, treeRevision }) => {
      const action = found.get(id)
      if (action?.treeRevision !== treeRevision) throw new OutlineChanged()
      return action
    })
  }
}

/** What the outlined actions weigh together, in bytes. */
export function weightOf(outline: readonly OutlinedAction[]): number {
  return outline.reduce((sum, { contentBytes }) => sum + contentBytes, 0)
}

function* portionsOf(outline: readonly OutlinedAction[]): Generator<OutlinedAction[]> {
  let portion: OutlinedAction[] = []
  let bytes = 0
  for (const action of outline) {
    if (portion.length > 0 && bytes + action.contentBytes > PORTION_BYTES) {
      yield portion
      portion = []
      bytes = 0
    }
    portion.push(action)
    bytes += action.contentBytes
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
