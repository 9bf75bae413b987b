/** The answer of a handler, before it becomes a Response. */
import { joined } from './bytes.ts'
import { entityTag, namesTag } from './entity-tag.ts'
import { LIMITS } from './limits.ts'

export interface Answer {
  status: number
  /** The body as JSON text; a large body as pieces of UTF-8; one that is larger than memory as a stream of UTF-8. */
  body: string | readonly Uint8Array[] | ReadableStream<Uint8Array> | null
  headers: Record<string, string>
  /** The entity tag of a single resource; `of-body` means a tag made from the body. */
  tag: 'none' | 'of-body' | `"${string}"`
}

/** 200 with a single resource. */
export function resource(body: object): Answer {
  return { status: 200, body: JSON.stringify(body), headers: {}, tag: 'of-body' }
}

/** 200 with a new resource and its Location. */
export function created(body: object, location: string, tag: Answer['tag'] = 'of-body'): Answer {
  return { status: 200, body: JSON.stringify(body), headers: { Location: location }, tag }
}

/** 200 with a list or a document without a tag. */
export function json(body: object, status = 200): Answer {
  return { status, body: JSON.stringify(body), headers: {}, tag: 'none' }
}

export function slice(from: number, total: number, result: readonly object[]): Answer {
  return json({ from, to: from + result.length, total, result })
}

/** JSON text in pieces, so that a large value is never in memory as a whole. */
export type JsonText = Iterable<string>

/** 200 with a large resource that was written piece by piece. */
export function largeResource(written: PieceWriter, tag: Answer['tag']): Answer {
  return { status: 200, body: written.finish(), headers: {}, tag }
}

/** 200 with a slice whose `count` items are in `written`, separated by commas. */
export function writtenSlice(from: number, count: number, total: number, written: PieceWriter): Answer {
  const head = JSON.stringify({ from, to: from + count, total }).slice(0, -1)
  const body = [utf8(`${head},"result":[`), ...written.finish(), utf8(']}')]
  return { status: 200, body, headers: {}, tag: 'none' }
}

/**
 * Like `slice`, but ends before an item that would pass 12 MiB, though not before the first; `to` tells where it ended.
 */
export function sliceWithin(from: number, total: number, result: Iterable<JsonText>): Answer {
  const writer = new PieceWriter()
  let count = 0
  for (const item of result) {
    const mark = writer.mark()
    if (count > 0) writer.write([','])
    writer.write(item)
    if (count > 0 && writer.bytes > LIMITS.bytesPerSlice.most) {
      writer.rewind(mark)
      break
    }
    count += 1
  }
  return writtenSlice(from, count, total, writer)
}

/** 200 with a body that is made while it is sent. If making it fails, the connection is broken off. */
export function streamed(texts: AsyncGenerator<string>, headers: Record<string, string>): Answer {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await texts.next()
        if (next.done) controller.close()
        else controller.enqueue(utf8(next.value))
      },
      async cancel() {
        await texts.return(undefined)
      },
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  )
  return { status: 200, body, headers, tag: 'none' }
}

const PIECE_CHARACTERS = 65_536
const encoder = new TextEncoder()

function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Collects text as UTF-8, so that only the latest piece is a string. */
export class PieceWriter {
  #pieces: Uint8Array[] = []
  #pending = ''
  #bytes = 0

  /** Bytes written so far. */
  get bytes(): number {
    this.#flush()
    return this.#bytes
  }

  write(text: JsonText): void {
    for (const part of text) {
      this.#pending += part
      if (this.#pending.length >= PIECE_CHARACTERS) this.#flush()
    }
  }

  /** The current position, for `rewind`. */
  mark(): { pieces: number; bytes: number } {
    return { bytes: this.bytes, pieces: this.#pieces.length }
  }

  rewind({ pieces, bytes }: { pieces: number; bytes: number }): void {
    this.#pending = ''
    this.#pieces = this.#pieces.slice(0, pieces)
    this.#bytes = bytes
  }

  finish(): Uint8Array[] {
    this.#flush()
    return this.#pieces
  }

  #flush(): void {
    if (this.#pending === '') return
    const piece = utf8(this.#pending)
    this.#pending = ''
    this.#pieces.push(piece)
    this.#bytes += piece.byteLength
  }
}

/** An answer without a body. The published API description specifies an empty 200 for the request of an export. */
export function empty(status: 200 | 202 | 204, headers: Record<string, string> = {}): Answer {
  return { status, body: null, headers, tag: 'none' }
}

/** The response; 304 if If-None-Match of a GET or HEAD names the current entity tag. */
export async function toResponse(answer: Answer, request: Request): Promise<Response> {
  const { status, body, tag } = answer
  const headers = new Headers(answer.headers)
  if (body === null) return new Response(null, { status, headers })
  headers.set('Content-Type', 'application/json')
  if (tag !== 'none') {
    const entity = tag === 'of-body' ? await entityTag(textOf(body)) : tag
    headers.set('ETag', entity)
    const known = request.headers.get('If-None-Match')
    if (known !== null && isRead(request) && namesTag(known, entity)) {
      headers.delete('Content-Type')
      return new Response(null, { status: 304, headers })
    }
  }
  return new Response(isInPieces(body) ? sendable(body) : body, { status, headers })
}

function isInPieces(body: NonNullable<Answer['body']>): body is readonly Uint8Array[] {
  return Array.isArray(body)
}

/** Up to this many bytes are sent at once. */
const AT_ONCE = 1024 * 1024

/** The pieces as one body, which costs less than a stream; or as a stream if they are large. */
function sendable(pieces: readonly Uint8Array[]): Uint8Array | ReadableStream<Uint8Array> {
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (bytes > AT_ONCE) return streamOf(pieces)
  const [first] = pieces
  if (first && pieces.length === 1) return first
  return joined(pieces)
}

/** A stream that frees each piece once it is sent; a Blob would keep all of them until garbage collection. */
function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const waiting = [...pieces].reverse()
  return new ReadableStream({
    pull(controller) {
      const piece = waiting.pop()
      if (piece) controller.enqueue(piece)
      else controller.close()
    },
  })
}

function textOf(body: NonNullable<Answer['body']>): string {
  if (typeof body === 'string') return body
  throw new Error('What comes in pieces has a tag of its own')
}

function isRead(request: Request): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}
