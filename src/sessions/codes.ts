/** Sign-in codes, pure: 8 digits derived from the code's id with a secret, so that no code is stored or queued. */
import { hmacSha256 } from '../platform/hash.ts'

export const CODE_LIFETIME_MILLISECONDS = 10 * 60 * 1000
export const MOST_TRIES = 5
/** The most codes per hour for an e-mail address: from one network address, and from all together. */
export const HOURLY_LIMITS = { perEmailAndAddress: 5, perEmail: 20 }

const CODES = 100_000_000

export async function codeOf(codeId: string, secret: string): Promise<string> {
  const bytes = await hmacSha256(secret, `sign-in-code:${codeId}`)
  // 48 bits, so that the remainder is almost uniform.
  const number = bytes.slice(0, 6).reduce((sum, byte) => sum * 256 + byte, 0)
  return String(number % CODES).padStart(8, '0')
}
