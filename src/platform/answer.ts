/** What a handler gives back, before it becomes a response. */
import { entityTag, namesTag } from './entity-tag.ts'

export interface Answer {
  status: number
  /** JSON of the body, already serialised: the tag is over these very bytes. */
  body: string | null
  headers: Record<string, string>
  /** Single resources carry an entity tag. */
  tagged: boolean
}

/** 200 with a single resource. */
export function resource(body: object): Answer {
  return { status: 200, body: JSON.stringify(body), headers: {}, tagged: true }
}

/** 200 with a new resource and where it is. */
export function created(body: object, location: string): Answer {
  return { status: 200, body: JSON.stringify(body), headers: { Location: location }, tagged: true }
}

/** 200 with a list or a document without a tag. */
export function json(body: object, status = 200): Answer {
  return { status, body: JSON.stringify(body), headers: {}, tagged: false }
}

export function slice(from: number, total: number, result: readonly object[]): Answer {
  return json({ from, to: from + result.length, total, result })
}

/** The largest body of a slice. */
const LARGEST_SLICE_BYTES = 8 * 1024 * 1024 - 100

/** Like `slice`, but ends early, after one item at least, rather than grow past 8 MiB; its `to` tells where. */
export function sliceWithin(from: number, total: number, result: readonly object[]): Answer {
  const encoder = new TextEncoder()
  const items: string[] = []
  let bytes = 0
  for (const item of result) {
    const text = JSON.stringify(item)
    bytes += encoder.encode(text).length + 1
    if (bytes > LARGEST_SLICE_BYTES && items.length > 0) break
    items.push(text)
  }
  const ends = JSON.stringify({ from, to: from + items.length, total }).slice(0, -1)
  return { status: 200, body: `${ends},"result":[${items.join(',')}]}`, headers: {}, tagged: false }
}

/** No content, or an empty 200 (the published page's answer to an export). */
export function empty(status: 200 | 202 | 204, headers: Record<string, string> = {}): Answer {
  return { status, body: null, headers, tagged: false }
}

/** The response, or 304 when a GET already holds this body. */
export async function toResponse(answer: Answer, request: Request): Promise<Response> {
  const headers = new Headers(answer.headers)
  if (answer.body === null) return new Response(null, { status: answer.status, headers })
  headers.set('Content-Type', 'application/json')
  if (answer.tagged) {
    const tag = await entityTag(answer.body)
    headers.set('ETag', tag)
    const known = request.headers.get('If-None-Match')
    if (known !== null && isRead(request) && namesTag(known, tag)) {
      headers.delete('Content-Type')
      return new Response(null, { status: 304, headers })
    }
  }
  return new Response(answer.body, { status: answer.status, headers })
}

function isRead(request: Request): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}
