/** Holds answers against the OpenAPI document: path, method and status must be described, and media type and body fit. */
import { type Schema, Validator } from '@cfworker/json-schema'
import { endpoints } from '../../src/endpoints.ts'
import { describe } from '../../src/service/openapi.ts'

interface Response {
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  parameters: { name: string; description?: string }[]
  responses: Record<string, Response>
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export interface Given {
  method: string
  /** With its query. */
  path: string
  status: number
  mediaType: string | null
  text: string
}

let made: Document | undefined
const validators = new Map<string, Validator>()
const PROBLEM = 'application/problem+json'

// What describe() returns has these members.
const theDocument = (): Document => (made ??= describe(endpoints, 'https://api.test') as unknown as Document)

/** What is wrong with the answer; null if it is as described. */
export function complaintAbout(given: Given): string | null {
  const { paths } = theDocument()
  const template = templateOf(given.path, Object.keys(paths))
  if (template === null) return undescribed(given, 404)
  const method = given.method === 'HEAD' ? 'get' : given.method.toLowerCase()
  const operation = paths[template]?.[method]
  if (method === 'options') return given.status === 204 ? null : 'OPTIONS is answered with 204'
  if (operation === undefined) return undescribed(given, 405)
  const { [String(given.status)]: exact, [`${String(given.status)[0] ?? ''}XX`]: range } = operation.responses
  const response = exact ?? range
  if (response === undefined) return `${method} ${template} does not describe ${String(given.status)}`
  // A body that is sent on request alone may be missing.
  const isOptional = operation.parameters.some(
    ({ name, description }) => name === 'Prefer' && description?.includes('return=representation') === true,
  )
  if (given.method === 'HEAD' || (isOptional && given.status < 300 && given.text === '')) return null
  return complaintAboutBody(given, response, `${method} ${template}`)
}

function complaintAboutBody(given: Given, { content }: Response, operation: string): string | null {
  const { status, text } = given
  if (content === undefined)
    return text === '' ? null : `${operation} describes no body of ${String(status)}, but there is one`
  const mediaType = given.mediaType?.split(';', 1)[0] ?? ''
  const described = content[mediaType]
  if (described === undefined) return `${operation} does not describe ${mediaType} of ${String(status)}`
  if (!mediaType.includes('json') || described.schema === undefined) return null
  return violation(`${operation} ${String(status)} ${mediaType}`, described.schema, JSON.parse(text))
}

/** A path or a method that is not described is refused with a problem. */
function undescribed({ method, path, status, mediaType, text }: Given, expected: number): string | null {
  const isRefused = status === expected || status === 500
  if (!isRefused) return `${method} ${path} is not described, but answered ${String(status)}`
  if (method === 'HEAD') return null
  if (mediaType !== PROBLEM) return `${String(status)} is not a problem`
  return violation('problem', { $ref: '#/components/schemas/Problem' }, JSON.parse(text))
}

function violation(name: string, schema: Schema, value: unknown): string | null {
  const { components } = theDocument()
  const validator = validators.get(name) ?? new Validator({ ...schema, components }, '2020-12')
  validators.set(name, validator)
  const { valid, errors } = validator.validate(value)
  if (valid) return null
  const [deepest] = errors.slice(-1)
  return `${name}: ${deepest?.instanceLocation ?? ''} ${deepest?.error ?? ''}`
}

/** The path of the document that a path matches, the one with the fewest parameters; null if there is none. */
function templateOf(path: string, templates: readonly string[]): string | null {
  const parts = (path.split(/[?#]/, 1)[0] ?? '').split('/')
  const matching = templates.filter((template) => {
    const own = template.split('/')
    return own.length === parts.length && own.every((part, index) => fits(part, parts[index] ?? ''))
  })
  const parameters = (template: string) => template.split('{').length
  return matching.sort((left, right) => parameters(left) - parameters(right))[0] ?? null
}

function fits(part: string, given: string): boolean {
  return part.startsWith('{') ? given !== '' : part === given
}
