/** Endpoints about the service itself: /healthz, /openapi.json and the reference in three forms. */
import * as z from 'zod'
import { json } from '../platform/answer.ts'
import { type Endpoint, publicEndpoint } from '../platform/endpoint.ts'
import { Problem } from '../platform/problem.ts'
import { linksLeadHere } from '../platform/public-url.ts'
import { DOCS_FILES, DOCS_SCRIPT, docsPage } from './docs.ts'
import { checkHealth } from './health.ts'
import { type Document, llmsText, referenceMarkdown } from './markdown.ts'
import { describe } from './openapi.ts'

const tag = 'Service'

const healthSchema = z
  .object({
    status: z.literal('ok'),
    parts: z.object({
      d1: z.boolean(),
      kv: z.boolean(),
      r2: z.boolean(),
      queue: z.boolean(),
      publicUrl: z.boolean().meta({
        description: 'False if PUBLIC_URL is a local address but the service is reached under another host',
      }),
    }),
  })
  .meta({ id: 'Health' })

const health = publicEndpoint({
  method: 'GET',
  path: '/healthz',
  operationId: 'getHealth',
  tag,
  summary: 'Is the service well?',
  description: 'Looks at most every 10 seconds.',
  unlimited: true,
  answer: { status: 200, description: 'Everything answers', schema: healthSchema },
  problems: ['UNHEALTHY'],
  async handle({ env, settings, raw, meter, now }) {
    const answering = await checkHealth(env, meter, now)
    const silent = Object.entries(answering).flatMap(([part, well]) => (well ? [] : [part]))
    const publicUrl = linksLeadHere(settings, raw.url)
    const complaints = [
      ...(silent.length > 0 ? [`Not answering: ${silent.join(', ')}.`] : []),
      ...(publicUrl ? [] : ['PUBLIC_URL is a local address, so no links are mailed.']),
    ]
    const parts = { ...answering, publicUrl }
    if (complaints.length > 0) throw new Problem('UNHEALTHY', complaints.join(' '), { extra: { parts } })
    return json({ status: 'ok', parts })
  },
})

/** An endpoint for a text of a media type that is the same for every caller. */
function textEndpoint(
  path: string,
  operationId: string,
  summary: string,
  mediaType: string,
  text: () => Response,
) {
  return publicEndpoint({
    method: 'GET',
    path,
    operationId,
    tag,
    summary,
    answer: { status: 200, description: summary, mediaType },
    problems: [],
    handle: () => Promise.resolve(text()),
  })
}

function typed(text: string, mediaType: string): Response {
  return new Response(text, { headers: { 'Content-Type': `${mediaType}; charset=utf-8` } })
}

const docsFile = publicEndpoint({
  method: 'GET',
  path: '/docs/:file',
  operationId: 'getDocsFile',
  tag,
  summary: 'A file of the interactive reference',
  answer: { status: 200, description: 'Script or style', mediaType: 'text/javascript' },
  problems: ['NOT_FOUND'],
  async handle({ env, params, raw }) {
    if (params.file === 'init.js') return typed(DOCS_SCRIPT, 'text/javascript')
    const file = DOCS_FILES.find((name) => name === params.file)
    if (file === undefined) throw new Problem('NOT_FOUND', 'There is no such file.')
    const asset = await env.ASSETS.fetch(new URL(`/${file}`, raw.url))
    const headers = new Headers(asset.headers)
    headers.delete('Cache-Control')
    return new Response(asset.body, { status: asset.status, headers })
  },
})

/** The service endpoints. They describe the endpoints of `product` and themselves. */
export function serviceEndpoints(product: readonly Endpoint[]): Endpoint[] {
  let made: Document | undefined
  // The type Document has only some of the members that describe() returns.
  const document = () => (made ??= describe([...product, ...own]) as unknown as Document)
  const openapi = publicEndpoint({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    tag,
    summary: 'This API as an OpenAPI 3.1 document',
    answer: { status: 200, description: 'The document', schema: z.looseObject({ openapi: z.string() }) },
    problems: [],
    handle: () => Promise.resolve(json(document())),
  })
  const own: Endpoint[] = [
    health,
    openapi,
    textEndpoint('/docs', 'getDocs', 'The interactive reference', 'text/html', docsPage),
    docsFile,
    textEndpoint('/docs.md', 'getDocsMarkdown', 'The reference as Markdown', 'text/markdown', () =>
      typed(referenceMarkdown(document()), 'text/markdown'),
    ),
    textEndpoint(
      '/llms.txt',
      'getLlmsText',
      'An index of the reference for language models',
      'text/plain',
      () => typed(llmsText(document()), 'text/plain'),
    ),
  ]
  return own
}
