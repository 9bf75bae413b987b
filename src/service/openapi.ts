/** The OpenAPI 3.1 document, made from the endpoints that the app mounts and the schemas that validate. */
import * as z from 'zod'
import { version } from '../../package.json'
import type { Endpoint } from '../platform/endpoint.ts'
import { isStrict } from '../platform/input.ts'
import { STEPS } from '../db/enums.ts'
import { exampleOf } from './examples.ts'
import { LIMIT_NAMES, LIMITS } from '../platform/limits.ts'
import { PROBLEMS, type ProblemCode } from '../platform/problem.ts'
import { closeBody } from './request-bodies.ts'

type Json = Record<string, unknown>

const MEDIA_TYPE = 'application/json'

/** The OpenAPI document of these endpoints. */
export function describe(endpoints: readonly Endpoint[]): Json {
  const schemas: Record<string, Json> = { Problem: problemSchema() }
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint, schemas) }
  }
  for (const endpoint of endpoints) closeBody(endpoint, schemas)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Action Plans',
      version,
      description:
        'Action plans for people teams: plans of improvement actions, and Excel exports that arrive by e-mail as links that expire. Every path also answers HEAD where it answers GET, OPTIONS with 204 and `Allow`, and 405 with `Allow` to any other method.\n\n' +
        'Unknown members and query parameters are a 400 that names them; read-only members of a representation are ignored, so that a body that was read can be sent back.\n\n' +
        describeLimits(),
    },
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        SessionId: {
          type: 'apiKey',
          in: 'header',
          name: 'SessionId',
          description: 'From POST /api/v1/sessions',
        },
      },
    },
  }
}

/** The limits as a Markdown list. The limit per company is a setting, so only its default is given. */
function describeLimits(): string {
  const lines = Object.entries(LIMITS).map(
    ([name, { most, of }]) => `- \`${name}\`: ${most.toLocaleString('en')} ${of}`,
  )
  return [
    'Limits; what is stored beyond one is refused with 409 and its name in `limit`:',
    '',
    ...lines,
    '- `bytesPerCompany`: what is kept for a company, texts and 500 bytes a row, 1 GiB unless configured otherwise',
  ].join('\n')
}

function operation(endpoint: Endpoint, schemas: Record<string, Json>): Json {
  return {
    operationId: endpoint.operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    ...(endpoint.access === 'public' ? { security: [] } : { security: [{ SessionId: [] }] }),
    parameters: parameters(endpoint, schemas),
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: jsonContent(endpoint.body, 'input', schemas),
          },
        }),
    ...(endpoint.form === true ? { requestBody: FORM } : {}),
    responses: responses(endpoint, schemas),
  }
}

/** A form without fields: nothing in it is read. */
const FORM: Json = {
  required: false,
  content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
}

function parameters(endpoint: Endpoint, schemas: Record<string, Json>): Json[] {
  const path = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const further = (endpoint.furtherParameters ?? []).map((parameter) => ({
    ...parameter,
    schema: { type: 'string' },
  }))
  return [...path, ...further, ...queryParameters(endpoint, schemas), ...headerParameters(endpoint)]
}

function queryParameters(endpoint: Endpoint, schemas: Record<string, Json>): Json[] {
  if (endpoint.query === undefined) return []
  const { properties = {} } = schemaOf(endpoint.query, 'input', schemas) as {
    properties?: Record<string, Json>
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description === undefined ? {} : { description }),
    schema,
  }))
}

/** Whether the endpoint accepts If-Match: changes and deletions of resources do, but sessions have no entity tag. */
function isConditional(method: Endpoint['method'], access: Endpoint['access']): boolean {
  return method === 'PATCH' || (method === 'DELETE' && (access === 'manager' || access === 'admin'))
}

/** What the endpoint does for which preference; undefined if it honours none. */
function preferences({ access, body, answer }: Endpoint): string | undefined {
  const effects = [
    ...(isStrict({ access, body })
      ? ['`handling=lenient`: unknown members and parameters are ignored instead of refused']
      : []),
    ...(answer.preferred ? ['`return=representation`: the answer has a body'] : []),
  ]
  return effects.length === 0 ? undefined : `RFC 7240. ${effects.join('; ')}`
}

function headerParameters(endpoint: Endpoint): Json[] {
  const { idempotent, method, answer, access } = endpoint
  const preferred = preferences(endpoint)
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  })
  return [
    ...(preferred === undefined ? [] : [header('Prefer', preferred)]),
    ...(idempotent === true
      ? [
          header(
            'Idempotency-Key',
            '1-255 printable ASCII characters; the first 2xx answer is kept for 24 hours',
          ),
        ]
      : []),
    ...(isConditional(method, access)
      ? [header('If-Match', 'The ETag it was read with; 412 if it has changed since')]
      : []),
    ...(answer.tagged === true && method === 'GET'
      ? [header('If-None-Match', 'An ETag; 304 if it is current')]
      : []),
  ]
}

const textHeader = { schema: { type: 'string' } }

function named(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, textHeader]))
}

