/** Requests and answers about the history. */
import * as z from 'zod'
import { HISTORY_TYPES, WAYS } from '../db/enums.ts'
import { LIMITS } from '../platform/limits.ts'
import { id, instantOrDate, timestamp, wholeNumber } from '../platform/schemas.ts'
import { inOrder } from '../platform/time-range.ts'
import { CURSOR_PATTERN } from './cursor.ts'

export const MALFORMED_CURSOR = 'must be a cursor that was answered to the same user'
export const DEFAULT_LIMIT = 50

const historyType = z.enum(HISTORY_TYPES).meta({ id: 'HistoryType' })
const cursor = () => z.string().regex(CURSOR_PATTERN, MALFORMED_CURSOR)
const limit = wholeNumber(
  1,
  LIMITS.itemsPerSlice.most,
  `The most entries to answer, ${String(DEFAULT_LIMIT)} when omitted`,
)

export const historyEntrySchema = z
  .object({
    id: id(),
    at: timestamp().meta({ description: 'When it happened; of an expiry, the due date' }),
    actor: z
      .object({ userId: id(), name: z.string() })
      .nullable()
      .meta({ description: 'Who did it, named as of now; null: nobody, as when the clock did' }),
    via: z.enum(WAYS).meta({ description: 'CLOCK: an expiry was written down' }),
    type: historyType.meta({
      description: '`access.changed` comes beside a change of who may read, without title and changes',
    }),
    planId: id(),
    actionId: id().nullable().meta({ description: 'null: it is about the plan itself' }),
    title: z.string().meta({ description: 'That of the action or plan after the change' }),
    changes: z
      .record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))
      .meta({ description: 'Members that changed; long texts are cut to 200 characters' }),
  })
  .meta({ id: 'HistoryEntry' })

export const historyPageSchema = z
  .object({
    entries: z.array(historyEntrySchema),
    cursor: z.string().meta({ description: 'Where to go on; opaque, and of use to the same user alone' }),
    more: z.boolean().meta({
      description: 'Whether there may be further entries, also after a page that is short or empty',
    }),
  })
  .meta({ id: 'HistoryPage' })

export const historyQuery = inOrder(
  'since',
  'until',
  z.object({
    planId: id().optional(),
    actionId: id().optional(),
    type: historyType.optional(),
    actorId: id().optional().meta({ description: 'Who did it' }),
    since: instantOrDate().optional().meta({
      description: "Happened then or later; of a date, its first moment in the company's time zone",
    }),
    until: instantOrDate().optional().meta({
      description: "Happened before; of a date, before its first moment in the company's time zone",
    }),
    before: cursor().optional().meta({ description: 'The `cursor` of the page before' }),
    limit,
  }),
)

export const feedQuery = z.object({
  after: cursor().optional().meta({ description: 'The `cursor` of the page before; now when omitted' }),
  limit,
})

export type HistoryEntryView = z.infer<typeof historyEntrySchema>
export type HistoryPageView = z.infer<typeof historyPageSchema>
export type HistoryQuery = z.infer<typeof historyQuery>
export type FeedQuery = z.infer<typeof feedQuery>
