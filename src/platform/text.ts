/** The kinds of text in requests, as zod schemas: trimmed, in NFC, well-formed, measured in code points. */
import * as z from 'zod'

/**
 * Turns CRLF into LF, normalises to NFC and trims. A text with lone surrogates stays as it is, so that validation
 * reports it.
 */
export function tidy(text: string): string {
  return text.isWellFormed() ? text.replaceAll('\r\n', '\n').normalize('NFC').trim() : text
}

/**
 * The form in which `q` and the searched texts are compared: NFC, lower-cased code point by code point, because
 * lower-casing a whole text depends on the context of a letter (final sigma).
 */
export function fold(text: string): string {
  let folded = ''
  for (const character of text.normalize('NFC')) folded += character.toLowerCase()
  return folded
}

/** Length in code points. */
export function lengthOf(text: string): number {
  let length = 0
  for (const character of text) length += character.length > 0 ? 1 : 0
  return length
}

/** Length in bytes of UTF-8. */
export function byteLengthOf(text: string): number {
  return new TextEncoder().encode(text).byteLength
}

/** Length in bytes of UTF-8 as a JSON string, without the quotes. */
export function jsonBytesOf(text: string): number {
  return byteLengthOf(JSON.stringify(text)) - 2
}

// All control characters (C0, DEL, C1); the second pattern excepts tab and newline.
const CONTROLS = /\p{Cc}/u
const CONTROLS_BUT_TAB_AND_NEWLINE = /[^\P{Cc}\t\n]/u

/**
 * The most code points of a text, or items of a list, that are looked at as sent: room for blanks that are trimmed, for
 * decomposed letters and for a mistake.
 */
export function mostAsSent(max: number): number {
  return 2 * max + 100
}

// More than 30 combining marks in a row, without U+034F between them: normalising them takes time quadratic in their
// number (UAX #15, Stream-Safe Text Format).
const UNSAFE_STREAM = /[\p{M}--\u034f]{31}/v

/** What is wrong with a text before normalisation, found in linear time; null if the text is safe to normalise. */
function complaintAsSent(text: string, max: number): string | null {
  // `text.length` counts UTF-16 units and is never less than the code points, so most texts need no counting.
  const isLong = text.length > mostAsSent(max) && lengthOf(text) > mostAsSent(max)
  if (isLong) return `must have at most ${String(max)} characters`
  if (!text.isWellFormed()) return 'must be well-formed Unicode, without lone surrogates'
  return UNSAFE_STREAM.test(text) ? 'must not have more than 30 combining marks in a row' : null
}

/** `tidy`, but a text that is too long or unsafe to normalise stays as it is, so that validation reports it. */
const tidyWithin = (max: number) => (text: string) =>
  complaintAsSent(text, max) === null ? tidy(text) : text

interface TextRules {
  min: number
  max: number
  controls: RegExp
  /** In UTF-8; unlimited if absent. */
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
      // The first check has already reported this text, and the text was not normalised.
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

/** An identifier from another system: 1-200 code points on one line. */
export const referenceText = () => text({ min: 1, max: 200, controls: CONTROLS })

/** A text to search for: trimmed, at most 200 code points; an empty text counts as absent. */
export const searchText = () => text({ min: 0, max: 200, controls: /[^\s\S]/u })

/** A URL as text on one line, of up to `max` code points; what it may lead to is for the feature to say. */
export const urlText = (max: number) => text({ min: 1, max, controls: CONTROLS }).meta({ format: 'uri' })

const LONGEST_EMAIL = 254

/** An e-mail address, trimmed, at most 254 characters. */
export const emailText = () =>
  text({ min: 1, max: LONGEST_EMAIL, controls: CONTROLS })
    .refine(
      (address) => address.length > LONGEST_EMAIL || z.email().safeParse(address).success,
      'must be an e-mail address',
    )
    .meta({ format: 'email', maxLength: LONGEST_EMAIL })

/** The form in which e-mail addresses are compared: the whole address lower-cased. */
export function emailKeyOf(email: string): string {
  return fold(email)
}
