/**
 * Cursors of the history: a gap in the company's order, encrypted for one user. Neither how much happens in the company
 * nor whether anything did between two calls can be read off them: no two cursors are alike.
 */
import { fromBase64Url, hmacSha256, toBase64Url } from '../platform/hash.ts'
import { joined } from '../platform/bytes.ts'

const NONCE_BYTES = 12
const GAP_BYTES = 8

// A whole number of bytes and of characters (36 and 48), so that a cursor has one spelling.
export const CURSOR_PATTERN = /^[A-Za-z0-9_-]{48}$/

/** @param secret DERIVED_KEYS_SECRET */
export async function cursorOf(secret: string, userId: string, gap: number): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const plain = new DataView(new ArrayBuffer(GAP_BYTES))
  plain.setFloat64(0, gap)
  const key = await keyOf(secret, userId)
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain)
  return toBase64Url(joined([iv, new Uint8Array(sealed)]))
}

/** The gap that the cursor stands for; null if it was not made for this user. */
export async function gapIn(secret: string, userId: string, cursor: string): Promise<number | null> {
  if (!CURSOR_PATTERN.test(cursor)) return null
  const bytes = fromBase64Url(cursor)
  const key = await keyOf(secret, userId)
  const iv = bytes.subarray(0, NONCE_BYTES)
  try {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes.subarray(NONCE_BYTES))
    return new DataView(plain).getFloat64(0)
  } catch {
    return null
  }
}

async function keyOf(secret: string, userId: string): Promise<CryptoKey> {
  const bytes = await hmacSha256(secret, `history-cursor:${userId}`)
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}
