/** The tokens that sign requests in: of a session, for people, and access keys, for programs. How a request names one. */
import type { Way } from '../db/enums.ts'
import { sha256Hex, toBase64Url } from './hash.ts'
import { fieldValue } from './headers.ts'

/** By what a caller is signed in. */
export type SignedInBy = Extract<Way, 'SESSION' | 'KEY'>

/** A well-formed token, of which only the hash goes further. */
export interface Credential {
  via: SignedInBy
  /** SHA-256 of the token, hex: its id in KV and D1. */
  tokenHash: string
}

const KEY_PREFIX = 'apk_'

/** A new token of a session or a secret address: 256 random bits, base64url. */
export function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
}

/** A new access key: 256 random bits, base64url, after a prefix by which scanners for leaked secrets recognise it. */
export function newAccessKey(): string {
  return KEY_PREFIX + newToken()
}

// The canonical base64url of 32 bytes: 43 characters, of which the last carries only 4 bits.
const TOKEN = new RegExp(`^(?:${KEY_PREFIX})?[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$`)
// The characters of a session token, after which a key has four more.
const SESSION_LENGTH = 43

/** SHA-256 of a well-formed token of a secret address, hex; null for any other text. */
export async function hashOfAddress(token: string): Promise<string | null> {
  return token.length === SESSION_LENGTH && TOKEN.test(token) ? sha256Hex(token) : null
}

/** The credential of a well-formed token, else null. */
export async function credentialOf(token: string | null): Promise<Credential | null> {
  if (token === null || !TOKEN.test(token)) return null
  return { via: token.length === SESSION_LENGTH ? 'SESSION' : 'KEY', tokenHash: await sha256Hex(token) }
}

/**
 * The token in `SessionId` or `Authorization: Bearer` (RFC 6750); null if there is none, or if the two differ. Other
 * schemes of authorization are for whatever stands before the service.
 */
export function presentedToken(request: Request): string | null {
  const session = fieldValue(request, 'SessionId')
  const bearer = bearerOf(fieldValue(request, 'Authorization'))
  return session === null || bearer === null || session === bearer ? (session ?? bearer) : null
}

/** What follows the scheme Bearer, whose name is case-insensitive; null for any other scheme. */
function bearerOf(authorization: string | null): string | null {
  const match = /^bearer(?:[ \t]+(.*))?$/is.exec(authorization ?? '')
  return match ? (match[1] ?? '') : null
}
