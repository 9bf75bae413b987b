/** What the queue of reminders carries. */
import * as z from '@zod/mini'
import { ID_PATTERN } from '../platform/ids.ts'
import { databaseName } from '../platform/place.ts'

const id = () => z.string().check(z.regex(ID_PATTERN))

export const reminderMessage = z.object({ companyId: id(), database: databaseName(), reminderId: id() })

export type ReminderMessage = z.infer<typeof reminderMessage>
