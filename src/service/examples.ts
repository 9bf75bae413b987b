/** Examples for the OpenAPI document, derived from its schemas, so that they cannot become outdated. Pure. */

type Json = Record<string, unknown>

/** Examples for members with these names; other examples follow from type and format. */
const BY_NAME: Record<string, unknown> = {
  title: 'Quieter mornings',
  planTitle: 'Quieter mornings',
  description: 'Two hours without meetings, every day until ten.',
  name: 'Ana García',
  authorName: 'Ana García',
  email: 'ana@example.com',
  text: 'Agreed with the whole team, starts on Monday.',
  q: 'meetings',
  focusId: 'work-life-balance',
  timeZone: 'Europe/Madrid',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  bytes: 48213,
  message: 'If this address is known, a sign-in code is on its way.',
  sessionId: 'q3Zl1rJ7kq0uCq2x0Zc0m8m3QW0cJr1sYw6pS9b4n2E',
  openapi: '3.1.0',
  url: 'https://plans.example.com/api/v1/downloads/64f8a0e2d5b7c9a1e3f4a5b6/quieter-mornings.xlsx?expires=1795556548&kid=k1&signature=6d1b1b12ab1ddc74d98637f8cb2b4374f975c18246445da696216a5e85a65430',
}

const FILE_NAME = 'quieter-mornings.xlsx'

/** An example that is valid for the schema. `schemas` are the components that the schema may refer to. */
export function exampleOf(schema: Json, schemas: Record<string, Json>, name = ''): unknown {
  if (typeof schema.$ref === 'string') {
    return exampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas, name)
  }
  if (schema.example !== undefined) return schema.example
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum[0] as unknown
  if (Array.isArray(schema.anyOf)) return exampleOf((schema.anyOf as Json[])[0] ?? {}, schemas, name)
  if (schema.type === 'array') return [exampleOf((schema.items ?? {}) as Json, schemas, name)]
  if (schema.type === 'object') return objectExample(schema, schemas)
  if (name in BY_NAME) return BY_NAME[name]
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1
  return schema.type === 'boolean' ? true : 'text'
}

function objectExample(schema: Json, schemas: Record<string, Json>): Json {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>)
  const isFile = properties.some(([name]) => name === 'sha256' || name === 'url')
  return Object.fromEntries(
    properties
      // The example leaves out `clear…` and `toRoot`, because they exclude the members that they clear.
      .filter(([name]) => !name.startsWith('clear') && !name.startsWith('toRoot'))
      .filter(([, property]) => property.readOnly !== true)
      .map(([name, property]) => [
        name,
        isFile && name === 'name' ? FILE_NAME : exampleOf(property, schemas, name),
      ]),
  )
}
