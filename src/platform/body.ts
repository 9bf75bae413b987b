/** Reads a body and checks it in this order: size, content type, content coding; of JSON also encoding and shape. */
import { joined } from './bytes.ts'
import { fieldValue } from './headers.ts'
import { LIMITS } from './limits.ts'
import { Problem } from './problem.ts'

const LARGEST_BODY = LIMITS.bytesPerBody.most

/** Media types that an endpoint takes besides JSON, and the most bytes of such a body. */
export interface UploadContract {
  mediaTypes: readonly string[]
  most: number
  /** A plausible body of the first media type, as text. */
  example: string
}

/** A body that is a file. */
export interface Upload {
  mediaType: string
  bytes: Uint8Array
}

/** The file. Throws 413 BODY_TOO_LARGE, 415 UNSUPPORTED_MEDIA_TYPE, 400 MALFORMED_BODY. */
export async function readUpload(request: Request, { mediaTypes, most }: UploadContract): Promise<Upload> {
  const bytes = await readBytes(request, most)
  return { mediaType: acceptedType(request, mediaTypes), bytes }
}

/** The parsed object. Throws 413 BODY_TOO_LARGE, 415 UNSUPPORTED_MEDIA_TYPE, 400 MALFORMED_BODY. */
export async function readJsonObject(request: Request): Promise<object> {
  const bytes = await readBytes(request, LARGEST_BODY)
  acceptedType(request, ['application/json'])
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('must be a JSON object')
  }
  return value
}

/** The body of a request that needs none, one character per byte. Throws 413 BODY_TOO_LARGE, 400 MALFORMED_BODY. */
export async function readText(request: Request): Promise<string> {
  return new TextDecoder('windows-1252').decode(await readBytes(request, LARGEST_BODY))
}

/** A charset among the parameters of a media type, with or without quotes. */
const CHARSET = /;\s*charset\s*=\s*"?([^";]*)/i

/**
 * The media type of the body, which is one of those. Throws 415 UNSUPPORTED_MEDIA_TYPE, also for a content coding and for a
 * charset other than UTF-8: the body would be read as another text than was sent.
 */
function acceptedType(request: Request, mediaTypes: readonly string[]): string {
  const contentType = request.headers.get('Content-Type') ?? ''
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!mediaTypes.includes(mediaType))
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', `The body must be ${mediaTypes.join(' or ')}.`)
  if (!/^utf-?8$/i.test(CHARSET.exec(contentType)?.[1]?.trim() ?? 'utf-8'))
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'The body must be in UTF-8, and so must its charset.')
  if (!/^(identity)?$/i.test(fieldValue(request, 'Content-Encoding') ?? '')) {
    // RFC 9110 §15.5.16: the answer names the content codings that are accepted.
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'A body must come without a Content-Encoding.', {
      headers: { 'Accept-Encoding': 'identity' },
    })
  }
  return mediaType
}

async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  if (Number(request.headers.get('Content-Length') ?? '0') > most) throw tooLarge(most)
  const chunks: Uint8Array[] = []
  let size = 0
  if (request.body) {
    // Bytes are counted as they arrive, since Content-Length may be absent or wrong. A body that is too large is read
    // to its end but not kept: a client that is cut off while sending sees a broken connection instead of the 413.
    try {
      for await (const chunk of request.body as ReadableStream<Uint8Array>) {
        size += chunk.byteLength
        if (size <= most) chunks.push(chunk)
        else chunks.length = 0
      }
    } catch {
      // The client broke off while sending. That is not a fault of the service, so it is a 400 and not a 500.
      throw malformed('did not arrive whole')
    }
  }
  if (size > most) throw tooLarge(most)
  return joined(chunks)
}

function parse(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw malformed('must be UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw malformed('must be well-formed JSON')
  }
}

function tooLarge(most: number): Problem {
  return new Problem('BODY_TOO_LARGE', `A body may have at most ${String(most)} bytes.`)
}

function malformed(message: string): Problem {
  return new Problem('MALFORMED_BODY', `The body ${message}.`, { errors: [{ path: '', message }] })
}
