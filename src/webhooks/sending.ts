/** One try: a POST to a receiver, which counts if any 2xx comes within 10 s. */
import type { Settings } from '../settings.ts'
import { bodyOf } from './event.ts'
import { readReceiver } from './receiver-url.ts'
import { signedHeaders } from './secrets.ts'
import type { DeliveryInHand } from './tries-store.ts'

const TIMEOUT_MILLISECONDS = 10_000

/** Why nothing is sent now; null if something may be. A ping or a try by hand reaches a webhook that is off as well. */
export function reasonAgainst(delivery: DeliveryInHand, settings: Settings): string | null {
  if (!delivery.isManager) return 'user-inactive'
  if (!delivery.webhook.isThere) return 'deleted'
  const isAskedFor = delivery.isByHand || delivery.type === 'webhook.ping'
  if (!delivery.webhook.active && !isAskedFor) return 'switched-off'
  if (!delivery.maySee) return 'access-lost'
  return 'complaint' in readReceiver(delivery.webhook.url, surroundingsOf(settings)) ? 'url-refused' : null
}

/**
 * Which addresses are exempt or refused.
 * @param requestUrl of a request by which the service was reached
 */
export function surroundingsOf(
  { WEBHOOK_TRUSTED_HOSTS, PUBLIC_URL }: Settings,
  requestUrl: string = PUBLIC_URL,
) {
  return { trusted: WEBHOOK_TRUSTED_HOSTS, own: [PUBLIC_URL, requestUrl] }
}

/** Sends a delivery. Returns the HTTP status; null if there was no answer in time. Throws nothing. */
export async function send(delivery: DeliveryInHand, settings: Settings): Promise<number | null> {
  const { webhook } = delivery
  const body = bodyOf(delivery)
  const signed = await signedHeaders(delivery.id, body, webhook, settings.DERIVED_KEYS_SECRET, Date.now())
  try {
    const response = await fetch(webhook.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'Action-Plans-Webhooks', ...signed },
      body,
      // A redirect may lead to where the address itself was not allowed to.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    })
    // The body is not read: it may be long, slow, or anything.
    await response.body?.cancel().catch(() => undefined)
    return response.status
  } catch {
    return null
  }
}
