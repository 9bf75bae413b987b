import { toHex } from './hash.ts'

/**
 * A new id in the form that ids.ts describes.
 * @param now Unix milliseconds
 */
export function newId(now: number): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')
  return seconds + toHex(crypto.getRandomValues(new Uint8Array(8)))
}
