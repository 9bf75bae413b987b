/**
 * Reads actions that are too large for memory together in portions, as they were at one moment. If an action's revision
 * has changed since the outline was read, the whole reading starts again.
 */
import type { AuthorizedRequest } from '../platform/request.ts'
import { outlinedActions, type OutlinedAction, type StoredAction } from './store.ts'

/** The most bytes of actions in one read, since D1's result, its text and its rows are in memory together. */
const PORTION_BYTES = 1024 * 1024

/** Thrown if one of the outlined actions has changed or is gone. */
export class OutlineChanged extends Error {}

/** The outlined actions in their order, a portion at a time. Throws OutlineChanged. */
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

/** Weight of the outlined actions together, in bytes. */
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

/**
 * Calls `read` up to 5 times while it throws OutlineChanged, and then `whole`, which must read everything in one batch.
 */
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
