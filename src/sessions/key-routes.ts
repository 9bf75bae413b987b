/** /api/v1/company/access-keys */
import { DEMO } from '../platform/demo.ts'
import { endpoint } from '../platform/endpoint.ts'
import { exampleSlice, isSet, sliceOf, toSlice } from '../platform/schemas.ts'
import { exampleCreatedKey, exampleKey, exampleNewKey } from './key-examples.ts'
import {
  accessKeyListQuery,
  accessKeySchema,
  createdAccessKeySchema,
  newAccessKeySchema,
} from './key-schemas.ts'
import { createKey, endKey, listKeys, readKey, validateExpiry } from './keys.ts'

const PATH = '/api/v1/company/access-keys'
const tag = 'Access Keys'

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listAccessKeys',
  tag,
  summary: 'List access keys',
  description: "One's own; for an ADMIN with `all=true` those of the company.",
  access: 'manager',
  openToKeys: true,
  query: accessKeyListQuery,
  answer: {
    status: 200,
    description: 'A slice of access keys, newest first',
    schema: sliceOf(accessKeySchema),
    example: exampleSlice(exampleKey),
  },
  problems: [],
  handle: ({ request, query }) => listKeys(request, isSet(query.all) === true, toSlice(query)),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:id`,
  operationId: 'getAccessKey',
  tag,
  summary: 'Read an access key',
  description: 'For its user and for an ADMIN. The key itself is not in it.',
  access: 'manager',
  openToKeys: true,
  example: { path: { id: DEMO.accessKey } },
  answer: {
    status: 200,
    description: 'The access key',
    schema: accessKeySchema,
    example: exampleKey,
    tagged: true,
  },
  problems: ['NOT_FOUND'],
  handle: ({ request, params }) => readKey(request, params.id),
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createAccessKey',
  tag,
  summary: 'Make an access key for a program',
  description:
    'The program acts as the user who makes the key, with the role that user has at each request. The key is in this answer alone: a request that is repeated for its `Idempotency-Key` is 409 `SECRET_NOT_REPEATED`.',
  access: 'manager',
  openToKeys: false,
  body: newAccessKeySchema,
  idempotent: true,
  example: { body: exampleNewKey },
  answer: {
    status: 200,
    description: 'The access key, with the key itself',
    schema: createdAccessKeySchema,
    example: exampleCreatedKey,
    tagged: true,
    located: true,
  },
  problems: ['KEYS_FULL', 'SECRET_NOT_REPEATED'],
  validateReferences: validateExpiry,
  handle: ({ request, env, body, idempotencyKey }) =>
    createKey(request, env.SESSIONS, body, PATH, idempotencyKey),
})

const end = endpoint({
  method: 'DELETE',
  path: `${PATH}/:id`,
  operationId: 'endAccessKey',
  tag,
  summary: 'End an access key',
  description: 'For its user and for an ADMIN. The key is refused with the very next request.',
  access: 'manager',
  openToKeys: false,
  example: { path: { id: DEMO.spareAccessKey } },
  answer: { status: 204, description: 'Ended' },
  problems: ['NOT_FOUND'],
  handle: ({ request, env, params, ifMatch }) => endKey(request, env.SESSIONS, params.id, ifMatch),
})

export const accessKeyEndpoints = [list, read, create, end]
