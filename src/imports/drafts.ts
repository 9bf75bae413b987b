/** What a file holds, whatever its form: plans with their actions as they were read, and the errors in them. Pure. */
import type * as z from 'zod'
import { type Members, unknownMembers } from '../platform/known-members.ts'
import { MOST_ERRORS as MOST_UNKNOWN } from '../platform/problem.ts'
import { complaintOf } from './complaints.ts'
import { ErrorList, type ImportError } from './error-list.ts'
import type { ActionFields, PlanFields } from './schemas.ts'
import { type ValidParts, validPartsOf } from './valid-parts.ts'

/** A plan or an action as the file has it. */
interface Draft<Fields> {
  /** What the importer calls it: unique among the importer's plans, or actions. null if that is not valid. */
  externalId: string | null
  /** Its members: null for one that is not valid, absent for one that the file does not have. */
  fields: Fields
  /** Errors in its own members. They do not matter if it exists, since it is left as it is then. */
  errors: ErrorList
  /** The error of a member, or of the whole if the file does not have that member. */
  wrong(member: string, message: string): ImportError
  /** How a code is written in this file. */
  word: (code: string) => string
}

export type ActionDraft = Draft<ActionFields>

export interface PlanDraft extends Draft<PlanFields> {
  actions: ActionDraft[]
  /** Whether it stands there by its id alone, as a plan does in an export to somebody who may read an action of it only. */
  isUntitled?: boolean
}

export interface FileDraft {
  plans: readonly PlanDraft[]
  /** Actions of which the file does not say in which plan they are. An error tells so. */
  homeless: readonly ActionDraft[]
  /** Errors that belong to no plan and no action. */
  errors: ErrorList
  /** Whether an action with equal visibility to its plan's follows the plan, as the export of an action that does shows it. */
  showsEffectiveVisibility: boolean
}

/** How a file is looked at. */
export interface Strictness {
  /** Whether members and columns that are not known are left out. */
  isLenient: boolean
}

/** Begins the name of a plan or an action of a sheet that has no id for it; the title follows. */
export const TITLE_PREFIX = 'title: '

const LONGEST_QUOTE = 60

/** The complaint with the text that it is about, which is cut if it is long. */
export function quoted(text: string, complaint: string): string {
  const shown = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE).toWellFormed()}…` : text
  return `"${shown}" ${complaint}`
}

/** The most errors of one plan or action that are told, so that a hostile file of many members has few. */
const MOST_ERRORS = 50
/** The most errors of a file that are told. */
const MOST_IN_FILE = 1000

export const errorsOfFile = () => new ErrorList(MOST_IN_FILE)
export const errorsOfDraft = () => new ErrorList(MOST_ERRORS)

/** How the members of a draft are looked at. */
interface Look {
  /** The names that are known; null if unknown ones are left out. */
  members: Members | null
  /** Makes the error of a member, which may lie inside lists: `notes.3.text`. */
  wrong: (member: string, message: string) => ImportError
  word: (code: string) => string
  /** Members of which an error has been told. */
  told?: ReadonlySet<string>
}

/** The members by their schemas, each by itself, so that an error of one hides nothing about the others. */
export function checked<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  value: object,
  { members, wrong, word, told }: Look,
): { fields: ValidParts<z.output<z.ZodObject<Shape>>>; errors: ErrorList } {
  const errors = errorsOfDraft()
  const fields: Record<string, unknown> = {}
  const error = (issue: z.core.$ZodRawIssue) => complaintOf(issue, word)
  for (const [name, member] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    const given = (value as Record<string, unknown>)[name]
    const result = told?.has(name) === true ? null : member.safeParse(given, { error })
    if (result?.success === true) {
      if (result.data !== null && result.data !== undefined) fields[name] = result.data
      continue
    }
    fields[name] = validPartsOf(member, given)
    for (const { path, message } of result?.error.issues ?? [])
      errors.add(wrong([name, ...path].join('.'), message))
  }
  const unknown = members === null ? [] : unknownMembers(value, members)
  for (const { path, message } of unknown) errors.add(wrong(path, message))
  if (unknown.length >= MOST_UNKNOWN) errors.leaveOpen()
  // Each member is what its schema gave, or what is valid of it.
  return { fields: fields as ValidParts<z.output<z.ZodObject<Shape>>>, errors }
}
