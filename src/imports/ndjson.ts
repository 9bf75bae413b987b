/** Reads NDJSON: a plan with its actions a line. Pure. */
import { membersOf } from '../platform/known-members.ts'
import { LIMITS } from '../platform/limits.ts'
import { type ActionDraft, checked, type ImportError, type PlanDraft, type Strictness } from './drafts.ts'
import { actionOfLine, planLine } from './schemas.ts'
import { FileRefused } from './workbook/refusal.ts'

const PLAN_MEMBERS = membersOf(planLine.omit({ actions: true }), null)
const ACTION_MEMBERS = membersOf(actionOfLine, null)

/** A line: its plan, or what is wrong with the line as a whole. */
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
  const { fields, errors } = checked(planLine, own, isLenient ? null : PLAN_MEMBERS, wrong)
  const externalId = planLine.shape.externalId.safeParse((own as { externalId?: unknown }).externalId).data
  if (externalId === undefined) return { plan: null, errors }
  if (listed !== undefined && listed !== null && !Array.isArray(listed))
    return { plan: null, errors: [...errors, wrong('actions', 'must be a list of actions')] }
  const list: unknown[] = listed ?? []
  const found = list.slice(0, LIMITS.actionsPerPlan.most + 1).map((action, index) => {
    const inside = (member: string, message: string): ImportError =>
      wrong(member === '' ? `actions.${index}` : `actions.${index}.${member}`, message)
    return readAction(action, isLenient, inside)
  })
  const actions = found.filter((each): each is ActionDraft => 'externalId' in each)
  const broken = found.flatMap((each) => ('externalId' in each ? [] : each.errors))
  return { plan: { externalId, fields, errors, wrong, actions }, errors: broken }
}

function readAction(
  value: unknown,
  isLenient: boolean,
  wrong: (member: string, message: string) => ImportError,
): ActionDraft | { errors: ImportError[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { errors: [wrong('', 'must be an object')] }
  const { fields, errors } = checked(actionOfLine, value, isLenient ? null : ACTION_MEMBERS, wrong)
  const externalId = actionOfLine.shape.externalId.safeParse(
    (value as { externalId?: unknown }).externalId,
  ).data
  return externalId === undefined ? { errors } : { externalId, fields, errors, wrong }
}

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

const LONGEST_NAME = 150

function shortened(member: string): string {
  return member.length > LONGEST_NAME ? `${member.slice(0, LONGEST_NAME).toWellFormed()}…` : member
}
