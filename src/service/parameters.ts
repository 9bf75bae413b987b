/** The parameters of an operation in the OpenAPI document: of path, query and headers. Pure. */
import type { Endpoint } from '../platform/endpoint.ts'
import { ID_PATTERN } from '../platform/ids.ts'
import { isStrict } from '../platform/input.ts'
import { type Components, type Json, schemaOf } from './schemas.ts'

export function parameters(endpoint: Endpoint, schemas: Components): Json[] {
  // The names are those of this path: the contract is typed by it.
  const examples = (endpoint.example?.path ?? {}) as Record<string, string>
  const path = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', ...(name === 'file' ? {} : { pattern: ID_PATTERN.source }) },
    ...(examples[name] === undefined ? {} : { example: examples[name] }),
  }))
  const further = (endpoint.furtherParameters ?? []).map((parameter) => ({
    ...parameter,
    schema: { type: 'string' },
  }))
  return [...path, ...further, ...queryParameters(endpoint, schemas), ...headerParameters(endpoint)]
}

function queryParameters(endpoint: Endpoint, schemas: Components): Json[] {
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
export function isConditional(method: Endpoint['method'], access: Endpoint['access']): boolean {
  return method === 'PATCH' || (method === 'DELETE' && (access === 'manager' || access === 'admin'))
}

/** What the endpoint does for which preference; undefined if it honours none. */
export function preferences({ access, body, answer }: Endpoint): string | undefined {
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
