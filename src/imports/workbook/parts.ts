/** The parts of a workbook as XML: opened by name, decoded and parsed as they are inflated. Pure. */
import { FileRefused } from './refusal.ts'
import { type XmlHandler, XmlReader } from './xml-reader.ts'
import type { ZipReader } from './zip-reader.ts'

/**
 * Parses a part; false if there is none. Throws `FileRefused`.
 * @param isDone asked after each chunk: what follows is not read once it is true
 */
export async function parsePart(
  zip: ZipReader,
  name: string,
  handler: XmlHandler,
  isDone: () => boolean = () => false,
): Promise<boolean> {
  const content = zip.open(name)
  if (content === null) return false
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  const xml = new XmlReader(handler)
  for await (const chunk of content) {
    xml.write(decoded(() => decoder.decode(chunk, { stream: true })))
    if (isDone()) return true
  }
  xml.write(decoded(() => decoder.decode()))
  xml.end()
  return true
}

function decoded(decode: () => string): string {
  try {
    return decode()
  } catch {
    throw new FileRefused('A part of the workbook is not UTF-8.')
  }
}

export interface Relationship {
  /** The last segment of its type, such as `worksheet`: the transitional and the strict form differ before it. */
  type: string
  /** Name of the part that it leads to. */
  target: string
}

/** The relationships of a part by id; none if it has none. Those that lead out of the file are left out. */
export async function relationshipsOf(zip: ZipReader, part: string): Promise<Map<string, Relationship>> {
  const [, folder = '', file = ''] = /^(.*\/)?([^/]*)$/.exec(part) ?? []
  const found = new Map<string, Relationship>()
  await parsePart(zip, `${folder}_rels/${file}.rels`, {
    open(name, attributes) {
      if (name !== 'Relationship' || attributes.get('TargetMode') === 'External') return
      const type = (attributes.get('Type') ?? '').split('/').at(-1) ?? ''
      found.set(attributes.get('Id') ?? '', {
        type,
        target: resolved(folder, attributes.get('Target') ?? ''),
      })
    },
    close: () => undefined,
    text: () => undefined,
  })
  return found
}

/** The name of the part that a target means, which is relative to the folder unless it begins with a slash. */
function resolved(folder: string, target: string): string {
  const segments: string[] = target.startsWith('/') ? [] : folder.split('/').filter((each) => each !== '')
  for (const segment of target.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments.join('/')
}
