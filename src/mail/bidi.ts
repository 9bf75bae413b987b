/**
 * User text inside our sentences: isolated, so that its reading direction does not change that of the sentence (UAX
 * #9). Pure.
 */
import { escapeHtml } from './html.ts'

const FIRST_STRONG_ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'

// Control characters for the reading direction, and the blocks of scripts that run from right to left.
const TURNING =
  /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** The text for a line of plain text: isolated if it contains characters that could change the reading direction. */
export function isolated(text: string): string {
  return TURNING.test(text) ? FIRST_STRONG_ISOLATE + balanced(text) + POP_ISOLATE : text
}

/** The text as HTML, isolated by `<bdi>`. */
export function isolatedHtml(text: string): string {
  return `<bdi>${escapeHtml(balanced(text))}</bdi>`
}

/**
 * The text with balanced isolates: an end without a start would end our isolate and is removed, and missing ends are
 * added.
 */
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
