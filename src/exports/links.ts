/**
 * Signed links, pure: HMAC-SHA-256 in hex over path and expiry. A link is one canonical text; what is presented is
 * compared with that text as a whole. (The runtime has parsed the URL by then: a backslash for a slash, or `/./`, is
 * gone before anybody here could see it.)
 */
import { equalInConstantTime, hmacSha256, toHex } from '../platform/hash.ts'
import type { SigningKey } from '../settings.ts'

const PATH = '/api/v1/downloads'

export interface LinkTarget {
  exportId: string
  file: string
  /** Unix milliseconds, whole seconds: the link works until then. */
  expiresAt: number
}

/** Path and query of a signed link. */
export async function signLink(target: LinkTarget, key: SigningKey): Promise<string> {
  const path = `${PATH}/${target.exportId}/${target.file}`
  const expires = String(Math.floor(target.expiresAt / 1000))
  const signature = toHex(await hmacSha256(key.secret, `${path}\n${expires}`))
  return `${path}?expires=${expires}&kid=${key.id}&signature=${signature}`
}

// Export id, file, expiry, key id, signature, each in its only spelling and in this order.
const LINK =
  /^\/api\/v1\/downloads\/([0-9a-f]{24})\/([a-z0-9][a-z0-9.-]{0,99})\?expires=([1-9]\d{0,11})&kid=([A-Za-z0-9]{1,16})&signature=([0-9a-f]{64})$/

export type LinkCheck = { kind: 'valid' | 'expired'; target: LinkTarget } | { kind: 'refused' }

/** Checks path and query of a presented link, to the letter. `keys` are those still accepted. */
export async function checkLink(link: string, keys: readonly SigningKey[], now: number): Promise<LinkCheck> {
  const match = LINK.exec(link)
  if (!match) return { kind: 'refused' }
  const [, exportId = '', file = '', expires, keyId] = match
  const key = keys.find(({ id }) => id === keyId)
  const target = { exportId, file, expiresAt: Number(expires) * 1000 }
  if (!key || !equalInConstantTime(await signLink(target, key), link)) return { kind: 'refused' }
  return { kind: now > target.expiresAt ? 'expired' : 'valid', target }
}
