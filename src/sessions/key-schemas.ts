/** Requests and answers about access keys. */
import * as z from 'zod'
import { KEY_SCOPES } from '../db/enums.ts'
import { flag, id, instant, optional, sliceQuery, timestamp } from '../platform/schemas.ts'
import { titleText } from '../platform/text.ts'
import { LIFETIME_DAYS } from './key-lifetime.ts'

const scope = z.enum(KEY_SCOPES).meta({ id: 'KeyScope', description: 'READ: GET and HEAD alone' })

export const accessKeySchema = z
  .object({
    id: id(),
    name: z.string(),
    scope,
    hint: z.string().meta({ description: 'The last 4 characters of the key' }),
    userId: id().meta({ description: 'As whom the key acts' }),
    createdAt: timestamp(),
    expiresAt: timestamp(),
    lastUsedAt: timestamp().nullable().meta({ description: 'True to an hour; null: never used' }),
  })
  .meta({ id: 'AccessKey' })

export const createdAccessKeySchema = accessKeySchema
  .extend({
    key: z.string().meta({
      description:
        'In this answer alone. Goes into `Authorization: Bearer`, or into the header `SessionId`, of every request.',
    }),
  })
  .meta({ id: 'CreatedAccessKey' })

export const newAccessKeySchema = z
  .object({
    name: titleText(),
    scope,
    expiresAt: optional(instant()).meta({
      description: `At most ${String(LIFETIME_DAYS.most)} days ahead; ${String(LIFETIME_DAYS.usual)} days when omitted`,
    }),
  })
  .meta({ id: 'NewAccessKey' })

export const accessKeyListQuery = sliceQuery({
  all: flag().optional().meta({ description: 'For an ADMIN: `true` lists the keys of the whole company' }),
})

export type AccessKeyView = z.infer<typeof accessKeySchema>
export type NewAccessKey = z.infer<typeof newAccessKeySchema>
