/**
 * Reads XML piece by piece, with memory for one tag. A parser that hands over a text node as a whole would hold a hundred
 * megabytes of spaces; here a text comes in pieces, and whoever wants less stops. Document types, and with them entities,
 * are refused. Pure.
 */
import { FileRefused } from './refusal.ts'

export interface XmlHandler {
  /** `name` is without its prefix; so are those of attributes, unless `prefixed` asks for them. */
  open(name: string, attributes: Attributes): void
  close(name: string): void
  /** A piece of the text inside the innermost element. */
  text(piece: string): void
}

/** The attributes of a tag by their names as written. */
export type Attributes = ReadonlyMap<string, string>

const LONGEST_TAG = 65_536
const DEEPEST = 64
/** The longest reference that is read, `&#1114111;` or `&#x0010FFFF;`. */
const LONGEST_REFERENCE = 16
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const NAME = /^[^\s/>"'=<&]+/
const ATTRIBUTE = /\s+([^\s/>"'=<&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y

export class XmlReader {
  readonly #handler: XmlHandler
  readonly #open: string[] = []
  #rest = ''
  /** What ends the part that is being left out, or the text that is being taken as it stands. */
  #until: '-->' | '?>' | ']]>' | null = null
  #isOver = false

  constructor(handler: XmlHandler) {
    this.#handler = handler
  }

  /** Throws `FileRefused` for what is not well-formed. */
  write(chunk: string): void {
    const text = this.#rest + chunk
    let at = 0
    for (;;) {
      const next = this.#step(text, at)
      if (next === at) break
      at = next
    }
    this.#rest = text.slice(at)
    if (this.#rest.length > LONGEST_TAG) throw refused('a tag that is too long')
  }

  /** Throws `FileRefused` if the document is not whole. */
  end(): void {
    if (!this.#isOver || this.#rest.trim() !== '' || this.#until !== null) throw refused('no end')
  }

  /** Takes the next piece; returns where it ends, or `at` if there is no whole piece yet. */
  #step(text: string, at: number): number {
    if (at >= text.length) return at
    if (this.#until !== null) return this.#skip(text, at, this.#until)
    if (text[at] !== '<') return this.#characters(text, at)
    if (text.startsWith('<!--', at)) return this.#begin('-->', at + 4)
    if (text.startsWith('<![CDATA[', at)) return this.#begin(']]>', at + 9)
    if (text.startsWith('<?', at)) return this.#begin('?>', at + 2)
    if (text.startsWith('<!', at)) {
      if (
        text.length - at < 9 &&
        ('<!--'.startsWith(text.slice(at, at + 4)) || '<![CDATA['.startsWith(text.slice(at)))
      )
        return at
      throw refused('a document type')
    }
    const end = endOfTag(text, at)
    if (end === -1) return at
    this.#tag(text.slice(at + 1, end))
    return end + 1
  }

  #begin(until: '-->' | '?>' | ']]>', at: number): number {
    this.#until = until
    return at
  }

  #skip(text: string, at: number, until: string): number {
    const found = text.indexOf(until, at)
    // Without its end, the last characters stay: they may be the first of it.
    const end = found === -1 ? Math.max(at, text.length - until.length + 1) : found
    if (until === ']]>' && end > at) this.#say(text.slice(at, end))
    if (found === -1) return end
    this.#until = null
    return found + until.length
  }

  #characters(text: string, at: number): number {
    const found = text.indexOf('<', at)
    let end = found === -1 ? text.length : found
    if (found === -1) {
      const reference = text.lastIndexOf('&')
      // A reference may be cut by the end of the chunk.
      if (reference >= at && end - reference < LONGEST_REFERENCE && !text.includes(';', reference))
        end = reference
    }
    if (end > at) this.#say(unescaped(text.slice(at, end)))
    return end
  }

  #say(piece: string): void {
    if (this.#open.length > 0) this.#handler.text(piece)
    else if (/[^\s\ufeff]/.test(piece)) throw refused('text outside its root')
  }

  #tag(content: string): void {
    if (content.startsWith('/')) {
      const name = content.slice(1).trimEnd()
      if (this.#open.pop() !== name) throw refused('tags that do not match')
      this.#handler.close(localName(name))
      if (this.#open.length === 0) this.#isOver = true
      return
    }
    const name = NAME.exec(content)?.[0] ?? ''
    if (name === '' || this.#isOver) throw refused('a tag in a wrong place')
    const isEmpty = content.endsWith('/')
    const attributes = attributesOf(content.slice(name.length, isEmpty ? -1 : undefined))
    this.#handler.open(localName(name), attributes)
    if (isEmpty) {
      this.#handler.close(localName(name))
      if (this.#open.length === 0) this.#isOver = true
    } else {
      this.#open.push(name)
      if (this.#open.length > DEEPEST) throw refused('elements too deep inside each other')
    }
  }
}

/** The index of the `>` that ends the tag, which is none inside quotes; -1 if it is not there yet. */
function endOfTag(text: string, at: number): number {
  let quote = ''
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '>') return index
    else if (character === '"' || character === "'") quote = character
    else if (character === '<') throw refused('a tag inside a tag')
    if (index - at > LONGEST_TAG) throw refused('a tag that is too long')
  }
  return -1
}

function attributesOf(text: string): Attributes {
  const attributes = new Map<string, string>()
  ATTRIBUTE.lastIndex = 0
  let end = 0
  for (let match = ATTRIBUTE.exec(text); match; match = ATTRIBUTE.exec(text)) {
    const [, name = '', double, single = ''] = match
    if (attributes.has(name)) throw refused('an attribute twice')
    attributes.set(name, unescaped(double ?? single))
    end = ATTRIBUTE.lastIndex
  }
  if (text.slice(end).trim() !== '') throw refused('a broken tag')
  return attributes
}

/** The text with its references replaced. */
function unescaped(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(?:x([0-9a-f]{1,8})|(\d{1,8}))|([a-z]{1,8}));|&/gi,
    (_match, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        const character = NAMED[name]
        if (character === undefined) throw refused('an entity that XML does not know')
        return character
      }
      const code = hex === undefined ? Number(decimal ?? NaN) : Number.parseInt(hex, 16)
      if (!(code > 0 && code <= 0x10ffff)) throw refused('a broken reference')
      return String.fromCodePoint(code)
    },
  )
}

/** The name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function refused(what: string): FileRefused {
  return new FileRefused(`A part of the workbook has ${what}.`)
}
