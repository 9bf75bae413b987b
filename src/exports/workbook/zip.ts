// Writes a zip file while its parts are made, so that only their compressed bytes are in memory.

const CHUNK = 65_536
const encoder = new TextEncoder()

/** A part of the zip file that is being written; several may be open at once. */
export interface ZipPart {
  /** Adds text or bytes to the part. */
  write(data: string | Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface ZipWriter {
  open(name: string): ZipPart
  /** Adds a whole part. */
  add(name: string, data: string | Uint8Array): Promise<void>
  /** Adds a part that is compressed already. */
  copy(entry: ZipEntry): void
  /** The zip file. Every part must be closed before. */
  finish(): Uint8Array
}

/** A compressed part, ready to be put into a zip file. */
export interface ZipEntry {
  /** The name as bytes. */
  name: Uint8Array
  /** A raw deflate stream. */
  compressed: Uint8Array
  crc32: number
  size: number
}

/** Begins a zip file. Names of parts must be ASCII. The same parts give the same bytes, since no clock is read. */
export function createZip(): ZipWriter {
  const entries: ZipEntry[] = []
  const copy = (entry: ZipEntry): void => {
    entries.push(entry)
  }
  return {
    open: (name) => openPart(name, copy),
    async add(name, data) {
      copy(await compressPart(name, data))
    },
    copy,
    finish: () => assembleZip(entries),
  }
}

/** Compresses a whole part, which can then be added to any number of zip files. */
export async function compressPart(name: string, data: string | Uint8Array): Promise<ZipEntry> {
  const entries: ZipEntry[] = []
  const part = openPart(name, (entry) => entries.push(entry))
  await part.write(data)
  await part.close()
  const [entry] = entries
  if (entry === undefined) throw new Error(`the part ${name} is not closed`)
  return entry
}

function openPart(name: string, finish: (entry: ZipEntry) => void): ZipPart {
  const gzip = new CompressionStream('gzip')
  const writer = gzip.writable.getWriter()
  const compressed = new Response(gzip.readable).arrayBuffer()
  let pending = ''
  const flush = async (): Promise<void> => {
    const bytes = encoder.encode(pending)
    pending = ''
    await writer.write(bytes)
  }
  return {
    async write(data) {
      if (typeof data === 'string') {
        pending += data
        if (pending.length >= CHUNK) await flush()
      } else {
        await flush()
        await writer.write(data)
      }
    },
    async close() {
      await flush()
      await writer.close()
      finish(entryOf(name, new Uint8Array(await compressed)))
    },
  }
}

/**
 * Makes a zip entry from a gzip stream: 10 bytes of header, the deflate data that a zip needs, then CRC-32 and length.
 * CompressionStream computes the CRC natively, which is faster than JavaScript.
 */
function entryOf(name: string, gzip: Uint8Array): ZipEntry {
  const trailer = new DataView(gzip.buffer, gzip.byteOffset + gzip.length - 8, 8)
  return {
    name: encoder.encode(name),
    compressed: gzip.subarray(10, gzip.length - 8),
    crc32: trailer.getUint32(0, true),
    size: trailer.getUint32(4, true),
  }
}

const LOCAL_HEADER = 30
const CENTRAL_HEADER = 46
const END_RECORD = 22

/** Assembles a zip file: local headers with the data, the central directory, its end record (APPNOTE.TXT 4.3). */
export function assembleZip(entries: readonly ZipEntry[]): Uint8Array {
  const body = entries.reduce(
    (sum, entry) => sum + LOCAL_HEADER + entry.name.length + entry.compressed.length,
    0,
  )
  const directory = entries.reduce((sum, entry) => sum + CENTRAL_HEADER + entry.name.length, 0)
  const file = new Uint8Array(body + directory + END_RECORD)
  const view = new DataView(file.buffer)
  let at = 0
  let listed = body
  for (const entry of entries) {
    const header = at
    view.setUint32(at, 0x04034b50, true)
    writeFields(view, at + 4, entry)
    file.set(entry.name, at + LOCAL_HEADER)
    file.set(entry.compressed, at + LOCAL_HEADER + entry.name.length)
    at += LOCAL_HEADER + entry.name.length + entry.compressed.length

    view.setUint32(listed, 0x02014b50, true)
    view.setUint16(listed + 4, 20, true)
    writeFields(view, listed + 6, entry)
    view.setUint32(listed + 42, header, true)
    file.set(entry.name, listed + CENTRAL_HEADER)
    listed += CENTRAL_HEADER + entry.name.length
  }
  view.setUint32(listed, 0x06054b50, true)
  view.setUint16(listed + 8, entries.length, true)
  view.setUint16(listed + 10, entries.length, true)
  view.setUint32(listed + 12, directory, true)
  view.setUint32(listed + 16, body, true)
  return file
}

/** Writes the fields that local and central headers share: version 2.0, deflate, 1 January 1980, CRC-32 and lengths. */
function writeFields(view: DataView, at: number, entry: ZipEntry): void {
  view.setUint16(at, 20, true)
  view.setUint16(at + 4, 8, true)
  view.setUint16(at + 8, 0x21, true)
  view.setUint32(at + 10, entry.crc32, true)
  view.setUint32(at + 14, entry.compressed.length, true)
  view.setUint32(at + 18, entry.size, true)
  view.setUint16(at + 22, entry.name.length, true)
}
