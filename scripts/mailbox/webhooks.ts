/** A receiver of webhooks, as a program would have one: it accepts what a known secret has signed, and keeps what came. */
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import type { LineLog } from './line-log.ts'
import { type Answer, refusal } from './send.ts'

/** What came, once for each try. */
export interface Received {
  /** The header `webhook-id`, the same at every try. */
  id: string
  type: string
  /** Whether one of the known secrets signed it; only then it was answered with 204. */
  verified: boolean
  body: string
  receivedAt: string
}

export interface ReceiverLogs {
  received: LineLog<Received>
  secrets: LineLog<string>
}

/** Makes a secret known. */
export async function learnSecret({ secrets }: ReceiverLogs, rawBody: string): Promise<Answer> {
  const { secret } = (parsed(rawBody) ?? {}) as { secret?: unknown }
  if (typeof secret !== 'string' || !/^whsec_[\w+/=-]{8,}$/.test(secret)) {
    return refusal(422, 'validation_error', 'The body must be {"secret":"whsec_…"}.')
  }
  if (!secrets.items.includes(secret)) await secrets.append(secret)
  return { status: 200, body: { secrets: secrets.items.length } }
}

/** Takes one try of a delivery. 401 if no known secret has signed it, as from any receiver that verifies. */
export async function receive(
  { received, secrets }: ReceiverLogs,
  headers: Record<string, string>,
  body: string,
): Promise<Answer> {
  const verified = secrets.items.some((secret) => isSignedWith(secret, headers, body))
  const { type } = (parsed(body) ?? {}) as { type?: unknown }
  await received.append({
    id: headers['webhook-id'] ?? '',
    type: typeof type === 'string' ? type : '',
    verified,
    body,
    receivedAt: new Date().toISOString(),
  })
  if (verified) return { status: 204, body: null }
  return refusal(401, 'not_verified', 'No known secret has signed this. POST it to /webhooks/secrets.')
}

function isSignedWith(secret: string, headers: Record<string, string>, body: string): boolean {
  try {
    new Webhook(secret).verify(body, headers)
    return true
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
