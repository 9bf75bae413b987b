/** GET and HEAD /api/v1/downloads/{exportId}/{file}: checks the signed link and streams the file from R2. */
import { publicEndpoint } from '../platform/endpoint.ts'
import { namesTag } from '../platform/entity-tag.ts'
import { ACCEPT_LANGUAGE, preferredLocale } from '../platform/locale.ts'
import { Problem } from '../platform/problem.ts'
import { signingKeys } from './delivery.ts'
import { objectKey, WORKBOOK_TYPE } from './files.ts'
import { checkLink } from './links.ts'
import { refusalPage } from './refusal-page.ts'
import { parseRange, type RangeRequest } from './range.ts'

const PRIVATE_HEADERS = { 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' }

const FILE_HEADERS = ['ETag', 'Content-Disposition', 'Content-Length', 'Accept-Ranges']

export const download = publicEndpoint({
  method: 'GET',
  path: '/api/v1/downloads/:exportId/:file',
  operationId: 'downloadFile',
  tag: 'Exports',
  summary: 'Download a file by its signed link',
  description:
    'Needs no session: whoever holds the link may follow it until it expires. Supports byte ranges. A browser gets a readable page for 403 and 410.',
  furtherParameters: [
    { name: 'expires', in: 'query', required: true, description: 'Unix seconds until which the link works' },
    { name: 'kid', in: 'query', required: true, description: 'Id of the key it is signed with' },
    { name: 'signature', in: 'query', required: true, description: 'HMAC-SHA-256, hexadecimal' },
    { name: 'Range', in: 'header', required: false, description: 'One byte range' },
    { name: 'If-Range', in: 'header', required: false, description: 'An ETag; another file comes whole' },
    { name: 'If-None-Match', in: 'header', required: false, description: 'An ETag; 304 if it is current' },
    ACCEPT_LANGUAGE,
  ],
  answer: { status: 200, description: 'The workbook', mediaType: WORKBOOK_TYPE, headers: FILE_HEADERS },
  furtherAnswers: [
    { status: 206, description: 'The range asked for', headers: [...FILE_HEADERS, 'Content-Range'] },
    { status: 304, description: 'Not modified', headers: ['ETag'] },
  ],
  problems: ['LINK_REFUSED', 'LINK_EXPIRED', 'FILE_GONE', 'RANGE_NOT_SATISFIABLE'],
  async handle({ raw, env, settings, now, id }) {
    try {
      const { pathname, search } = new URL(raw.url)
      const check = await checkLink(pathname + search, signingKeys(settings), now)
      if (check.kind === 'refused') throw new Problem('LINK_REFUSED')
      if (check.kind === 'expired') throw new Problem('LINK_EXPIRED')
      return await serve(env.FILES, objectKey(check.target.exportId, check.target.file), raw)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return refusal(error, raw, id)
    }
  },
})

function refusal(problem: Problem, raw: Request, requestId: string): Response {
  const wantsPage = acceptsPage(raw.headers.get('Accept') ?? '') && problem.status !== 416
  const response = wantsPage
    ? refusalPage(problem, preferredLocale(raw.headers.get('Accept-Language')))
    : problem.toResponse(requestId)
  for (const [name, value] of Object.entries(PRIVATE_HEADERS)) response.headers.set(name, value)
  return response
}

/** Whether `text/html` is named and not refused, as browsers do. A client that accepts anything gets a problem. */
function acceptsPage(accept: string): boolean {
  return accept
    .toLowerCase()
    .split(',')
    .some((range) => /^\s*text\/html\s*(;|$)/.test(range) && !/;\s*q=0(\.0*)?\s*(;|$)/.test(range))
}

async function serve(bucket: R2Bucket, key: string, raw: Request): Promise<Response> {
  const isHead = raw.method === 'HEAD'
  const rangeHeader = raw.headers.get('Range')
  if (isHead || rangeHeader !== null || raw.headers.has('If-None-Match')) {
    const object = await bucket.head(key)
    if (!object) throw new Problem('FILE_GONE')
    const known = raw.headers.get('If-None-Match')
    if (known !== null && namesTag(known, object.httpEtag)) {
      return new Response(null, { status: 304, headers: { ETag: object.httpEtag, ...PRIVATE_HEADERS } })
    }
    if (isHead) return new Response(null, { headers: headersOf(object, object.size) })
    const range = rangeFor(raw, rangeHeader, object)
    if (range.kind === 'unsatisfiable') throw unsatisfiable(object.size)
    if (range.kind === 'part') return servePart(bucket, key, object, range)
  }
  const object = await bucket.get(key)
  if (!object) throw new Problem('FILE_GONE')
  return new Response(object.body, { headers: headersOf(object, object.size) })
}

/** A range counts only if the file still has the tag in If-Range (RFC 9110 §13.1.5). */
function rangeFor(raw: Request, header: string | null, object: R2Object): RangeRequest {
  const ifRange = raw.headers.get('If-Range')
  if (header === null || (ifRange !== null && ifRange !== object.httpEtag)) return { kind: 'whole' }
  return parseRange(header, object.size)
}

async function servePart(
  bucket: R2Bucket,
  key: string,
  { size }: R2Object,
  { offset, length }: { offset: number; length: number },
): Promise<Response> {
  const object = await bucket.get(key, { range: { offset, length } })
  if (!object) throw new Problem('FILE_GONE')
  const headers = headersOf(object, length)
  headers.set('Content-Range', `bytes ${String(offset)}-${String(offset + length - 1)}/${String(size)}`)
  return new Response(object.body, { status: 206, headers })
}

function headersOf(object: R2Object, length: number): Headers {
  return new Headers({
    'Content-Type': WORKBOOK_TYPE,
    'Content-Disposition': object.httpMetadata?.contentDisposition ?? 'attachment',
    'Content-Length': String(length),
    'Accept-Ranges': 'bytes',
    ETag: object.httpEtag,
    ...PRIVATE_HEADERS,
  })
}

function unsatisfiable(size: number): Problem {
  return new Problem('RANGE_NOT_SATISFIABLE', `The file has ${String(size)} bytes.`, {
    headers: { 'Content-Range': `bytes */${String(size)}` },
  })
}
