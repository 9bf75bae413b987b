/**
 * Several people, areas or focus items in one cell: separated by semicolons, and one that holds a semicolon in double quotes,
 * as in CSV. Pure.
 */

/** What stands between the items. */
export const LIST_SEPARATOR = '; '

/** Ends an item that is not in quotes. In a cell that was written by hand, each item may stand on a line of its own. */
const ENDS = /[;\n]/
const BLANKS = /\s*/y
/** What follows an item in quotes, up to the next item. */
const AFTER_QUOTED = /\s*(?:[;\n]|$)/y

/** The text of a cell with these items. `itemsIn` gives them back, without blanks around them and without empty ones. */
export function cellOf(items: readonly string[]): string {
  return items.map(inCell).join(LIST_SEPARATOR)
}

function inCell(item: string): string {
  const isPlain = !ENDS.test(item) && !item.startsWith('"')
  return isPlain ? item : `"${item.replaceAll('"', '""')}"`
}

/** The items in the text of a cell, without blanks around them and without empty ones. */
export function itemsIn(text: string): string[] {
  const items: string[] = []
  for (let at = 0; at < text.length;) {
    const { item, next } = quotedAt(text, at) ?? plainAt(text, at)
    items.push(item.trim())
    at = next
  }
  return items.filter((item) => item !== '')
}

interface Found {
  item: string
  /** Where the next item begins. */
  next: number
}

/** The item in quotes at this place; null if there is none, or none that is closed before a separator or the end. */
function quotedAt(text: string, at: number): Found | null {
  const start = endOf(BLANKS, text, at) ?? at
  if (text[start] !== '"') return null
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  const next = end === -1 ? null : endOf(AFTER_QUOTED, text, end + 1)
  return next === null ? null : { item: text.slice(start + 1, end).replaceAll('""', '"'), next }
}

function plainAt(text: string, at: number): Found {
  const length = text.slice(at).search(ENDS)
  const end = length === -1 ? text.length : at + length
  return { item: text.slice(at, end), next: end + 1 }
}

/** Where the match of a sticky pattern at this place ends; null if there is none. */
function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}
