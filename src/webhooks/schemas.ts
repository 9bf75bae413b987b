/** Requests and answers about webhooks and their deliveries, and the messages in their queue. */
import * as mini from '@zod/mini'
import * as z from 'zod'
import { DELIVERY_STATUSES, DELIVERY_TYPES, EVENT_TYPES } from '../db/enums.ts'
import { ID_PATTERN } from '../platform/ids.ts'
import { asRead, id, listOf, optional, sliceQuery, timestamp } from '../platform/schemas.ts'
import { urlText } from '../platform/text.ts'
import { LONGEST_URL } from './receiver-url.ts'
import { databaseName } from '../platform/place.ts'

const eventType = z.enum(EVENT_TYPES).meta({ id: 'EventType' })
const types = () => listOf(eventType, 1, EVENT_TYPES.length)

export const webhookSchema = z
  .object({
    id: id(),
    url: z.string(),
    types: z.array(eventType).nullable().meta({ description: 'What it is sent; null: everything' }),
    active: z.boolean(),
    userId: id().meta({ description: 'It is sent what this user may read' }),
    createdAt: timestamp(),
    switchedOffAt: timestamp().nullable().meta({
      description: 'When it was switched off because its receiver failed; null otherwise',
    }),
  })
  .meta({ id: 'Webhook' })

export const webhookWithSecretSchema = webhookSchema
  .extend({
    secret: z.string().meta({ description: 'What signs its deliveries; shown in this answer alone' }),
  })
  .meta({ id: 'WebhookWithSecret' })

const url = () =>
  urlText(LONGEST_URL).meta({ description: 'https, a public host, without credentials and fragment' })

export const newWebhookSchema = z
  .object({
    url: url(),
    types: optional(types()).meta({ description: 'What it is sent; everything if absent' }),
  })
  .meta({ id: 'NewWebhook' })

export const webhookPatchSchema = z
  .object({
    // Shown by the answer to a POST, which may be sent back.
    secret: asRead(),
    url: optional(url()),
    types: optional(types()),
    allTypes: optional(z.boolean()).meta({ description: 'true: it is sent everything again' }),
    active: optional(z.boolean()),
  })
  .refine((patch) => !(patch.allTypes === true && Array.isArray(patch.types)), {
    path: ['allTypes'],
    message: 'cannot go together with types',
    when: () => true,
  })
  .meta({ id: 'WebhookPatch', description: 'Null or absent members mean no change' })

export const deliverySchema = z
  .object({
    id: id().meta({ description: 'Also the header `webhook-id` of every try' }),
    type: z.enum(DELIVERY_TYPES).meta({ id: 'DeliveryType' }),
    at: timestamp().meta({ description: 'When the event happened' }),
    status: z.enum(DELIVERY_STATUSES).meta({ id: 'DeliveryStatus' }),
    tries: z.int(),
    lastStatus: z
      .int()
      .nullable()
      .meta({ description: 'HTTP status of the last answer; null if there was none' }),
    nextTryAt: timestamp().nullable(),
  })
  .meta({ id: 'WebhookDelivery' })

export const webhookListQuery = sliceQuery({})
export const deliveryListQuery = sliceQuery({})

const idText = () => mini.string().check(mini.regex(ID_PATTERN))

/** Make the deliveries of the company's latest history. The other messages have its member too. */
export const companyMessage = mini.object({ companyId: idText(), database: databaseName() })
/** Try a delivery. */
export const deliveryMessage = mini.object({ ...companyMessage.shape, deliveryId: idText() })
/** Mail the user of a webhook that it was switched off. */
export const switchedOffMessage = mini.object({ ...companyMessage.shape, webhookId: idText() })

export type CompanyMessage = mini.infer<typeof companyMessage>
export type DeliveryMessage = mini.infer<typeof deliveryMessage>
export type SwitchedOffMessage = mini.infer<typeof switchedOffMessage>
export type NewWebhook = z.infer<typeof newWebhookSchema>
export type WebhookPatch = z.infer<typeof webhookPatchSchema>
export type WebhookView = z.infer<typeof webhookSchema>
export type DeliveryView = z.infer<typeof deliverySchema>
