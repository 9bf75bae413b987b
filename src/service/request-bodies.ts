/** What the document says about members of request bodies that are not taken. Pure. */
import * as z from 'zod'
import type { Endpoint } from '../platform/endpoint.ts'
import { representationOf } from '../platform/input.ts'
import type { Components, Json } from './schemas.ts'

/**
 * Closes the schema of the endpoint's body, which is among the components: it has no other members than it names, at any
 * depth. What its representation shows besides is read-only, since a body that was read can be sent back.
 */
export function closeBody(endpoint: Endpoint, schemas: Components): void {
  const body = componentOf(endpoint.body, schemas)
  if (body === undefined) return
  const shown = propertiesOf(componentOf(representationOf(endpoint), schemas) ?? {})
  const taken = Object.entries(propertiesOf(body)).filter(([, { readOnly }]) => readOnly !== true)
  for (const [, property] of taken) close(property)
  const readOnly = Object.entries(shown)
    .filter(([name]) => !taken.some(([other]) => other === name))
    .map(([name, property]) => [name, { ...property, readOnly: true }] as const)
  Object.assign(body, {
    properties: Object.fromEntries([...taken, ...readOnly]),
    additionalProperties: false,
  })
}

function componentOf(schema: z.ZodType | undefined, schemas: Components): Json | undefined {
  return schema && schemas[z.globalRegistry.get(schema)?.id ?? '']
}

function propertiesOf({ properties }: Json): Record<string, Json> {
  return (properties ?? {}) as Record<string, Json>
}

/** Closes the objects in the schema. */
function close(schema: Json): void {
  if (schema.type === 'object') schema.additionalProperties = false
  const { items, anyOf = [] } = schema as { items?: Json; anyOf?: Json[] }
  for (const inner of [...Object.values(propertiesOf(schema)), ...anyOf, ...(items ? [items] : [])])
    close(inner)
}
