/** Answers about the portfolio: all plans together. */
import * as z from 'zod'
import type { Status } from '../db/enums.ts'
import { id, percentage } from '../platform/schemas.ts'

const count = () => z.int()

export const overviewSchema = z
  .object({
    plans: count().meta({ description: 'With a filter: those with an action that meets it' }),
    actions: count(),
    completionPercent: percentage().meta({
      description: 'Of these actions, the COMPLETED ones, rounded down',
    }),
    byStatus: z.object({
      NOT_STARTED: count(),
      IN_PROGRESS: count(),
      COMPLETED: count(),
      CANCELLED: count(),
      EXPIRED: count(),
    } satisfies Record<Status, z.ZodType>),
    overdue: count().meta({ description: 'Past the due date and neither COMPLETED nor CANCELLED' }),
    dueIn30Days: count().meta({ description: 'NOT_STARTED or IN_PROGRESS, and due within 30 days from now' }),
    companyWide: count().meta({ description: 'Without an area; these are in no entry of `byArea`' }),
    byArea: z
      .array(
        z.object({
          hierarchyId: id(),
          name: z.string(),
          actions: count(),
          completed: count(),
          overdue: count(),
        }),
      )
      .meta({
        description:
          'Each area that has actions, with everything inside it, in the order of the tree; an action counts once in each',
      }),
    byAssignee: z
      .array(z.object({ userId: id(), name: z.string(), open: count(), overdue: count() }))
      .meta({ description: 'The 20 people with the most assignments that are NOT_STARTED or IN_PROGRESS' }),
    byMonth: z
      .array(z.object({ month: z.string(), due: count(), completed: count() }))
      .meta({ description: "From 12 months back to 12 ahead, in the company's time zone" }),
  })
  .meta({ id: 'Overview', description: 'Counts over the actions that one may read' })

export type OverviewView = z.infer<typeof overviewSchema>
