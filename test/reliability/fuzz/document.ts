/** The OpenAPI document as the service gives it out, and whether an answer is what it says. */
import { z } from 'zod'
import { call, type Reply } from '../../support/api.ts'

export type Schema = Record<string, unknown>

interface Content {
  schema?: Schema
}

interface DocumentedAnswer {
  headers?: Record<string, unknown>
  content?: Record<string, Content>
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  schema: Schema
}

export interface Operation {
  operationId: string
  method: string
  path: string
  parameters: Parameter[]
  requestBody?: { content: Record<string, Content> }
  responses: Record<string, DocumentedAnswer>
}

export interface Document {
  operations: Operation[]
  schemas: Record<string, Schema>
}

export async function readDocument(): Promise<Document> {
  const { body } = await call(null, 'GET', '/openapi.json')
  // The service's own document; a member missing in it fails the tests that look for the member.
  const document = body as {
    paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>
    components: { schemas: Record<string, Schema> }
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  )
  return { operations, schemas: document.components.schemas }
}

/** What a reference points at, or the schema itself. */
export function resolve(schema: Schema, { schemas }: Document): Schema {
  const { $ref } = schema
  return typeof $ref === 'string' ? (schemas[$ref.split('/').at(-1) ?? ''] ?? {}) : schema
}

const compiled = new WeakMap<Schema, z.ZodType>()

function compile(schema: Schema, { schemas }: Document): z.ZodType {
  const known = compiled.get(schema)
  if (known) return known
  const text = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/')
  // The same JSON with its references moved to where the validator looks for them.
  const validator = z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0])
  compiled.set(schema, validator)
  return validator
}

/** Headers that every 2xx has that documents them. */
const ALWAYS_SENT = ['ETag', 'Location', 'X-Request-Id']

/** What of an answer the document does not say, or says otherwise; empty when all is as documented. */
export function deviations(operation: Operation, reply: Reply, document: Document): string[] {
  const { status, headers, text } = reply
  const documented = operation.responses[String(status)]
  if (!documented) return [`${String(status)} is not documented: ${text.slice(0, 300)}`]
  // This answer has a body, and its tag, only when the representation is preferred.
  const isExport = ['exportActionPlan', 'exportPortfolio'].includes(operation.operationId)
  if (isExport && status === 200 && text === '') return []
  const found = Object.keys(documented.headers ?? {})
    .filter((name) => ALWAYS_SENT.includes(name) && !headers.has(name))
    .map((name) => `without the header ${name}`)
  const [mediaType = ''] = (headers.get('Content-Type') ?? '').split(';', 1)
  if (documented.content === undefined)
    return text === '' ? found : [...found, 'has a body, documented is none']
  const content = documented.content[mediaType]
  if (!content) return [...found, `is ${mediaType}, which is not documented for ${String(status)}`]
  if (content.schema === undefined) return found
  const result = compile(content.schema, document).safeParse(mediaType.includes('json') ? reply.body : text)
  return result.success ? found : [...found, `${z.prettifyError(result.error)} in ${text.slice(0, 300)}`]
}
