/** Requests and answers about actions and their notes. */
import * as z from 'zod'
import { ACTION_TYPES, FOCUS_TYPES, ORIGINS, STATUSES, STEPS, VISIBILITIES } from '../db/enums.ts'
import { LIMITS } from '../platform/limits.ts'
import {
  asRead,
  eachOptional,
  flag,
  id,
  instantOrDate,
  listOf,
  optional,
  percentage,
  sliceQuery,
  timestamp,
} from '../platform/schemas.ts'
import { inOrder } from '../platform/time-range.ts'
import { descriptionText, noteText, referenceText, searchText, titleText } from '../platform/text.ts'
import { isAbsent, SET_OTHERWISE } from './as-read.ts'

const status = z.enum(STATUSES).meta({ id: 'Status' })
const actionType = z.enum(ACTION_TYPES).meta({ id: 'ActionType' })
const origin = z.enum(ORIGINS).meta({ id: 'Origin' })
const focusType = z.enum(FOCUS_TYPES).meta({ id: 'FocusType' })
export const visibility = z.enum(VISIBILITIES).meta({ id: 'Visibility' })

export const actionSchema = z
  .object({
    id: id(),
    companyId: id(),
    planId: id(),
    title: z.string(),
    description: z.string(),
    actionType,
    origin,
    visibility: visibility.meta({ description: "The effective one: the action's own, or its plan's" }),
    followsPlanVisibility: z
      .boolean()
      .meta({ description: 'true while the action has no visibility of its own' }),
    status,
    completionPercent: percentage().meta({ description: 'Assignees COMPLETED out of all, rounded down' }),
    overdue: z.boolean().meta({ description: 'Past its due date and neither COMPLETED nor CANCELLED' }),
    focusItems: z.array(z.object({ focusType, focusId: z.string().nullable() })),
    hierarchyIds: z.array(id()).meta({ description: 'Areas targeted; none means company-wide' }),
    assignees: z.array(
      z.object({
        userId: id(),
        name: z.string(),
        active: z.boolean(),
        status,
        startedAt: timestamp().nullable(),
        finishedAt: timestamp().nullable(),
      }),
    ),
    dueDate: timestamp().nullable(),
    startedAt: timestamp().nullable(),
    finishedAt: timestamp().nullable(),
    noteCount: z.int(),
    createdBy: id().nullable(),
    createdAt: timestamp(),
    updatedAt: timestamp(),
  })
  .meta({ id: 'Action', description: 'One improvement, always in exactly one plan' })

const focusItem = z
  .object({ focusType, focusId: optional(referenceText()) })
  .refine(({ focusType: type, focusId }) => type !== 'SCORE' || (focusId ?? null) !== null, {
    path: ['focusId'],
    message: 'must be given for SCORE',
  })

const writable = {
  description: optional(descriptionText()),
  visibility: optional(visibility).meta({
    description: "Omitted: follows the plan's, also when that changes later",
  }),
  followsPlanVisibility: optional(z.boolean()).meta({
    description:
      "true: follows the plan's, for which `visibility` is left out or equal to it. false: keeps the present one, or `visibility`, as its own.",
  }),
  focusItems: optional(listOf(focusItem, 0, LIMITS.focusItemsPerAction.most)),
  hierarchyIds: optional(listOf(id(), 0, LIMITS.areasPerAction.most)),
  assigneeIds: optional(listOf(id(), 1, LIMITS.assigneesPerAction.most)).meta({
    description: 'Active company managers; the caller when omitted',
  }),
  dueDate: optional(
    instantOrDate().meta({
      override: {
        anyOf: [
          { type: 'string', format: 'date-time' },
          { type: 'string', format: 'date' },
        ],
      },
    }),
  ).meta({
    description:
      "ISO 8601: a date and time with an offset, or a date, which is its last millisecond in the company's time zone. RFC 3339 is enough; week and ordinal dates, the basic form, and a fraction of the last element are understood too, up to 64 characters.",
  }),
}

