/** Webhooks of a user: made, listed, changed, deleted. Nobody else manages them, not even an ADMIN. */
import type { EventType } from '../db/enums.ts'
import { type Answer, created, empty, json, resource, slice } from '../platform/answer.ts'
import { entityTag, requireMatch } from '../platform/entity-tag.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { requireRoom } from '../platform/limits.ts'
import { newId } from '../platform/new-id.ts'
import { type InputError, invalid, Problem } from '../platform/problem.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { deleteWebhook } from './deleted-store.ts'
import { readReceiver } from './receiver-url.ts'
import type { NewWebhook, WebhookPatch } from './schemas.ts'
import { secretOf } from './secrets.ts'
import { surroundingsOf } from './sending.ts'
import {
  countWebhooks,
  hasRoomForOne,
  insertWebhook,
  readyCursor,
  renewSecret,
  type StoredWebhook,
  updateWebhook,
  webhookBytes,
  webhookById,
  webhookIsUnchanged,
  webhookPage,
} from './store.ts'
import { viewWebhook } from './view.ts'

/** What these verbs need to know of a request besides its caller. */
export type WebhookFacts = Pick<RequestFacts, 'settings' | 'raw'>

/** A slice of the caller's webhooks, newest first. */
export async function listWebhooks(request: AuthorizedRequest, range: Slice): Promise<Answer> {
  const { rows } = await request.read(webhookPage(request.database, request.caller.userId, range))
  const [[counted], webhooks] = rows
  return slice(range.from, counted?.total ?? 0, webhooks.map(viewWebhook))
}

/** A webhook of the caller's. Throws 404 NOT_FOUND, 403 FORBIDDEN. */
export async function readWebhook(request: AuthorizedRequest, webhookId: string): Promise<Answer> {
  const { database, caller } = request
  const { rows } = await request.read([webhookById(database, caller.companyId, webhookId)] as const)
  return resource(viewWebhook(requireOwn(rows[0][0], caller.userId)))
}

/**
 * Makes a webhook; `path` is the path of all webhooks. Throws 400 VALIDATION_FAILED for an address that may not be called, 409
 * WEBHOOKS_FULL or SECRET_NOT_REPEATED, and the problems of `AuthorizedRequest.writeOnce`.
 */
export async function createWebhook(
  request: AuthorizedRequest,
  facts: WebhookFacts,
  { url, types }: NewWebhook,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId, userId } = caller
  const { answer } = await request.writeOnce(
    {
      hasSecret: true,
      load: [countWebhooks(database, companyId, userId)] as const,
      decide(_viewer, [[counted]]) {
        const receiver = requireReceiver(url, facts)
        requireRoom('webhooksPerUser', counted?.ofUser ?? 0, 1)
        requireRoom('webhooksPerCompany', counted?.ofCompany ?? 0, 1)
        const webhook = { id: newId(now), ...receiver, types: distinct(types), userId, createdAt: now }
        return {
          condition: hasRoomForOne(companyId, userId),
          effects: [readyCursor(database, companyId), insertWebhook(database, companyId, webhook)],
          history: [],
          adds: webhookBytes(webhook),
          facts: { id: webhook.id, url: webhook.url },
        }
      },
      async answer({ id, url: address }, at) {
        const view = viewWebhook({
          ...{ id, url: address, types: distinct(types), active: true },
          ...{ userId, createdAt: at, switchedOffAt: null },
        })
        const secret = await secretOf({ id, secretNumber: 1 }, facts.settings.DERIVED_KEYS_SECRET)
        // The tag is that of the webhook as it is read, without the secret.
        return created({ ...view, secret }, `${path}/${id}`, await entityTag(JSON.stringify(view)))
      },
    },
    key,
  )
  return answer
}

/**
 * Changes a webhook of the caller's. One that is switched on again is sent what happens from then on. Throws 400
 * VALIDATION_FAILED for an address that may not be called, 404 NOT_FOUND, 403 FORBIDDEN, 412 PRECONDITION_FAILED, and the
 * problems of `AuthorizedRequest.write`.
 */
