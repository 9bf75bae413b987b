/** What a file may say of a plan, an action and its notes; requests and answers about imports. */
import * as z from 'zod'
import { LIMITS } from '../platform/limits.ts'
import { flag, id, instantOrDate, listOf, optional } from '../platform/schemas.ts'
import {
  descriptionText,
  emailText,
  noteText,
  personName,
  referenceText,
  titleText,
} from '../platform/text.ts'
import { actionType, focusType, origin, status, visibility } from './codes.ts'
import { LACKS_ID } from './complaints.ts'
import { parseLocal } from './moments.ts'
import type { ValidParts } from './valid-parts.ts'

const { assigneesPerAction, areasPerAction, focusItemsPerAction, notesPerAction } = LIMITS

/** The longest path of an area that an export shows. */
const LONGEST_AREA = 2300

const areaPath = () =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(LONGEST_AREA, `must have at most ${LONGEST_AREA} characters`)

/** @param lacksId what is wrong with a SCORE without an id */
const focusItem = (lacksId: string | { params: typeof LACKS_ID }) =>
  z
    .object({ focusType: focusType(), focusId: optional(referenceText()) })
    .refine(({ focusType: type, focusId }) => type !== 'SCORE' || (focusId ?? null) !== null, {
      path: ['focusId'],
      ...(typeof lacksId === 'string' ? { message: lacksId } : lacksId),
    })

/** In a note, null stands for what is not valid, as in all drafts. */
const absentIfNull = <Schema extends z.ZodType>(schema: Schema) =>
  optional(schema).transform((value) => value ?? undefined)

const note = z.object({
  author: absentIfNull(emailText()),
  text: noteText(),
  createdAt: absentIfNull(instantOrDate()),
})

/** How that kind of file writes moments and focus items. */
interface Form {
  moment: () => z.ZodType<string>
  focusItem: ReturnType<typeof focusItem>
}

function actionMembers({ moment, focusItem }: Form) {
  return {
    title: titleText(),
    description: optional(descriptionText()),
    actionType: optional(actionType()),
    origin: optional(origin()),
    visibility: optional(visibility()),
    dueDate: optional(moment()),
    status: optional(status()),
    startedAt: optional(moment()),
    finishedAt: optional(moment()),
    assignees: optional(listOf(emailText(), 0, assigneesPerAction.most)),
    areas: optional(listOf(areaPath(), 0, areasPerAction.most)),
    focusItems: optional(listOf(focusItem, 0, focusItemsPerAction.most)),
    createdBy: optional(emailText()),
    createdAt: optional(moment()),
  }
}

/** A line of NDJSON, without its actions, which are looked at one by one. */
export const planLine = z.object({
  externalId: referenceText(),
  title: titleText(),
  description: optional(descriptionText()),
  visibility: optional(visibility()),
  createdBy: optional(emailText()),
  createdAt: optional(instantOrDate()),
})

export const actionOfLine = z.object({
  externalId: referenceText(),
  ...actionMembers({ moment: instantOrDate, focusItem: focusItem('must be given for SCORE') }),
  notes: optional(listOf(note, 0, notesPerAction.most)),
})

/** A moment in a sheet, which may be local time. */
const moment = () =>
  z.union([instantOrDate(), z.string().refine((text) => parseLocal(text) !== null)], {
    error: 'must be a date, or a text such as 2027-01-29 or 2027-01-29 14:30',
  })

/** What a row says of its plan. */
export const planOfRow = z.object({
  title: titleText(),
  description: optional(descriptionText()),
  visibility: optional(visibility()),
})

/** What a row says of its action. People and areas may be named by ids too, and people by their names. */
export const actionOfRow = z.object({
  ...actionMembers({ moment, focusItem: focusItem({ params: LACKS_ID }) }),
  assigneeIds: optional(listOf(id(), 0, assigneesPerAction.most)),
  assigneeNames: optional(listOf(personName(), 0, assigneesPerAction.most)),
  areaIds: optional(listOf(id(), 0, areasPerAction.most)),
})

type OfLine = z.output<typeof actionOfLine>
export type ActionFields = ValidParts<z.output<typeof actionOfRow> & Pick<OfLine, 'notes'>>
export type PlanFields = ValidParts<Omit<z.output<typeof planLine>, 'externalId'>>

export const importQuery = z.object({
  dryRun: flag().optional().meta({
    description: 'true, and when omitted: the file is only checked. false: what is new in it is stored.',
  }),
})

const importError = z
  .object({
    sheet: z.string().optional().meta({ description: 'Name of the sheet, of a workbook' }),
    cell: z.string().optional().meta({ description: 'Such as `C7`' }),
    line: z.int().optional().meta({ description: 'Number of the line, of NDJSON, from 1' }),
    message: z.string(),
  })
  .meta({ id: 'ImportError' })

export const importSchema = z
  .object({
    plans: z.int().meta({ description: 'How many plans the file has, those with errors included' }),
    actions: z.int().meta({ description: 'How many actions the file has, those with errors included' }),
    created: z.int().meta({
      description:
        'How many plans and actions are stored, or of a dry run: would be. Without errors, `created` and `unchanged` add up to `plans` and `actions`; with any error nothing is stored, and it is 0.',
    }),
    unchanged: z.int().meta({ description: 'How many plans and actions exist; they are left as they are' }),
    errors: z.array(importError).meta({
      description:
        'All errors; only a dry run answers any. Of more than 1,000, or more than 50 of one plan or action, the last one says how many more there are.',
    }),
  })
  .meta({ id: 'Import' })

export type ImportView = z.infer<typeof importSchema>
