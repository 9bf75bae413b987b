/** How much an import adds, as far as it can be told of what has errors. Pure. */
import { actionBytes } from '../actions/weight.ts'
import { jsonBytesOf } from '../platform/text.ts'
import type { ActionFields } from './schemas.ts'

/** What is added to a plan: new actions, their weight, and the JSON bytes of the texts of their notes. */
export interface Size {
  actions: number
  bytes: number
  noteBytes: number
}

/** The complaint about what holds more than a limit. */
export function tooMuch({ most, of }: { most: number; of: string }): string {
  return `would hold too much: at most ${most.toLocaleString('en')} ${of}`
}

/** Those that are valid. */
export function focusItemsOf({ focusItems }: ActionFields) {
  return (focusItems ?? []).flatMap((item) =>
    item?.focusType ? [{ focusType: item.focusType, focusId: item.focusId ?? null }] : [],
  )
}

/** JSON bytes of the texts of its notes. */
export function noteBytesOf({ notes }: ActionFields): number {
  return (notes ?? []).reduce((sum, note) => sum + jsonBytesOf(note?.text ?? ''), 0)
}

/** The weight without people and areas, which may not be there. */
export function leastBytes(fields: ActionFields): number {
  const { title, description } = fields
  const texts = { title: title ?? '', description: description ?? '' }
  return actionBytes({ ...texts, focusItems: focusItemsOf(fields), assignees: [], hierarchyIds: [] })
}