export async function patchWebhook(
  request: AuthorizedRequest,
  facts: WebhookFacts,
  webhookId: string,
  patch: WebhookPatch,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId, userId } = caller
  return request.write({
    load: [webhookById(database, companyId, webhookId)] as const,
    async decide(_viewer, [[found]]) {
      const receiver = typeof patch.url === 'string' ? requireReceiver(patch.url, facts) : {}
      const before = requireOwn(found, userId)
      await requireMatch(ifMatch, viewWebhook(before))
      const active = patch.active ?? before.active
      const after = {
        ...before,
        ...receiver,
        types: patch.allTypes === true ? null : (distinct(patch.types) ?? before.types),
        ...{ active, switchedOffAt: active ? null : before.switchedOffAt },
      }
      const isSame = JSON.stringify(after) === JSON.stringify(before)
      const ready = active && !before.active ? [readyCursor(database, companyId)] : []
      return {
        condition: webhookIsUnchanged(before),
        effects: isSame ? [] : [...ready, updateWebhook(database, companyId, before, after, now)],
        history: [],
        adds: webhookBytes(after) - webhookBytes(before),
        answer: resource(viewWebhook(after)),
      }
    },
  })
}

/**
 * Deletes a webhook of the caller's with its deliveries. Throws 404 NOT_FOUND, 403 FORBIDDEN, 412 PRECONDITION_FAILED, and the
 * problems of `AuthorizedRequest.write`.
 */
export async function removeWebhook(
  request: AuthorizedRequest,
  webhookId: string,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [webhookById(database, caller.companyId, webhookId)] as const,
    async decide(_viewer, [[found]]) {
      const webhook = requireOwn(found, caller.userId)
      await requireMatch(ifMatch, viewWebhook(webhook))
      return {
        condition: webhookIsUnchanged(webhook),
        effects: deleteWebhook(database, webhookId, now),
        history: [],
        answer: empty(204),
      }
    },
  })
}

/**
 * Gives a webhook of the caller's another secret; the one before signs beside it for a day. Throws 404 NOT_FOUND, 403
 * FORBIDDEN, and the problems of `AuthorizedRequest.write`.
 */
export async function replaceSecret(
  request: AuthorizedRequest,
  { settings }: WebhookFacts,
  webhookId: string,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [webhookById(database, caller.companyId, webhookId)] as const,
    async decide(_viewer, [[found]]) {
      const webhook = requireOwn(found, caller.userId)
      const renewed = { id: webhook.id, secretNumber: webhook.secretNumber + 1 }
      const secret = await secretOf(renewed, settings.DERIVED_KEYS_SECRET)
      return {
        condition: webhookIsUnchanged(webhook),
        effects: [renewSecret(database, webhookId, now)],
        history: [],
        answer: json({ ...viewWebhook(webhook), secret }),
      }
    },
  })
}

/**
 * The webhook. Throws 404 NOT_FOUND if the company has none with that id, 403 FORBIDDEN if it is another user's.
 */
export function requireOwn(webhook: StoredWebhook | undefined, userId: string): StoredWebhook {
  if (!webhook) throw new Problem('NOT_FOUND', 'There is no such webhook.')
  if (webhook.userId !== userId) throw new Problem('FORBIDDEN', 'Only its user may see a webhook.')
  return webhook
}

/** What is wrong with the address in a body that is not valid anyhow. */
export async function addressErrors(
  request: AuthorizedRequest,
  body: object,
  facts: WebhookFacts,
): Promise<InputError[]> {
  await request.verify()
  if (!('url' in body) || typeof body.url !== 'string') return []
  const receiver = readReceiver(body.url.trim(), surroundingsOf(facts.settings, facts.raw.url))
  return 'complaint' in receiver ? [{ path: 'url', message: receiver.complaint }] : []
}

/** The receiver at the address. Throws 400 VALIDATION_FAILED if it may not be called. */
function requireReceiver(url: string, facts: WebhookFacts): { url: string; host: string } {
  const receiver = readReceiver(url, surroundingsOf(facts.settings, facts.raw.url))
  if ('complaint' in receiver) throw invalid([{ path: 'url', message: receiver.complaint }])
  return { url, host: receiver.host }
}

/** The types once each; null for all. */
function distinct(types: readonly EventType[] | null | undefined): EventType[] | null {
  return types ? [...new Set(types)] : null
}
