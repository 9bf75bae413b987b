/** The kinds of text that requests carry, as zod schemas: trimmed, NFC, well-formed, measured in code points. */
import { z } from 'zod'

/** CRLF to LF, NFC, trimmed. Lone surrogates are left for the check to name. */
export function tidy(text: string): string {
  return text.isWellFormed() ? text.replaceAll('\r\n', '\n').normalize('NFC').trim() : text
}

/** What `q` is compared with: NFC, lower-cased code point by code point, so that context changes nothing. */
export function fold(text: string): string {
  let folded = ''
  for (const character of text.normalize('NFC')) folded += character.toLowerCase()
  return folded
}

/** How many code points. */
export function lengthOf(text: string): number {
  let length = 0
  for (const character of text) length += character.length > 0 ? 1 : 0
  return length
}

/** How many bytes in UTF-8. */
export function byteLengthOf(text: string): number {
  return new TextEncoder().encode(text).byteLength
}

/** How many bytes it takes inside the quotes of JSON. */
export function jsonBytesOf(text: string): number {
  return byteLengthOf(JSON.stringify(text)) - 2
}

// All control characters (C0, DEL, C1); the second spares tab and newline.
const CONTROLS = /\p{Cc}/u
const CONTROLS_BUT_TAB_AND_NEWLINE = /[^\P{Cc}\t\n]/u

/** As sent, a text may have this many code points: room for blanks that are trimmed and for decomposed letters. */
function mostAsSent(max: number): number {
  return 2 * max + 100
}

// More than 30 combining marks in a row, unless U+034F joins them: normalising them costs the square of their
// number (UAX #15, Stream-Safe Text Format).
const UNSAFE_STREAM = /[\p{M}--\u034f]{31}/v

/** What is wrong with a text as it was sent, in time linear in its length; null when it may be worked on. */
function complaintAsSent(text: string, max: number): string | null {
  // A code point has at most two units, so most texts need no counting.
  const isLong = text.length > mostAsSent(max) && lengthOf(text) > mostAsSent(max)
  if (isLong) return `must have at most ${String(max)} characters`
  if (!text.isWellFormed()) return 'must be well-formed Unicode, without lone surrogates'
  return UNSAFE_STREAM.test(text) ? 'must not have more than 30 combining marks in a row' : null
}

/** Texts as sent that are too long or unsafe to normalise stay as they are, for the check to name. */
const tidyWithin = (max: number) => (text: string) =>
  complaintAsSent(text, max) === null ? tidy(text) : text

interface TextRules {
  min: number
  max: number
  controls: RegExp
  /** UTF-8 bytes. */
  maxBytes?: number
}

function text({ min, max, controls, maxBytes = Infinity }: TextRules) {
  return z
    .string()
    .check((context) => {
      const complaint = complaintAsSent(context.value, max)
      if (complaint !== null) {
        context.issues.push({ code: 'custom', input: context.value, message: complaint })
      }
    })
    .overwrite(tidyWithin(max))
    .check((context) => {
      // What was wrong as sent is named already, and was left as it is.
      if (context.issues.length > 0) return
      const value = context.value
      const complain = (message: string) => {
        context.issues.push({ code: 'custom', input: value, message })
      }
      const length = lengthOf(value)
      if (length < min)
        complain(min === 1 ? 'must not be empty' : `must have at least ${String(min)} characters`)
      if (length > max) complain(`must have at most ${String(max)} characters`)
      if (controls.test(value)) complain('must not contain control characters')
      if (byteLengthOf(value) > maxBytes) complain(`must have at most ${String(maxBytes)} bytes`)
    })
    .meta({ minLength: min, maxLength: max })
}

/** A title, or a name of a company or an area: 1-200 code points on one line. */
export const titleText = () => text({ min: 1, max: 200, controls: CONTROLS })

/** A name of a person: 1-200 code points on one line, at most 256 bytes. */
export const personName = () => text({ min: 1, max: 200, controls: CONTROLS, maxBytes: 256 })

/** A description: up to 5,000 code points, tab and newline allowed. */
export const descriptionText = () => text({ min: 0, max: 5000, controls: CONTROLS_BUT_TAB_AND_NEWLINE })

/** A note: 1-5,000 code points, tab and newline allowed. */
export const noteText = () => text({ min: 1, max: 5000, controls: CONTROLS_BUT_TAB_AND_NEWLINE })

/** An identifier of another system: 1-200 code points on one line. */
export const referenceText = () => text({ min: 1, max: 200, controls: CONTROLS })

/** What to search for: trimmed, at most 200 code points; empty counts as absent. */
export const searchText = () => text({ min: 0, max: 200, controls: /[^\s\S]/u })

const LONGEST_EMAIL = 254

/** An e-mail address, trimmed, at most 254 characters. */
export const emailText = () =>
  text({ min: 1, max: LONGEST_EMAIL, controls: CONTROLS })
    .refine(
      (address) => address.length > LONGEST_EMAIL || z.email().safeParse(address).success,
      'must be an e-mail address',
    )
    .meta({ format: 'email', example: 'ana@example.com', maxLength: LONGEST_EMAIL })

/** What addresses are compared by: the whole of it lower-cased. */
export function emailKeyOf(email: string): string {
  return fold(email)
}
