/** Lists of actions: read at once when that is little, else in portions. */
import { type Answer, PieceWriter, writtenSlice } from '../platform/answer.ts'
import type { Slice } from '../platform/schemas.ts'
import { inPortions, type Reader, untilUnchanged, weightOf } from './portions.ts'
import { type ActionListFilter, actionPage, type StoredAction, toStoredAction } from './store.ts'
import { HEAVIEST_ACTION } from './weight.ts'
import { viewAction } from './view.ts'

/** A slice of the actions that the looker may read, newest first. */
export async function listActions(reader: Reader, filter: ActionListFilter, slice: Slice): Promise<Answer> {
  const { gate, database, look } = reader
  const read = async (most: number) => {
    const { rows } = await gate.read(actionPage(database, filter, look, slice, most))
    const [totals, actions, outline] = rows
    const writer = new PieceWriter()
    let count = 0
    const write = (action: StoredAction) => {
      writer.write([count === 0 ? '' : ',', JSON.stringify(viewAction(action, look.now))])
      count += 1
    }
    for (const row of actions) write(toStoredAction(row))
    if (outline.length > 0) {
      await gate.heavy(weightOf(outline))
      for await (const portion of inPortions(reader, outline)) portion.forEach(write)
    }
    return writtenSlice(slice.from, count, totals[0]?.total ?? 0, writer)
  }
  return untilUnchanged(
    async () => read(await gate.light()),
    // A slice of actions weighs little enough to be read at once.
    async () => {
      await gate.heavy(HEAVIEST_ACTION * slice.limit)
      return read(Number.MAX_SAFE_INTEGER)
    },
  )
}
