/** Reads NDJSON: a plan with its actions a line. Pure. */
import { membersOf } from '../platform/known-members.ts'
import { LIMITS } from '../platform/limits.ts'
import { type ActionDraft, checked, errorsOfDraft, type PlanDraft, type Strictness } from './drafts.ts'
import type { ImportError } from './error-list.ts'
import { actionOfLine, planLine } from './schemas.ts'
import { FileRefused } from './workbook/refusal.ts'

const PLAN_MEMBERS = membersOf(planLine, null)
const ACTION_MEMBERS = membersOf(actionOfLine, null)

/** A line: its plan, or what is wrong with a line that has none. */
export interface Line {
  plan: PlanDraft | null
  errors: ImportError[]
}

/** The text of a file. Throws `FileRefused` if it is not UTF-8. */
export function textOf(file: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(file)
  } catch {
    throw new FileRefused('The file is not UTF-8.')
  }
}

/** The lines of a text that are not blank, with their numbers from 1. */
export function* linesOf(text: string): Generator<{ line: number; text: string }> {
  let line = 0
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    line += 1
    const content = text.slice(start, end).trim()
    if (content !== '') yield { line, text: content }
    start = end + 1
  }
}

/** Reads one line. */
export function readLine({ line, text }: { line: number; text: string }, { isLenient }: Strictness): Line {
  const wrong = (member: string, message: string): ImportError => ({
    line,
    message: member === '' ? message : `${shortened(member)}: ${message}`,
  })
  const value = objectIn(text)
  if (value === null) return { plan: null, errors: [wrong('', 'must be a JSON object')] }
  const { actions: listed, ...own } = value as { actions?: unknown }
  const members = isLenient ? null : PLAN_MEMBERS
  const { fields, errors } = checked(planLine, own, { members, wrong, word: asCode })
  const isList = Array.isArray(listed)
  if (!isList && listed !== undefined && listed !== null)
    errors.add(wrong('actions', 'must be a list of actions'))
  const list: unknown[] = isList ? listed.slice(0, LIMITS.actionsPerPlan.most + 1) : []
  const actions = list.map((action, index) =>
    readAction(action, isLenient, (member, message) =>
      wrong(member === '' ? `actions.${index}` : `actions.${index}.${member}`, message),
    ),
  )
  const { externalId = null } = fields
  return { plan: { externalId, fields, errors, wrong, word: asCode, actions }, errors: [] }
}

function readAction(
  value: unknown,
  isLenient: boolean,
  wrong: (member: string, message: string) => ImportError,
): ActionDraft {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const errors = errorsOfDraft()
    errors.add(wrong('', 'must be an object'))
    return { externalId: null, fields: {}, errors, wrong, word: asCode }
  }
  const members = isLenient ? null : ACTION_MEMBERS
  const { fields, errors } = checked(actionOfLine, value, { members, wrong, word: asCode })
  const { externalId = null } = fields
  return { externalId, fields, errors, wrong, word: asCode }
}

/** NDJSON is written by programs, which use the codes. */
const asCode = (code: string) => code

function objectIn(text: string): object | null {
  try {
    // A byte order mark, at the beginning of a file, is white space here and an error in JSON.
    const value: unknown = JSON.parse(text.trim())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

const LONGEST_NAME = 150

function shortened(member: string): string {
  return member.length > LONGEST_NAME ? `${member.slice(0, LONGEST_NAME).toWellFormed()}…` : member
}
