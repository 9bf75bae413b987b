/** What is said where a schema has no words of its own. Pure. */
import type * as z from 'zod'

/** Parameters of the error of a focus item in a cell that lacks an id; its words are those of the sheet. */
export const LACKS_ID = { lacks: 'id' } as const

const KINDS: Readonly<Record<string, string>> = { string: 'text', array: 'a list', object: 'an object' }

/** The complaint; undefined leaves it to zod. @param word how a code is written in the file */
export function complaintOf(issue: z.core.$ZodRawIssue, word: (code: string) => string): string | undefined {
  const isAbsent = issue.input === undefined || issue.input === null
  if (issue.code === 'custom' && issue.params?.lacks === LACKS_ID.lacks)
    return `needs an id: ${word('SCORE')}: <id>`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).map(word).join(', ')}`
  if (issue.code !== 'invalid_type') return undefined
  return isAbsent ? 'must not be empty' : `must be ${KINDS[issue.expected] ?? issue.expected}`
}
