import { toHex } from './hash.ts'

/**
 * A new id in the form that ids.ts describes.
 * @param now Unix milliseconds
 */
export function newId(now: number): string {
  return secondsOf(now) + toHex(crypto.getRandomValues(new Uint8Array(8)))
}

/** The first characters of an id: when it was made. */
export function secondsOf(now: number): string {
  return Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')
}
