/** Requests made from the OpenAPI document: valid ones, and ones broken in one place or in many. */
import * as fc from 'fast-check'
import { type Document, type Operation, resolve, type Schema } from './document.ts'
import { junk, nasty } from './junk.ts'

export interface FuzzedRequest {
  /** Index into the callers of the suite. */
  caller: number
  path: string
  headers: Record<string, string>
  body: string | undefined
}

/** Marks in a generated text that stand for an id, replaced when the ids are known. */
export const ID_MARKS = [
  ...['{plan}', '{action}', '{note}', '{export}', '{hierarchy}', '{user}', '{colleague}', '{foreign}'],
] as const

const idText = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...ID_MARKS) },
  { weight: 1, arbitrary: fc.stringMatching(/^[0-9a-f]{24}$/) },
)

/** Mostly an id of the kind that the member takes, sometimes one of another kind or one that names nothing. */
function idFor(name: string): fc.Arbitrary<string> {
  const fitting = /plan/i.test(name)
    ? fc.constant('{plan}')
    : /hierarchy|parent/i.test(name)
      ? fc.constant('{hierarchy}')
      : fc.constantFrom('{user}', '{colleague}')
  return fc.oneof({ weight: 9, arbitrary: fitting }, idText)
}

const instant = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  fc.constantFrom('9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00Z', '2024-02-29T12:00+05:45'),
)

/** Values that the schema allows, more or less: what it can't say (a time zone, an id that exists) is tried too. */
function valueOf(schema: Schema, document: Document, name = ''): fc.Arbitrary<unknown> {
  const {
    type,
    enum: values,
    anyOf,
    properties,
    items,
    pattern,
    format,
    minLength,
    maxLength,
  } = resolve(schema, document)
  if (Array.isArray(values)) return fc.constantFrom(...(values as unknown[]))
  if (Array.isArray(anyOf)) return fc.oneof(...(anyOf as Schema[]).map((one) => valueOf(one, document, name)))
  if (type === 'null') return fc.constant(null)
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer') return fc.integer({ min: 0, max: 150 })
  if (type === 'array') return fc.array(valueOf((items ?? {}) as Schema, document, name), { maxLength: 5 })
  if (type === 'object') return objectOf((properties ?? {}) as Record<string, Schema>, document)
  if (typeof pattern === 'string' && pattern.includes('0-9a-f')) return idFor(name)
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  if (format === 'email') return fc.uuid().map((unique) => `fuzz-${unique}@example.test`)
  if (format === 'date-time') return instant
  if (format === 'date') return instant.map((text) => text.slice(0, 10))
  if (name === 'timeZone') return fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kathmandu')
  return fc.string({
    unit: 'grapheme',
    minLength: Number(minLength ?? 1),
    maxLength: Math.min(Number(maxLength ?? 20), 40),
  })
}

function objectOf(
  properties: Record<string, Schema>,
  document: Document,
): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.fromEntries(
    Object.entries(properties)
      .filter(([, { readOnly }]) => readOnly !== true)
      .map(([name, schema]) => [name, valueOf(schema, document, name)]),
  )
  return fc.oneof(fc.record(model), fc.record(model, { requiredKeys: [] }))
}

/** The object with one member more, less or other. */
function broken(
  valid: fc.Arbitrary<Record<string, unknown>>,
  names: string[],
): fc.Arbitrary<Record<string, unknown>> {
  const name = names.length === 0 ? fc.constant('unknown') : fc.constantFrom(...names, 'unknown', 'id')
  return fc
    .tuple(valid, fc.array(fc.tuple(name, junk), { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => ({
      ...value,
      ...Object.fromEntries(changes),
    }))
}

function bodyText(operation: Operation, document: Document): fc.Arbitrary<string | undefined> {
  const schema = operation.requestBody?.content['application/json']?.schema
  if (!schema) return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, fc.constant('{}'))
  const properties = (resolve(schema, document).properties ?? {}) as Record<string, Schema>
  const valid = objectOf(properties, document)
  return fc.oneof(
    { weight: 5, arbitrary: valid.map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: broken(valid, Object.keys(properties)).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: junk.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        '{',
        '[1',
        '\ufeff{}',
        '{"title":"a","title":"b"}',
        '{"__proto__":{"title":"x"}}',
        `{"title":"${'x'.repeat(110_000)}"}`,
        '['.repeat(20_000),
        `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
      ),
    },
  )
}

function queryText(operation: Operation, document: Document): fc.Arbitrary<string> {
  const known = operation.parameters.filter((parameter) => parameter.in === 'query')
  const pairs = known.map(({ name, schema }) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: valueOf(schema, document, name) }, junk)),
  )
  const pair = fc.oneof(...pairs, fc.tuple(fc.constantFrom('x', 'from[]', '__proto__'), junk))
  return fc
    .array(pair, { maxLength: 4 })
    .map((list) => list.map(([name, value]) => `${name}=${encodeURIComponent(wellFormed(value))}`).join('&'))
}

function wellFormed(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()
}

const PATH_IDS: Record<string, string> = {
  planId: '{plan}',
  noteId: '{note}',
  exportId: '{export}',
  hierarchyId: '{hierarchy}',
  userId: '{user}',
}

/** `{id}` is an action's or an export's, as the path says. */
function pathText({ path, parameters }: Operation): fc.Arbitrary<string> {
  const values = parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) => {
      const mark = name === 'id' ? (path.includes('exports') ? '{export}' : '{action}') : PATH_IDS[name]
      const other = fc.oneof(
        idText,
        nasty.filter((text) => text.trim() !== '').map((text) => encodeURIComponent(text.toWellFormed())),
      )
      const usual = fc.constant(mark ?? 'plan.xlsx')
      return fc.oneof({ weight: 6, arbitrary: usual }, other).map((value) => [name, value] as const)
    })
  return fc
    .tuple(...values)
    .map((pairs) => pairs.reduce((text, [name, value]) => text.replace(`{${name}}`, () => value), path))
}

// A header's value can hold neither line breaks nor characters beyond Latin-1: no client could send them.
const headerValue = fc.oneof(
  fc.constantFrom('handling=lenient', 'return=representation', 'handling=lenient, return="representation"'),
  fc.constantFrom('*', '"x"', 'W/"x"', 'key-1', 'x'.repeat(300), ',,,', '"', 'application/json'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => text.trim()),
)

const headers: fc.Arbitrary<Record<string, string>> = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'Prefer',
        'If-Match',
        'If-None-Match',
        'Idempotency-Key',
        'Content-Type',
        'Accept',
        'Accept-Language',
        'Range',
      ),
      headerValue,
    ),
    { maxLength: 2 },
  )
  .map((pairs) => Object.fromEntries(pairs))

/** `callers`: how many there are; the first, who may do everything, asks most often. */
export function requestsTo(
  operation: Operation,
  document: Document,
  callers: number,
): fc.Arbitrary<FuzzedRequest> {
  const others = fc.integer({ min: 0, max: callers - 1 })
  return fc
    .record({
      caller: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, others),
      path: pathText(operation),
      query: queryText(operation, document),
      headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, headers),
      body: bodyText(operation, document),
    })
    .map(({ query, ...request }) => ({
      ...request,
      path: query === '' ? request.path : `${request.path}?${query}`,
    }))
}
