/** Secrets of webhooks and signatures (Standard Webhooks), pure: a secret is derived whenever it is needed, not stored. */
import { hmacSha256, toBase64 } from '../platform/hash.ts'

/** How long the secret before signs beside a new one. */
export const PREVIOUS_SECRET_MILLISECONDS = 24 * 3600 * 1000

interface SecretOwner {
  id: string
  /** 1 at first, one more with every new secret. */
  secretNumber: number
  previousSecretUntil: number | null
}

/** The current secret of a webhook in the form that the libraries take: `whsec_` and 32 bytes in base64. */
export async function secretOf(
  webhook: Pick<SecretOwner, 'id' | 'secretNumber'>,
  master: string,
): Promise<string> {
  return `whsec_${toBase64(await keyOf(webhook.id, webhook.secretNumber, master))}`
}

/** The headers of a try: id, time and signature of a body, by the current secret, and for a day the one before. */
export async function signedHeaders(
  deliveryId: string,
  body: string,
  { id, secretNumber, previousSecretUntil }: SecretOwner,
  master: string,
  now: number,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000))
  const hasPrevious = previousSecretUntil !== null && previousSecretUntil > now
  const numbers = hasPrevious ? [secretNumber, secretNumber - 1] : [secretNumber]
  const signatures = await Promise.all(
    numbers.map(async (number) => {
      const key = await keyOf(id, number, master)
      return `v1,${toBase64(await hmacSha256(key, `${deliveryId}.${timestamp}.${body}`))}`
    }),
  )
  return {
    'webhook-id': deliveryId,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

async function keyOf(webhookId: string, number: number, master: string): Promise<Uint8Array> {
  return hmacSha256(master, `webhook-secret:${webhookId}:${String(number)}`)
}
