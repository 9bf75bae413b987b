/**
 * Reads a zip file by its central directory (APPNOTE.TXT 4.3), one part at a time as a stream. What the directory claims
 * is never believed: bytes are counted as they are inflated. Pure.
 */
import { inflate } from './inflate.ts'
import { type Allowance, FileRefused } from './refusal.ts'

const END_RECORD = 0x06054b50
const END_RECORD_BYTES = 22
const LONGEST_COMMENT = 0xffff
const CENTRAL_HEADER = 0x02014b50
const CENTRAL_HEADER_BYTES = 46
const LOCAL_HEADER = 0x04034b50
const LOCAL_HEADER_BYTES = 30
/** In a field of 32 or 16 bits: the number stands in a record of zip64. */
const ZIP64 = 0xffffffff
const ZIP64_COUNT = 0xffff
const IS_ENCRYPTED = 1
const STORED = 0
const DEFLATED = 8
const MOST_PARTS = 5000

interface Part {
  name: string
  method: number
  compressed: number
  size: number
  header: number
}

/** A zip file whose parts can be read. */
export interface ZipReader {
  /** The part's bytes as they are inflated; null if there is no such part. Names ignore case, as those of OPC do. */
  open(name: string): AsyncIterable<Uint8Array> | null
}

/**
 * Reads the central directory. Throws `FileRefused` for what is no zip file, and for one that is encrypted, larger than
 * zip64 begins, of several disks, or names a part twice.
 * @param inflated what all parts may inflate to
 */
export function openZip(file: Uint8Array, inflated: Allowance): ZipReader {
  const parts = partsOf(file)
  return {
    open(name) {
      const part = parts.get(name.toLowerCase())
      return part === undefined ? null : contentOf(file, part, inflated)
    },
  }
}

function partsOf(file: Uint8Array): Map<string, Part> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const end = endRecordAt(view)
  const count = view.getUint16(end + 10, true)
  if (count === ZIP64_COUNT || view.getUint32(end + 16, true) === ZIP64) throw refused('uses zip64')
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count)
    throw refused('has several disks')
  if (count > MOST_PARTS) throw refused('has too many parts')
  const parts = new Map<string, Part>()
  let at = view.getUint32(end + 16, true)
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_HEADER_BYTES > end || view.getUint32(at, true) !== CENTRAL_HEADER)
      throw refused('has a broken directory')
    const length = view.getUint16(at + 28, true)
    const name = new TextDecoder().decode(file.subarray(at + 46, at + 46 + length)).toLowerCase()
    if (parts.has(name)) throw refused('names a part twice')
    if ((view.getUint16(at + 8, true) & IS_ENCRYPTED) !== 0) throw refused('is encrypted')
    parts.set(name, {
      name,
      method: view.getUint16(at + 10, true),
      compressed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      header: view.getUint32(at + 42, true),
    })
    at += CENTRAL_HEADER_BYTES + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return parts
}

/** Where the record at the end of the directory lies: before a comment of the file, if it has one. */
function endRecordAt(view: DataView): number {
  const last = view.byteLength - END_RECORD_BYTES
  for (let at = last; at >= 0 && at >= last - LONGEST_COMMENT; at -= 1) {
    if (view.getUint32(at, true) === END_RECORD && view.getUint16(at + 20, true) === last - at) return at
  }
  throw refused('is not a zip file, or not whole')
}

async function* contentOf(file: Uint8Array, part: Part, inflated: Allowance): AsyncGenerator<Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const { header, compressed, method, size } = part
  if (header + LOCAL_HEADER_BYTES > file.byteLength || view.getUint32(header, true) !== LOCAL_HEADER)
    throw refused('has a part that is not there')
  const start =
    header + LOCAL_HEADER_BYTES + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
  if (start + compressed > file.byteLength) throw refused('has a part that is not whole')
  const stored = file.subarray(start, start + compressed)
  if (method !== STORED && method !== DEFLATED) throw refused('is compressed in an unusual way')
  let bytes = 0
  for await (const chunk of method === STORED ? [stored] : inflate(stored)) {
    bytes += chunk.byteLength
    inflated.take(chunk.byteLength)
    if (bytes > size) break
    yield chunk
  }
  if (bytes !== size) throw refused('has a part of another size than it says')
}

function refused(what: string): FileRefused {
  return new FileRefused(`The zip file ${what}.`)
}
