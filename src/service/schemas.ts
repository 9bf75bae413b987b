/** JSON Schemas of the OpenAPI document, made from the zod schemas that validate. Pure. */
import * as z from 'zod'
import { STEPS } from '../db/enums.ts'
import { LIMIT_NAMES } from '../platform/limits.ts'
import { PROBLEMS, type ProblemCode } from '../platform/problem.ts'

export type Json = Record<string, unknown>

/** The components of the document by name, filled while it is made. */
export type Components = Record<string, Json>

/** The JSON Schema of a zod schema. Schemas with an `id` become components and are referred to. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Components): Json {
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
      // What every integer of JavaScript is within says nothing about the member.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) Reflect.deleteProperty(jsonSchema, 'minimum')
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) Reflect.deleteProperty(jsonSchema, 'maximum')
      // Answers are open: a later version may add members.
      if (io === 'output' && jsonSchema.additionalProperties === false)
        Reflect.deleteProperty(jsonSchema, 'additionalProperties')
    },
  }) as Json & { $defs?: Components }
  // zod repeats the `id` inside the schema, where JSON Schema does not know it.
  for (const [name, { id: _, ...definition }] of Object.entries($defs ?? {}))
    components[name] = withLocalRefs(definition)
  const { id, ...located } = withLocalRefs(own)
  if (typeof id !== 'string') return located
  components[id] = located
  return { $ref: `#/components/schemas/${id}` }
}

function withLocalRefs(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
}

export function problemSchema(): Json {
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
      requestId: { type: 'string', description: 'Also in the header `X-Request-Id` and in the log' },
      errors: {
        type: 'array',
        description: 'For 400: every offending member. For IMPORT_INVALID: every error in the file.',
        items: {
          anyOf: [
            {
              type: 'object',
              required: ['path', 'message'],
              properties: { path: { type: 'string' }, message: { type: 'string' } },
            },
            { $ref: '#/components/schemas/ImportError' },
          ],
        },
      },
      limit: {
        type: 'string',
        description:
          'For PLAN_FULL, NOTES_FULL, KEYS_FULL, AREAS_FULL and COMPANY_FULL: the limit that was reached',
        enum: [...LIMIT_NAMES],
      },
      legalTransitions: {
        type: 'array',
        description: 'For ILLEGAL_TRANSITION: the steps that are possible',
        items: { type: 'string', enum: [...STEPS] },
      },
      parts: {
        type: 'object',
        description: 'For UNHEALTHY: which part answers, and which of the databases',
        properties: { databases: { type: 'object', additionalProperties: { type: 'boolean' } } },
        additionalProperties: { type: 'boolean' },
      },
    },
  }
}

export function problemExample(code: ProblemCode): Json {
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
