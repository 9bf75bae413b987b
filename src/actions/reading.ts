/** Reads one action or a slice of actions: in one batch if the answer is small, else in portions. */
import { type Answer, PieceWriter, resource, writtenSlice } from '../platform/answer.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { requireReadable } from './change.ts'
import { inPortions, untilUnchanged, weightOf } from './portions.ts'
import { actionById, type ActionListFilter, actionPage, type StoredAction } from './store.ts'
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
  filter: ActionListFilter,
  slice: Slice,
): Promise<Answer> {
  const { database, scope } = request
  const read = async (most: number) => {
    const { rows } = await request.read(actionPage(database, filter, scope, slice, most))
    const [totals, actions, outline] = rows
    const writer = new PieceWriter()
    let count = 0
    const write = (action: StoredAction) => {
      writer.write([count === 0 ? '' : ',', JSON.stringify(viewAction(action, scope.now))])
      count += 1
    }
    actions.forEach(write)
    if (outline.length > 0) {
      await request.heavy(weightOf(outline))
      for await (const portion of inPortions(request, outline)) portion.forEach(write)
    }
    return writtenSlice(slice.from, count, totals[0]?.total ?? 0, writer)
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