function responses(endpoint: Endpoint, schemas: Record<string, Json>): Json {
  const { answer } = endpoint
  const headers = {
    ...(answer.tagged === true ? { ETag: textHeader } : {}),
    ...(answer.located === true ? { Location: textHeader } : {}),
    ...(endpoint.idempotent === true ? { 'Idempotent-Replayed': textHeader } : {}),
    ...(preferences(endpoint) === undefined ? {} : { 'Preference-Applied': textHeader }),
    ...named(answer.headers ?? []),
    'X-Request-Id': textHeader,
  }
  const schema = answer.schema ?? answer.preferred
  const content =
    schema !== undefined
      ? { content: jsonContent(schema, 'output', schemas) }
      : answer.mediaType !== undefined
        ? { content: { [answer.mediaType]: {} } }
        : {}
  const byStatus = Map.groupBy(problemsOf(endpoint), (code) => PROBLEMS[code].status)
  const problems = [...byStatus]
    .sort(([left], [right]) => left - right)
    .map(([status, codes]): [string, Json] => [
      String(status),
      {
        description: codes.map((code) => `${code}: ${PROBLEMS[code].title}`).join('; '),
        headers: {
          'X-Request-Id': textHeader,
          ...(status === 401 ? { 'WWW-Authenticate': textHeader } : {}),
          ...(status === 429 || status === 503 || codes.includes('WRITE_CONFLICT')
            ? { 'Retry-After': textHeader }
            : {}),
        },
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            example: problemExample(codes[0] ?? 'INTERNAL'),
          },
          ...(endpoint.pages === true && (status === 403 || status === 410)
            ? { 'text/html': { schema: textHeader.schema } }
            : {}),
        },
      },
    ])
  const notModified =
    answer.tagged === true && endpoint.method === 'GET'
      ? { 304: { description: 'Not modified', headers: { ETag: textHeader, 'X-Request-Id': textHeader } } }
      : {}
  return {
    [String(answer.status)]: { description: answer.description, headers, ...content },
    ...notModified,
    ...Object.fromEntries(
      (endpoint.furtherAnswers ?? []).map(({ status, description, headers: names }) => [
        String(status),
        { description, headers: { ...named(names), 'X-Request-Id': textHeader }, ...content },
      ]),
    ),
    ...Object.fromEntries(problems),
  }
}

/** The endpoint's own problems, and those that follow from its access, input and headers. */
function problemsOf({
  access,
  body,
  query,
  idempotent,
  method,
  problems,
  unlimited,
  form,
  answer,
}: Endpoint): ProblemCode[] {
  const implied: ProblemCode[] = ['INTERNAL']
  if (!unlimited) implied.push('RATE_LIMITED')
  if (access !== 'public') implied.push('UNAUTHENTICATED')
  if (access === 'manager' || access === 'admin') implied.push('FORBIDDEN')
  if (body !== undefined) {
    implied.push('VALIDATION_FAILED', 'MALFORMED_BODY', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE')
  }
  if (form === true) implied.push('MALFORMED_BODY', 'BODY_TOO_LARGE')
  if (query !== undefined || isStrict({ access, body })) implied.push('VALIDATION_FAILED')
  if (answer.heavy === true) implied.push('BUSY')
  if (access !== 'public' && (method === 'POST' || method === 'PATCH')) implied.push('COMPANY_FULL')
  if (idempotent === true)
    implied.push('VALIDATION_FAILED', 'MALFORMED_BODY', 'BODY_TOO_LARGE', 'IDEMPOTENCY_KEY_REUSED')
  if (isConditional(method, access)) implied.push('PRECONDITION_FAILED')
  if (access !== 'public' && method !== 'GET') implied.push('WRITE_CONFLICT')
  return [...new Set([...problems, ...implied])]
}

function problemExample(code: ProblemCode): Json {
  const { status, title } = PROBLEMS[code]
  return {
    type: `urn:action-plans:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: `${title}.`,
    code,
    requestId: '5f0c8f5e-9f3c-4b39-8a0e-1f1d3f0f7b3a',
    ...(status === 400 ? { errors: [{ path: 'title', message: 'must not be empty' }] } : {}),
  }
}

function problemSchema(): Json {
  return {
    type: 'object',
    description: 'Problem details (RFC 9457)',
    required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', enum: Object.keys(PROBLEMS) },
      requestId: { type: 'string' },
      errors: {
        type: 'array',
        description: 'For 400: every offending member',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: { path: { type: 'string' }, message: { type: 'string' } },
        },
      },
      limit: {
        type: 'string',
        description: 'For PLAN_FULL, NOTES_FULL, AREAS_FULL and COMPANY_FULL: the limit that was reached',
        enum: [...LIMIT_NAMES],
      },
      legalTransitions: {
        type: 'array',
        description: 'For ILLEGAL_TRANSITION: the steps that are possible',
        items: { type: 'string', enum: [...STEPS] },
      },
      parts: {
        type: 'object',
        description: 'For UNHEALTHY: which part answers',
        additionalProperties: { type: 'boolean' },
      },
    },
  }
}

function jsonContent(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>): Json {
  const described = schemaOf(schema, io, schemas)
  return { [MEDIA_TYPE]: { schema: described, example: exampleOf(described, schemas) } }
}

/** The JSON Schema of a zod schema. Schemas with an `id` become components and are referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>): Json {
  const {
    $defs,
    $schema: _dialect,
    ...own
  } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    reused: 'inline',
    override({ zodSchema, jsonSchema }) {
      // A query parameter is described by its meaning (an integer, a boolean), not as the text that arrives.
      const meta = z.globalRegistry.get(zodSchema) as { override?: Json } | undefined
      if (meta?.override) {
        for (const name of Object.keys(jsonSchema))
          if (name !== 'description') Reflect.deleteProperty(jsonSchema, name)
        Object.assign(jsonSchema, meta.override)
      }
      // zod's pattern for e-mail addresses is left out: it is long, and `format` says enough.
      if (jsonSchema.format === 'email') Reflect.deleteProperty(jsonSchema, 'pattern')
    },
  }) as Json & { $defs?: Record<string, Json> }
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] = withLocalRefs(definition)
  const located = withLocalRefs(own)
  const { id } = located
  if (typeof id !== 'string') return located
  schemas[id] = located
  return { $ref: `#/components/schemas/${id}` }
}

function withLocalRefs(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
}