export const newActionSchema = z
  .object({
    planId: id(),
    title: titleText(),
    ...writable,
    actionType: optional(actionType).meta({ description: 'MANAGER when omitted; COMPANY needs an ADMIN' }),
    origin: optional(origin).meta({ description: 'MANUAL when omitted' }),
    status: asRead().refine(isAbsent, SET_OTHERWISE.status),
    assignees: asRead().refine(isAbsent, SET_OTHERWISE.assignees),
  })
  .meta({ id: 'NewAction' })

export const actionPatchSchema = z
  .object({
    planId: optional(id()).meta({ description: 'Moves the action to another plan' }),
    title: optional(titleText()),
    ...writable,
    assigneeIds: optional(listOf(id(), 1, LIMITS.assigneesPerAction.most)).meta({
      description: 'Who stays assigned keeps his or her state',
    }),
    clearDueDate: optional(z.boolean()),
    status: asRead(),
    assignees: asRead(),
  })
  .refine((patch) => !(patch.clearDueDate === true && typeof patch.dueDate === 'string'), {
    path: ['clearDueDate'],
    message: 'cannot go together with dueDate',
    when: () => true,
  })
  .meta({ id: 'ActionPatch', description: 'Null or absent members mean no change' })

export const transitionSchema = z
  .object({ to: z.enum(STEPS), assigneeId: optional(id()) })
  .meta({ id: 'Transition' })

const OVERDUE = 'true: past the due date and neither COMPLETED nor CANCELLED; false: all others'

/** Filters on actions; an action must meet all that are given. */
const filters = {
  status,
  focusType,
  hierarchyId: id(),
  assigneeId: id(),
  actionType,
  q: searchText().meta({ description: 'Case-insensitive "contains" on title or description' }),
  dueFrom: instantOrDate().meta({
    description:
      "Due then or later; of a date, the first moment in the company's time zone. Without a due date, an action never matches.",
  }),
  dueTo: instantOrDate().meta({
    description: "Due before; of a date, before the first moment in the company's time zone",
  }),
}

const filtersInQuery = z
  .object({ ...filters, overdue: flag().meta({ description: OVERDUE }) })
  .partial().shape

/** The filters as members of a body. */
export const filterSchema = inOrder(
  'dueFrom',
  'dueTo',
  z.object(eachOptional({ ...filters, overdue: z.boolean().meta({ description: OVERDUE }) })),
).meta({ id: 'ActionFilter', description: 'Null or absent members filter nothing' })

/** The query of what has the filters alone. */
export const filterQuery = inOrder('dueFrom', 'dueTo', z.object(filtersInQuery))

/** The query of a list with filters on actions. */
export function filteredSliceQuery<T extends z.ZodRawShape>(further: T) {
  return inOrder('dueFrom', 'dueTo', sliceQuery({ ...further, ...filtersInQuery }))
}

export const actionListQuery = filteredSliceQuery({ planId: id().optional() })

export const noteSchema = z
  .object({
    id: id(),
    actionId: id(),
    authorId: id(),
    authorName: z.string(),
    text: z.string(),
    createdAt: timestamp(),
  })
  .meta({ id: 'Note' })

export const newNoteSchema = z.object({ text: noteText() }).meta({ id: 'NewNote' })
export const noteListQuery = sliceQuery({})

export type ActionView = z.infer<typeof actionSchema>
export type NoteView = z.infer<typeof noteSchema>
export type NewAction = z.infer<typeof newActionSchema>
export type ActionPatch = z.infer<typeof actionPatchSchema>
export type Transition = z.infer<typeof transitionSchema>
export type ActionListQuery = z.infer<typeof actionListQuery>
export type FilterQuery = z.infer<typeof filterQuery>
export type FilterBody = z.infer<typeof filterSchema>
export type NewNote = z.infer<typeof newNoteSchema>
