/** Request and answer of a reassignment. */
import * as z from 'zod'
import { id } from '../platform/schemas.ts'

export const reassignmentSchema = z.object({ toUserId: id() }).meta({ id: 'Reassignment' })

export const reassignedSchema = z
  .object({
    assignments: z.int().meta({ description: 'Open assignments handed over' }),
    plans: z.int().meta({ description: 'Plans whose ownership was handed over' }),
    actions: z.int().meta({ description: 'Actions whose ownership was handed over' }),
  })
  .meta({ id: 'Reassigned' })

export type Reassigned = z.infer<typeof reassignedSchema>
