/** User text inside our sentences: whatever its reading direction, it turns nothing around but itself (UAX #9). Pure. */
import { escapeHtml } from './html.ts'

const FIRST_STRONG_ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'

// Controls of direction, and the blocks of the scripts that run from right to left.
const TURNING =
  /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** The text as it may stand in a line of plain text: isolated if it could turn the rest around. */
export function isolated(text: string): string {
  return TURNING.test(text) ? FIRST_STRONG_ISOLATE + balanced(text) + POP_ISOLATE : text
}

/** The text as HTML, isolated. */
export function isolatedHtml(text: string): string {
  return `<bdi>${escapeHtml(balanced(text))}</bdi>`
}

/** Without ends of isolates that never began, which would end ours; with those that lack. */
function balanced(text: string): string {
  let depth = 0
  let result = ''
  for (const character of text) {
    if (character === POP_ISOLATE && depth === 0) continue
    if (/[\u2066-\u2068]/.test(character)) depth += 1
    if (character === POP_ISOLATE) depth -= 1
    result += character
  }
  return result + POP_ISOLATE.repeat(depth)
}
