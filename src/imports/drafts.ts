/** What a file holds, whatever its form: plans with their actions as they were read, and the errors in them. Pure. */
import type * as z from 'zod'
import { type Members, unknownMembers } from '../platform/known-members.ts'
import type { ActionFields, PlanFields } from './schemas.ts'

/** Where in the file something stands. */
export type Place = { sheet: string; cell: string } | { line: number }

export type ImportError = Place & { message: string }

/** A plan or an action as the file has it. */
interface Draft<Fields> {
  /** What the importer calls it: unique among the importer's plans, or actions. */
  externalId: string
  /** null if there are errors in its own members. */
  fields: Fields | null
  /** Errors in its own members. They do not matter if it exists, since it is left as it is then. */
  errors: readonly ImportError[]
  /** The error of a member, or of the whole if the file does not have that member. */
  wrong(member: string, message: string): ImportError
}

export type ActionDraft = Draft<ActionFields>

export interface PlanDraft extends Draft<PlanFields> {
  actions: ActionDraft[]
  /** Whether it stands there by its id alone, as a plan does in an export to somebody who may read an action of it only. */
  isUntitled?: boolean
}

export interface FileDraft {
  plans: readonly PlanDraft[]
  /** Errors that belong to no plan and no action. */
  errors: readonly ImportError[]
  /** Whether an action with equal visibility to its plan's follows the plan, as the export of an action that does shows it. */
  showsEffectiveVisibility: boolean
}

/** How a file is looked at. */
export interface Strictness {
  /** Whether members and columns that are not known are left out. */
  isLenient: boolean
}

/** The most errors of one plan or action that are told, so that a hostile file of many members has few. */
const MOST_ERRORS = 50

/**
 * The value by its schema, or its errors.
 * @param wrong makes the error of a member, which may lie inside lists: `notes.3.text`
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: object,
  members: Members | null,
  wrong: (member: string, message: string) => ImportError,
): { fields: z.output<Schema> | null; errors: ImportError[] } {
  const result = schema.safeParse(value)
  const issues = (result.error?.issues ?? []).map(({ path, message }) => ({ path: path.join('.'), message }))
  const unknown = members === null ? [] : unknownMembers(value, members)
  const found = [...issues, ...unknown].slice(0, MOST_ERRORS)
  const errors = found.map(({ path, message }) => wrong(path, message))
  return { fields: result.success && errors.length === 0 ? result.data : null, errors }
}
