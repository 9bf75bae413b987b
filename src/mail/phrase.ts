/**
 * Sentences with user text in them, pure: one source for the plain and the HTML part of a mail. User text is isolated
 * in both (bidi.ts), and everything is escaped in HTML.
 */
import { isolated, isolatedHtml } from './bidi.ts'
import { escapeHtml } from './html.ts'

interface UserText {
  userText: string
}

export type Phrase = readonly (string | UserText)[]

/** Marks text that people have written. */
export function ofUser(text: string): UserText {
  return { userText: text }
}

/** A template for sentences: phrase`Hello ${ofUser(name)},`. */
export function phrase(words: TemplateStringsArray, ...values: (string | number | UserText)[]): Phrase {
  return words.flatMap((text, index) => {
    const value = values[index]
    return value === undefined ? [text] : [text, typeof value === 'number' ? String(value) : value]
  })
}

/** The phrases one after the other, with blanks between them. */
export function sentences(...phrases: readonly Phrase[]): Phrase {
  return phrases.flatMap((one, index) => (index === 0 ? one : [' ', ...one]))
}

export function plainText(words: Phrase): string {
  return words.map((part) => (typeof part === 'string' ? part : isolated(part.userText))).join('')
}

export function htmlText(words: Phrase): string {
  return words
    .map((part) => (typeof part === 'string' ? escapeHtml(part) : isolatedHtml(part.userText)))
    .join('')
}

const MOST_IN_SUBJECT = 60
/** A cut goes back to the end of a word if that costs no more than this. */
const LONGEST_STEP_BACK = 20

/** A title for a subject: up to 60 characters as people count them, a longer one cut at a blank where there is one. */
export function shortTitle(title: string): string {
  // Lazily, since a hostile title may have many characters; the segmenter splits no character that is shown as one.
  let cut = ''
  let count = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(title)) {
    if (count === MOST_IN_SUBJECT) {
      const blank = cut.lastIndexOf(' ')
      const end = blank > 0 && blank >= cut.length - LONGEST_STEP_BACK ? blank : cut.length
      return `${cut.slice(0, end).trimEnd()}…`
    }
    cut += segment
    count += 1
  }
  return title
}
