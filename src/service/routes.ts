/** The service about itself: /healthz and /openapi.json. */
import { z } from 'zod'
import { json } from '../platform/answer.ts'
import { type Endpoint, publicEndpoint } from '../platform/endpoint.ts'
import { Problem } from '../platform/problem.ts'
import { checkHealth } from './health.ts'
import { describe } from './openapi.ts'

const tag = 'Service'

const healthSchema = z
  .object({
    status: z.literal('ok'),
    parts: z.object({ d1: z.boolean(), kv: z.boolean(), r2: z.boolean(), queue: z.boolean() }),
  })
  .meta({ id: 'Health' })

const health = publicEndpoint({
  method: 'GET',
  path: '/healthz',
  operationId: 'getHealth',
  tag,
  summary: 'Is the service well?',
  description: 'Looks at most every 10 seconds.',
  unlimited: true,
  answer: { status: 200, description: 'Everything answers', schema: healthSchema },
  problems: ['UNHEALTHY'],
  async handle({ env, database, now }) {
    const parts = await checkHealth(env, database, now)
    const silent = Object.entries(parts).flatMap(([part, well]) => (well ? [] : [part]))
    if (silent.length > 0) {
      throw new Problem('UNHEALTHY', `Not answering: ${silent.join(', ')}.`, { extra: { parts } })
    }
    return json({ status: 'ok', parts })
  },
})

/** The endpoint that describes all `others`, itself and health. */
export function serviceEndpoints(others: readonly Endpoint[]): Endpoint[] {
  let document: object | undefined
  const openapi = publicEndpoint({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    tag,
    summary: 'This API as an OpenAPI 3.1 document',
    answer: { status: 200, description: 'The document', schema: z.looseObject({ openapi: z.string() }) },
    problems: [],
    handle() {
      document ??= describe([...others, health, openapi])
      return Promise.resolve(json(document))
    },
  })
  return [health, openapi]
}
