/** Examples for the reference: the webhook of the demo data (platform/demo.ts). */
import type * as z from 'zod'
import { DEMO } from '../platform/demo.ts'
import type {
  DeliveryView,
  newWebhookSchema,
  webhookPatchSchema,
  WebhookView,
  webhookWithSecretSchema,
} from './schemas.ts'

export const exampleNewWebhook: z.input<typeof newWebhookSchema> = {
  url: 'https://hooks.example.com/action-plans',
  types: ['action.status_changed', 'export.sent'],
}

export const exampleWebhook: WebhookView = {
  id: DEMO.webhook,
  url: 'https://hooks.example.com/action-plans',
  types: ['action.status_changed', 'export.sent'],
  active: false,
  userId: DEMO.ana,
  createdAt: '2026-09-28T08:00:00.000Z',
  switchedOffAt: null,
}

export const exampleWebhookWithSecret: z.infer<typeof webhookWithSecretSchema> = {
  ...exampleWebhook,
  active: true,
  secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDMfKxFOTL7Hg=',
}

export const exampleWebhookPatch: z.input<typeof webhookPatchSchema> = {
  types: ['action.status_changed', 'export.sent'],
}

export const exampleDelivery: DeliveryView = {
  id: DEMO.delivery,
  type: 'export.sent',
  at: '2026-09-28T09:00:01.204Z',
  status: 'DELIVERED',
  tries: 1,
  lastStatus: 204,
  nextTryAt: null,
}

export const examplePing: DeliveryView = {
  ...exampleDelivery,
  type: 'webhook.ping',
  at: '2026-10-10T08:30:00.000Z',
  status: 'PENDING',
  tries: 0,
  lastStatus: null,
  nextTryAt: '2026-10-10T08:30:00.000Z',
}

export const exampleRetry: DeliveryView = {
  ...exampleDelivery,
  status: 'PENDING',
  nextTryAt: '2026-10-10T08:30:00.000Z',
}
