/** Endpoints about the service itself: /healthz, /openapi.json and the reference in three forms. */
import * as z from 'zod'
import { json } from '../platform/answer.ts'
import { type Endpoint, publicEndpoint } from '../platform/endpoint.ts'
import { Problem } from '../platform/problem.ts'
import { linksLeadHere } from '../platform/public-url.ts'
import { docsPage, OWN_FILES, PACKAGE_FILES } from './docs.ts'
import { checkHealth } from './health.ts'
import { type Document, llmsText, referenceMarkdown } from './markdown.ts'
import { describe } from './openapi.ts'
import type { Settings } from '../settings.ts'

const tag = 'Service'

const healthSchema = z
  .object({
    status: z.literal('ok'),
    parts: z.object({
      d1: z.boolean().meta({ description: 'Whether all databases answer' }),
      databases: z
        .record(z.string(), z.boolean())
        .meta({ description: 'The databases by the names of their bindings' }),
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
  summary: 'Whether the service is well',
  description: 'Looks at most every 10 seconds.',
  unlimited: true,
  answer: {
    status: 200,
    description: 'Everything answers',
    schema: healthSchema,
    example: {
      status: 'ok',
      parts: { d1: true, databases: { DB: true }, kv: true, r2: true, queue: true, publicUrl: true },
    },
  },
  problems: ['UNHEALTHY'],
  async handle({ env, settings, raw, meter, now }) {
    const answering = await checkHealth(env, meter, now)
    const { d1: _, databases, ...others } = answering
    const silent = Object.entries({ ...databases, ...others }).flatMap(([part, well]) => (well ? [] : [part]))
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
  description: string,
  mediaType: string,
  text: (settings: Settings) => Response,
) {
  return publicEndpoint({
    method: 'GET',
    path,
    operationId,
    tag,
    summary,
    description,
    answer: { status: 200, description: summary, mediaType },
    problems: [],
    handle: ({ settings }) => Promise.resolve(text(settings)),
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
  description: `One of ${[...OWN_FILES.keys(), ...PACKAGE_FILES].map((file) => `\`${file}\``).join(', ')}.`,
  example: { path: { file: 'reference.css' } },
  answer: { status: 200, description: 'Script or style', mediaType: ['text/javascript', 'text/css'] },
  problems: ['NOT_FOUND'],
  async handle({ env, params, raw }) {
    const own = OWN_FILES.get(params.file)
    if (own !== undefined) return typed(own, mediaTypeOf(params.file))
    const file = PACKAGE_FILES.find((name) => name === params.file)
    if (file === undefined) throw new Problem('NOT_FOUND', 'There is no such file.')
    const asset = await env.ASSETS.fetch(new URL(`/${file}`, raw.url))
    const headers = new Headers(asset.headers)
    headers.set('Content-Type', `${mediaTypeOf(file)}; charset=utf-8`)
    headers.delete('Cache-Control')
    return new Response(asset.body, { status: asset.status, headers })
  },
})

function mediaTypeOf(file: string): string {
  return file.endsWith('.css') ? 'text/css' : 'text/javascript'
}

/** The service endpoints. They describe the endpoints of `product` and themselves. */
export function serviceEndpoints(product: readonly Endpoint[]): Endpoint[] {
  let made: { url: string; replicas: string; document: Document } | undefined
  const documentOf = ({ PUBLIC_URL: url, READ_REPLICAS: replicas }: Settings): Document => {
    if (made?.url !== url || made.replicas !== replicas) {
      const document = describe([...product, ...own], url, replicas === 'on')
      // The type Document has only some of the members that describe() returns.
      made = { url, replicas, document: document as unknown as Document }
    }
    return made.document
  }
  const openapi = publicEndpoint({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    tag,
    summary: 'This API as an OpenAPI 3.1 document',
    description: 'Made from the schemas that validate every request.',
    answer: {
      status: 200,
      description: 'The document',
      schema: z.looseObject({ openapi: z.string() }),
      example: { openapi: '3.1.0', info: { title: 'Action Plans' } },
    },
    problems: [],
    handle: ({ settings }) => Promise.resolve(json(documentOf(settings))),
  })
  const own: Endpoint[] = [
    health,
    openapi,
    textEndpoint(
      '/docs',
      'getDocs',
      'The interactive reference',
      'A page on which every operation can be tried.',
      'text/html',
      docsPage,
    ),
    docsFile,
    textEndpoint(
      '/docs.md',
      'getDocsMarkdown',
      'The reference as Markdown',
      'With a walk-through from sign-in to workbook, and an example of every operation.',
      'text/markdown',
      (settings) => typed(referenceMarkdown(documentOf(settings)), 'text/markdown'),
    ),
    textEndpoint(
      '/llms.txt',
      'getLlmsText',
      'An index of the reference for language models',
      'Links to every operation in `/docs.md` (llmstxt.org).',
      'text/plain',
      (settings) => typed(llmsText(documentOf(settings)), 'text/plain'),
    ),
  ]
  return own
}
