/** Requests and answers about plans. */
import * as z from 'zod'
import { actionSchema, filteredSliceQuery, visibility } from '../actions/schemas.ts'
import { id, optional, percentage, timestamp } from '../platform/schemas.ts'
import { descriptionText, titleText } from '../platform/text.ts'

export const planSchema = z
  .object({
    id: id(),
    companyId: id(),
    title: z.string(),
    description: z.string(),
    visibility: visibility.meta({
      description: 'PUBLIC: readable by any company manager. PRIVATE: by its creator alone.',
    }),
    completionPercent: percentage().meta({
      description: 'Of all actions in the plan, the percentage that is COMPLETED; computed when read',
    }),
    actions: z.array(actionSchema).meta({ description: 'Those you may read, oldest first' }),
    createdBy: id().nullable().meta({ description: 'null for a legacy plan' }),
    createdAt: timestamp(),
    updatedAt: timestamp(),
  })
  .meta({ id: 'ActionPlan', description: 'A named container of improvement actions under a shared goal' })

export const newPlanSchema = z
  .object({
    title: titleText(),
    description: optional(descriptionText()),
    visibility: optional(visibility).meta({ description: 'PRIVATE when omitted' }),
  })
  .meta({ id: 'NewActionPlan' })

export const planPatchSchema = z
  .object({
    title: optional(titleText()),
    description: optional(descriptionText()),
    visibility: optional(visibility),
  })
  .meta({ id: 'ActionPlanPatch', description: 'Null or absent members mean no change' })

export const planListQuery = filteredSliceQuery({})

export type PlanListQuery = z.infer<typeof planListQuery>
export type PlanView = z.infer<typeof planSchema>
export type NewPlan = z.infer<typeof newPlanSchema>
export type PlanPatch = z.infer<typeof planPatchSchema>
