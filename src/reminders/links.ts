/**
 * Signed addresses that switch reminders off, pure: HMAC-SHA-256 in hex over the path. They do not expire, so their key is
 * derived from a secret that outlives those of other links. An address has one canonical text, and a presented one is compared
 * with that text as a whole.
 */
import { equalInConstantTime, hmacSha256, toHex } from '../platform/hash.ts'

const PATH = '/api/v1/reminders'

/** Whose reminders the address switches off. */
export interface SwitchOffTarget {
  companyId: string
  userId: string
}

/** Path and query of the address. */
export async function signSwitchOff({ companyId, userId }: SwitchOffTarget, secret: string): Promise<string> {
  const path = `${PATH}/${companyId}/${userId}`
  return `${path}?signature=${toHex(await hmacSha256(secret, `reminders-switch-off:${path}`))}`
}

// Company, user and signature, each in its only valid form.
const LINK = /^\/api\/v1\/reminders\/([0-9a-f]{24})\/([0-9a-f]{24})\?signature=[0-9a-f]{64}$/

/** Whose reminders path and query of a presented address switch off; null if they were not signed here. */
export async function checkSwitchOff(link: string, secret: string): Promise<SwitchOffTarget | null> {
  const match = LINK.exec(link)
  if (!match) return null
  const [, companyId = '', userId = ''] = match
  const target = { companyId, userId }
  return equalInConstantTime(await signSwitchOff(target, secret), link) ? target : null
}
