/** What a walk of the history found as a page of entries, and the gap to go on from. Pure. */
import type { HistoryEntryView } from './schemas.ts'
import type { Found, FoundEntry } from './store.ts'
import { viewAccessChange, viewEntry } from './view.ts'

export interface Page {
  entries: HistoryEntryView[]
  /** The place that follows the gap (store.ts). */
  gap: number
  more: boolean
}

/** The entries from the gap on, oldest first. */
export function pageAfter(gap: number, { entries, end }: Found, limit: number): Page {
  const parts = entries.flatMap(partsOf).filter(({ place }) => place >= gap)
  const shown = parts.slice(0, limit)
  if (parts.length <= limit && end) {
    const next = end.number === null ? gap : placeOf(end.number + 1)
    return { entries: viewsOf(shown), gap: next, more: end.isEarly }
  }
  const last = shown.at(-1)
  return { entries: viewsOf(shown), gap: last ? last.next : gap, more: true }
}

/** The entries up to the gap, newest first. */
export function pageBefore(gap: number, { entries, end }: Found, limit: number): Page {
  const parts = entries.flatMap((entry) => partsOf(entry).reverse()).filter(({ place }) => place < gap)
  const shown = parts.slice(0, limit)
  if (parts.length <= limit && end) {
    const next = end.number === null ? gap : placeOf(end.number)
    return { entries: viewsOf(shown), gap: next, more: end.isEarly }
  }
  const last = shown.at(-1)
  return { entries: viewsOf(shown), gap: last ? last.place : gap, more: true }
}

/** The place of the change with that number. */
export function placeOf(number: number): number {
  return 2 * number
}

/** The number of the row that has the place. */
export function numberAt(place: number): number {
  return Math.floor(place / 2)
}

interface Part {
  place: number
  /** The place of what comes after it. */
  next: number
  view: () => HistoryEntryView
}

/** The entries that a row is shown as, in the company's order. */
function partsOf(entry: FoundEntry): Part[] {
  const place = placeOf(entry.number)
  const main = { place, next: entry.isTold ? place + 1 : place + 2, view: () => viewEntry(entry) }
  const access = { place: place + 1, next: place + 2, view: () => viewAccessChange(entry) }
  return [...(entry.isMain ? [main] : []), ...(entry.isTold ? [access] : [])]
}

function viewsOf(parts: readonly Part[]): HistoryEntryView[] {
  return parts.map(({ view }) => view())
}
