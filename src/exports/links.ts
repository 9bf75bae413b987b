/**
 * Signed links, pure: HMAC-SHA-256 in hex over path and expiry. A link has one canonical text, and a presented link is
 * compared with that text as a whole. The runtime normalises URLs before, so `/./` or a backslash for a slash cannot be
 * detected here.
 */
import { equalInConstantTime, hmacSha256, toHex } from '../platform/hash.ts'
import type { SigningKey } from '../settings.ts'

const PATH = '/api/v1/downloads'

export interface LinkTarget {
  exportId: string
  file: string
  /** The end of the link's validity: Unix milliseconds, whole seconds. */
  expiresAt: number
}

/** Path and query of a signed link. */
export async function signLink(target: LinkTarget, key: SigningKey): Promise<string> {
  const path = `${PATH}/${target.exportId}/${target.file}`
  const expires = String(Math.floor(target.expiresAt / 1000))
  const signature = toHex(await hmacSha256(key.secret, `${path}\n${expires}`))
  return `${path}?expires=${expires}&kid=${key.id}&signature=${signature}`
}

// Export id, file, expiry, key id and signature, in this order and each in its only valid form.
const LINK =
  /^\/api\/v1\/downloads\/([0-9a-f]{24})\/([a-z0-9][a-z0-9.-]{0,99})\?expires=([1-9]\d{0,11})&kid=([A-Za-z0-9]{1,16})&signature=([0-9a-f]{64})$/

export type LinkCheck = { kind: 'valid' | 'expired'; target: LinkTarget } | { kind: 'refused' }

/** Checks path and query of a presented link, character by character. `keys` are the accepted keys. */
export async function checkLink(link: string, keys: readonly SigningKey[], now: number): Promise<LinkCheck> {
  const match = LINK.exec(link)
  if (!match) return { kind: 'refused' }
  const [, exportId = '', file = '', expires, keyId] = match
  const key = keys.find(({ id }) => id === keyId)
  const target = { exportId, file, expiresAt: Number(expires) * 1000 }
  if (!key || !equalInConstantTime(await signLink(target, key), link)) return { kind: 'refused' }
  return { kind: now > target.expiresAt ? 'expired' : 'valid', target }
}
