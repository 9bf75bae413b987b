/** The answer with a calendar's address. */
import * as z from 'zod'

export const calendarSchema = z
  .object({
    url: z.string().meta({ format: 'uri', description: 'The secret address; it is in this answer alone' }),
  })
  .meta({ id: 'Calendar' })
