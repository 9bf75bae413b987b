/** What the OpenAPI document says of bookmarks, in a deployment with read replicas. Pure. */
import type { Endpoint } from '../platform/endpoint.ts'
import { BOOKMARK_HEADER } from '../platform/replicas.ts'
import type { Json } from './schemas.ts'

interface Operation {
  parameters: Json[]
  responses: Record<string, { headers?: Json }>
}

/** Adds the header to all answers but refusals, and to what a GET may be sent with. */
export function addBookmarks(paths: Record<string, Json>, endpoints: readonly Endpoint[]): void {
  const told = endpoints.filter(({ access, answer }) => access !== 'public' || answer.bookmarked === true)
  for (const { method, path } of told) {
    // As openapi.ts made it.
    const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()] as Operation | undefined
    if (operation === undefined) continue
    for (const [status, response] of Object.entries(operation.responses)) {
      if (/^[23]/.test(status)) response.headers = { ...response.headers, [BOOKMARK_HEADER]: ANSWERED }
    }
    if (method === 'GET') operation.parameters.push(ASKED)
  }
}

const ANSWERED: Json = {
  description: 'The state that the answer shows, to be sent with later reads',
  schema: { type: 'string' },
}

const ASKED: Json = {
  name: BOOKMARK_HEADER,
  in: 'header',
  required: false,
  description:
    'That of an earlier answer: at least its state is shown. Without it a read may be some seconds old; one that is of no use is ignored',
  schema: { type: 'string' },
}
