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

// All control characters (C0, DEL, C1); the second spares tab and newline.
const CONTROLS = /\p{Cc}/u
const CONTROLS_BUT_TAB_AND_NEWLINE = /[^\P{Cc}\t\n]/u

interface TextRules {
  min: number
  max: number
  controls: RegExp
}

function text({ min, max, controls }: TextRules) {
  return z
    .string()
    .overwrite(tidy)
    .check((context) => {
      const value = context.value
      const complain = (message: string) => {
        context.issues.push({ code: 'custom', input: value, message })
      }
      if (!value.isWellFormed()) {
        complain('must be well-formed Unicode, without lone surrogates')
        return
      }
      const length = lengthOf(value)
      if (length < min)
        complain(min === 1 ? 'must not be empty' : `must have at least ${String(min)} characters`)
      if (length > max) complain(`must have at most ${String(max)} characters`)
      if (controls.test(value)) complain('must not contain control characters')
    })
    .meta({ minLength: min, maxLength: max })
}

/** A title or a name: 1-200 code points on one line. */
export const titleText = () => text({ min: 1, max: 200, controls: CONTROLS })

/** A description: up to 5,000 code points, tab and newline allowed. */
export const descriptionText = () => text({ min: 0, max: 5000, controls: CONTROLS_BUT_TAB_AND_NEWLINE })

/** A note: 1-5,000 code points, tab and newline allowed. */
export const noteText = () => text({ min: 1, max: 5000, controls: CONTROLS_BUT_TAB_AND_NEWLINE })

/** An identifier of another system: 1-200 code points on one line. */
export const referenceText = () => text({ min: 1, max: 200, controls: CONTROLS })

/** What to search for: trimmed, at most 200 code points; empty counts as absent. */
export const searchText = () => text({ min: 0, max: 200, controls: /[^\s\S]/u })

/** An e-mail address, trimmed, at most 254 characters. */
export const emailText = () =>
  z
    .string()
    .overwrite(tidy)
    .max(254, 'must have at most 254 characters')
    .refine((address) => z.email().safeParse(address).success, 'must be an e-mail address')
    .meta({ format: 'email', example: 'ana@example.com' })

/** What addresses are compared by: the whole of it lower-cased. */
export function emailKeyOf(email: string): string {
  return fold(email)
}
