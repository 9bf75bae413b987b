/** Inflates what is compressed by DEFLATE (RFC 1951), piece by piece as it is read. Pure. */
import { Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import { FileRefused } from './refusal.ts'

/** Bytes that are inflated at once: a thousand times as many come out at most. */
const PORTION = 2048

/**
 * The inflated bytes. No more goes in than what comes out is read: DecompressionStream takes all of its input at once, so
 * that a bomb would fill the memory. Throws `FileRefused` for broken data.
 * @param onPortion is told the bytes of each portion that goes in
 */
export async function* inflate(
  compressed: Uint8Array,
  onPortion: (bytes: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const inflater = Readable.from(portionsOf(compressed, onPortion)).pipe(createInflateRaw())
  try {
    // Without an encoding, the stream gives bytes.
    for await (const chunk of inflater as AsyncIterable<Uint8Array>) yield chunk
  } catch {
    // Whatever is said of broken data is the file's fault.
    throw new FileRefused('The zip file has a part that cannot be inflated.')
  } finally {
    inflater.destroy()
  }
}

function* portionsOf(bytes: Uint8Array, onPortion: (bytes: number) => void): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PORTION) {
    const portion = bytes.slice(at, at + PORTION)
    onPortion(portion.byteLength)
    yield portion
  }
}
