/**
 * /api/v1/downloads/{exportId}/{file}, with a signed link: GET and HEAD stream the file from R2, POST has fresh links mailed
 * to the export's requester.
 */
import { publicEndpoint } from '../platform/endpoint.ts'
import { DEMO, DEMO_LINK } from '../platform/demo.ts'
import { namesTag } from '../platform/entity-tag.ts'
import { sha256Hex } from '../platform/hash.ts'
import { ACCEPT_LANGUAGE, preferredLocale } from '../platform/locale.ts'
import { Problem } from '../platform/problem.ts'
import { acceptsPage, asPrivate, linkOf, PRIVATE_HEADERS } from '../platform/signed-link.ts'
import type { RequestFacts } from '../platform/request.ts'
import { signingKeys } from './delivery.ts'
import { objectKey, WORKBOOK_TYPE } from './files.ts'
import { areFilesKept, requestLinkMail } from './link-mails.ts'
import { linkPage } from './link-pages.ts'
import { checkLink, type LinkCheck } from './links.ts'
import { parseRange, type RangeRequest } from './range.ts'

const FILE_HEADERS = ['ETag', 'Content-Disposition', 'Content-Length', 'Accept-Ranges']

/** What both operations have: the address, its parameters, and what becomes of an address that was not signed here. */
const SIGNED = {
  path: '/api/v1/downloads/:exportId/:file',
  tag: 'Exports',
  example: { path: { exportId: DEMO.export, file: DEMO_LINK.file } },
  pages: true,
  tokenOf: tokenOfLink,
} as const

const SIGNATURE = [
  {
    name: 'expires',
    in: 'query',
    required: true,
    description: 'Unix seconds until which the link works',
    example: DEMO_LINK.expires,
  },
  {
    name: 'kid',
    in: 'query',
    required: true,
    description: 'Id of the key it is signed with',
    example: DEMO_LINK.kid,
  },
  {
    name: 'signature',
    in: 'query',
    required: true,
    description: 'HMAC-SHA-256, hexadecimal',
    example: DEMO_LINK.signature,
  },
] as const

export const download = publicEndpoint({
  ...SIGNED,
  method: 'GET',
  operationId: 'downloadFile',
  summary: 'Download a file by its signed link',
  description:
    'Needs no session: whoever holds the link may follow it until it expires. Supports byte ranges. A browser gets a readable page for 403 and 410.',
  furtherParameters: [
    ...SIGNATURE,
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
  problems: ['LINK_REFUSED', 'LINK_EXPIRED', 'FILE_GONE', 'RANGE_NOT_SATISFIABLE', 'DATABASE_UNAVAILABLE'],
  async handle(facts) {
    const { raw, env } = facts
    const check = await checkOf(facts)
    try {
      if (check.kind === 'refused') throw new Problem('LINK_REFUSED')
      if (check.kind === 'expired') throw new Problem('LINK_EXPIRED')
      return await serve(env.FILES, objectKey(check.target.exportId, check.target.file), raw)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return refusal(error, check, facts)
    }
  },
})

export const askForLinks = publicEndpoint({
  ...SIGNED,
  method: 'POST',
  operationId: 'requestLinkMail',
  summary: 'Have fresh links mailed',
  description:
    "The button on the page of an expired link. Fresh links go to the export's own requester and to nobody else, if he or she may still have them: at most one mail an hour for an export, and ten a day for a user. The answer to a genuine link, expired or not, is one and the same page, whatever came of it. Nothing in a body is read.",
  form: true,
  furtherParameters: [...SIGNATURE, ACCEPT_LANGUAGE],
  answer: { status: 200, description: 'The page that says so', mediaType: 'text/html' },
  problems: ['LINK_REFUSED', 'DATABASE_UNAVAILABLE', 'COMPANY_MOVING'],
  async handle(facts) {
    const { raw } = facts
    const check = await checkOf(facts)
    if (check.kind === 'refused') return refusal(new Problem('LINK_REFUSED'), check, facts)
    await requestLinkMail(facts, check.target.exportId)
    return asPrivate(await linkPage('requested', localeOf(raw)))
  },
})

const checks = new WeakMap<Request, Promise<LinkCheck>>()

/** The check of the request's link, made once for the rate limit and the handler. */
function checkOf({ raw, settings, now }: RequestFacts): Promise<LinkCheck> {
  const check = checks.get(raw) ?? checkLink(linkOf(raw), signingKeys(settings), now)
  checks.set(raw, check)
  return check
}

/** A genuine link is limited by itself, since many people may share an address. */
async function tokenOfLink(facts: RequestFacts): Promise<string | null> {
  const { kind } = await checkOf(facts)
  return kind === 'refused' ? null : sha256Hex(linkOf(facts.raw))
}

function localeOf({ headers }: Request) {
  return preferredLocale(headers.get('Accept-Language'))
}

/** The problem; for a browser a page, which says what can be done about it. */
async function refusal(problem: Problem, check: LinkCheck, facts: RequestFacts): Promise<Response> {
  const { raw } = facts
  if (problem.status === 416 || !acceptsPage(raw)) {
    return asPrivate(problem.toResponse(facts.id))
  }
  const page =
    check.kind === 'refused'
      ? 'refused'
      : check.kind === 'expired' && (await areFilesKept(facts, check.target.exportId))
        ? 'expired'
        : 'gone'
  return asPrivate(await linkPage(page, localeOf(raw)))
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
