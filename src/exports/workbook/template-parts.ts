/** The parts of the packed template, by name. */
import JSZip from 'jszip'

/** The parts of a package by name: XML parts as text, others as bytes. */
export interface TemplateParts extends Iterable<[string, string | Uint8Array]> {
  has(name: string): boolean
  /** The XML part of that name. Throws if there is none. */
  read(name: string): string
  /** Like `read`, and removes the part. */
  take(name: string): string
  /** All XML parts whose names match; removes them. */
  takeAll(names: RegExp): Map<string, string>
  drop(names: RegExp): void
  change(names: RegExp, by: (xml: string) => string): void
}

/** Unpacks the package that xlsx-populate made. */
export async function unpack(file: Uint8Array): Promise<TemplateParts> {
  const parts = new Map<string, string | Uint8Array>()
  for (const [name, part] of Object.entries((await JSZip.loadAsync(file)).files))
    parts.set(name, await part.async(/\.(?:xml|rels)$/.test(name) ? 'string' : 'uint8array'))
  const read = (name: string): string => {
    const part = parts.get(name)
    if (typeof part !== 'string') throw new Error(`the template lacks ${name}`)
    return part
  }
  return {
    has: (name) => parts.has(name),
    read,
    take(name) {
      const xml = read(name)
      parts.delete(name)
      return xml
    },
    takeAll(names) {
      const taken = [...parts.keys()]
        .filter((name) => names.test(name))
        .map((name) => [name, read(name)] as const)
      for (const [name] of taken) parts.delete(name)
      return new Map(taken)
    },
    drop(names) {
      for (const name of parts.keys()) if (names.test(name)) parts.delete(name)
    },
    change(names, by) {
      for (const [name, part] of parts)
        if (typeof part === 'string' && names.test(name)) parts.set(name, by(part))
    },
    [Symbol.iterator]: () => parts.entries(),
  }
}
