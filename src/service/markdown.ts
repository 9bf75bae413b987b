/** The reference as Markdown, made from the OpenAPI document. Pure. */
import { walkThrough } from './walk-through.ts'

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  format?: string
  description?: string
  readOnly?: boolean
  default?: unknown
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  anyOf?: Schema[]
}

interface Parameter {
  name: string
  in: string
  required: boolean
  description?: string
  schema: Schema
  example?: string
}

interface Content {
  content?: Record<string, { schema?: Schema; example?: unknown }>
}

interface Operation {
  tags: string[]
  summary: string
  description?: string
  security: unknown[]
  parameters: Parameter[]
  requestBody?: Content
  responses: Record<string, Content & { description: string }>
}

/** The part of the document that the reference shows. */
export interface Document {
  info: { title: string; description: string }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** The whole reference: conventions, every operation by tag, every schema. */
export function referenceMarkdown(document: Document): string {
  const operations = operationsOf(document)
  const chapters = document.tags.flatMap(({ name, description }) => [
    `## ${name}`,
    description,
    ...operations.filter(({ operation }) => operation.tags.includes(name)).map(operationMarkdown),
  ])
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `### ${name}\n\n${schemaMarkdown(schema)}`,
  )
  return [
    `# ${document.info.title}: API reference`,
    document.info.description,
    walkThrough(document.servers[0]?.url ?? ''),
    'Send the header `SessionId` (from `POST /api/v1/sessions`), or a session or access key as `Authorization: Bearer`, with everything under `/api/v1/company`. Errors are problem details (RFC 9457) with a stable `code`; a 400 names every offending member in `errors`. Lists answer `{from, to, total, result}`.',
    ...chapters,
    '## Schemas',
    ...schemas,
    '',
  ].join('\n\n')
}

interface Described {
  method: string
  path: string
  operation: Operation
}

function operationsOf({ paths }: Document): Described[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
}

/** The anchor that Markdown renderers give to the heading of an operation. */
function anchorOf({ method, path }: Described): string {
  return `${method} ${path}`
    .toLowerCase()
    .replace(/[^a-z0-9_ -]/g, '')
    .replaceAll(' ', '-')
}

function operationMarkdown(described: Described): string {
  const { method, path, operation } = described
  const { summary, description, parameters, requestBody, responses, security } = operation
  const body = Object.values(requestBody?.content ?? {})[0]?.schema
  return [
    `### ${method} ${path}`,
    [summary, description].filter((text) => text !== undefined).join('. ') +
      (security.length === 0 ? ' (no session)' : ''),
    ...(parameters.length === 0
      ? []
      : [
          [
            '| parameter | in | type | meaning |',
            '|---|---|---|---|',
            ...parameters.map(
              (parameter) =>
                `| \`${parameter.name}\`${parameter.required ? ' (required)' : ''} | ${parameter.in} | ${cell(typeOf(parameter.schema))} | ${cell(parameter.description ?? '')} |`,
            ),
          ].join('\n'),
        ]),
    ...(body === undefined ? [] : [`Body: ${typeOf(body)}`]),
    Object.entries(responses)
      .map(([status, answer]) => {
        const schema = Object.values(answer.content ?? {})[0]?.schema
        const type = schema === undefined ? '' : `: ${typeOf(schema)}`
        return `- \`${status}\` ${answer.description}${type}`
      })
      .join('\n'),
    exampleMarkdown(described),
  ].join('\n\n')
}

/** A request in curl as the reference pre-fills it, and what it may be answered. */
function exampleMarkdown({ method, path, operation }: Described): string {
  const { parameters, requestBody, responses, security } = operation
  const [mediaType, body] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const valueOf = (name: string) => parameters.find((each) => each.name === name)?.example ?? ''
  const query = parameters
    .filter(({ in: place, required }) => place === 'query' && required)
    .map(({ name }) => `${name}=${valueOf(name)}`)
    .join('&')
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => valueOf(name))
  const request = [
    `curl -X ${method} "$API${filled}${query === '' ? '' : `?${query}`}"`,
    ...(security.length === 0 ? [] : ['-H "SessionId: $SESSION"']),
    ...(body?.example === undefined || mediaType === undefined
      ? []
      : [`-H 'Content-Type: ${mediaType}'`, dataOf(body.example)]),
  ]
  // Success comes first, since its status is the lowest.
  const [success] = Object.values(responses)
  const answer = Object.values(success?.content ?? {})[0]
  return [
    fenced('sh', request.join(' \\\n  ')),
    ...(answer?.example === undefined ? [] : [fenced('json', JSON.stringify(answer.example, null, 2))]),
  ].join('\n\n')
}

/** The option of curl that sends the example: an object as JSON, text as it stands. */
function dataOf(example: unknown): string {
  return typeof example === 'string'
    ? `--data-binary '${quoted(example)}'`
    : `-d '${quoted(JSON.stringify(example))}'`
}

/** Text inside single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`)
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}

function schemaMarkdown(schema: Schema): string {
  const settable = Object.entries(schema.properties ?? {}).filter(([, { readOnly }]) => readOnly !== true)
  const lines = settable.map(([name, property]) => {
    const required = schema.required?.includes(name) === true ? ' (required)' : ''
    return `| \`${name}\`${required} | ${cell(typeOf(property))} | ${cell(property.description ?? '')} |`
  })
  const table =
    lines.length === 0
      ? [typeOf(schema)]
      : ['| member | type | meaning |\n|---|---|---|\n' + lines.join('\n')]
  return [...(schema.description === undefined ? [] : [schema.description]), ...table].join('\n\n')
}

/** The type in a few words, with its limits. */
function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.items)
    return `list of ${typeOf(schema.items)}${limits(schema.minItems, schema.maxItems, 'items')}`
  if (schema.properties) {
    return `{ ${Object.entries(schema.properties)
      .map(([name, property]) => `${name}: ${typeOf(property)}`)
      .join(', ')} }`
  }
  const type = [schema.type ?? 'any'].flat().join(' or ')
  const format = schema.format === undefined ? '' : ` (${schema.format})`
  return `${type}${format}${limits(schema.minLength, schema.maxLength, 'characters')}${limits(schema.minimum, schema.maximum, '')}`
}

const UNLIMITED = Number.MAX_SAFE_INTEGER

function limits(min: number | undefined, max: number | undefined, unit: string): string {
  const top = max === undefined || max >= UNLIMITED ? undefined : max
  const bottom = min === undefined || min <= -UNLIMITED ? undefined : min
  if (top === undefined && bottom === undefined) return ''
  const range =
    top === undefined
      ? `at least ${String(bottom)}`
      : bottom === undefined
        ? `at most ${String(top)}`
        : `${String(bottom)}-${String(top)}`
  return `, ${range}${unit === '' ? '' : ` ${unit}`}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** The text for /llms.txt (llmstxt.org): a short index that points to the whole reference. */
export function llmsText(document: Document): string {
  const { url = '' } = document.servers[0] ?? {}
  const operations = operationsOf(document).map((described) => {
    const { method, path, operation } = described
    return `- [${method} ${path}](${url}/docs.md#${anchorOf(described)}): ${operation.summary}`
  })
  return [
    `# ${document.info.title}`,
    `> ${document.info.description}`,
    `## Reference\n\n- [The API as Markdown](${url}/docs.md): every operation, parameter, answer and schema, with examples\n- [From sign-in to workbook](${url}/docs.md#from-sign-in-to-workbook): a walk-through in curl\n- [The API as OpenAPI 3.1](${url}/openapi.json): the same for machines`,
    `## Operations\n\n${operations.join('\n')}`,
    '',
  ].join('\n\n')
}
