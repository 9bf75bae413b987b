/**
 * Requests that are heavy to refuse unless their length is looked at first: every member and parameter that the OpenAPI
 * document names, with each hostile value.
 */
import { type Document, type Operation, resolve, type Schema } from './document.ts'

/** The dotted paths of all members of a body, lists as their first item. */
export function memberPaths(operation: Operation, document: Document): string[][] {
  const schema = operation.requestBody?.content['application/json']?.schema
  return schema === undefined ? [] : pathsIn(schema, document)
}

function pathsIn(schema: Schema, document: Document): string[][] {
  const resolved = resolve(schema, document)
  const { properties, items, anyOf } = resolved as {
    properties?: Record<string, Schema>
    items?: Schema
    anyOf?: Schema[]
  }
  if (anyOf) return anyOf.flatMap((one) => pathsIn(one, document))
  if (items) return [['0'], ...pathsIn(items, document).map((path) => ['0', ...path])]
  return Object.entries(properties ?? {}).flatMap(([name, inner]) => [
    [name],
    ...pathsIn(inner, document).map((path) => [name, ...path]),
  ])
}

/** A body that holds `value` at that path and nothing else. */
export function bodyWith(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => (name === '0' ? [inner] : { [name]: inner }), value)
}
