/** Reads one action or a slice of actions: in one batch if the answer is small, else in portions. */
import { pageIn } from '../db/rows.ts'
import { type Answer, PieceWriter, resource, writtenSlice } from '../platform/answer.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { requireReadable } from './change.ts'
import { resolved } from './due-range.ts'
import { inPortions, untilUnchanged, weightOf } from './portions.ts'
import type { ActionListQuery } from './schemas.ts'
import type { ActionListFilter } from './search-store.ts'
import { actionById, actionPage, outlineOf, type StoredAction } from './store.ts'
import { viewAction } from './view.ts'
import { HEAVIEST_ACTION } from './weight.ts'

/** The action with that id. Throws 404 NOT_FOUND, 403 FORBIDDEN. */
export async function readAction(request: AuthorizedRequest, actionId: string): Promise<Answer> {
  const { database, caller, now } = request
  const { viewer, rows } = await request.read([actionById(database, caller.companyId, actionId)] as const)
  return resource(viewAction(requireReadable(viewer, rows[0][0]), now))
}

/** A slice of the actions that the caller may read, newest first. Throws 503 BUSY. */
export async function listActions(
  request: AuthorizedRequest,
  sent: Omit<ActionListQuery, 'from' | 'to'>,
  slice: Slice,
): Promise<Answer> {
  const { scope } = request
  const filter = await resolved(request, sent)
  const read = async (most: number) => {
    const { total, actions, outline } = await readPage(request, filter, slice, most)
    const writer = new PieceWriter()
    let count = 0
    const write = (action: StoredAction) => {
      writer.write([count === 0 ? '' : ',', JSON.stringify(viewAction(action, scope.now))])
      count += 1
    }
    actions.forEach(write)
    if (outline.length > 0) await request.heavy(weightOf(outline))
    for await (const portion of inPortions(request, outline)) portion.forEach(write)
    return writtenSlice(slice.from, count, total, writer)
  }
  return untilUnchanged(
    async () => read(await request.light()),
    // Even the largest slice of actions is small enough to be read in one batch.
    async () => {
      await request.heavy(HEAVIEST_ACTION * slice.limit)
      return read(Number.MAX_SAFE_INTEGER)
    },
  )
}

/**
 * The actions of a page, or their outline if one weighs more than its share of `most` bytes. What was read besides the
 * outline is not kept, since no memory is granted for it while the request waits.
 */
async function readPage(request: AuthorizedRequest, filter: ActionListFilter, slice: Slice, most: number) {
  const { database, scope } = request
  const share = Math.floor(most / slice.limit)
  const { rows } = await request.read([actionPage(database, filter, scope, slice, share)] as const)
  const { total, items } = pageIn(rows[0])
  const actions = items.map(({ action }) => action)
  return items.every(({ isWhole }) => isWhole)
    ? { total, actions, outline: [] }
    : { total, actions: [], outline: actions.map(outlineOf) }
}
