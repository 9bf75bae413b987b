/** /api/v1/company/users */
import { endpoint } from '../platform/endpoint.ts'
import { filtersIn, isSet, sliceOf, toSlice } from '../platform/schemas.ts'
import { newUserSchema, userListQuery, userPatchSchema, userSchema } from './schemas.ts'
import { createUser, listUsers, patchUser, readUser } from './users.ts'

const PATH = '/api/v1/company/users'
const tag = 'Users'
const oneUser = { status: 200, description: 'The user', schema: userSchema, tagged: true } as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listUsers',
  tag,
  summary: 'List users',
  access: 'manager',
  query: userListQuery,
  answer: { status: 200, description: 'A slice of users, newest first', schema: sliceOf(userSchema) },
  problems: [],
  handle: ({ request, query }) =>
    listUsers(request, { ...filtersIn(query), active: isSet(query.active) }, toSlice(query)),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:userId`,
  operationId: 'getUser',
  tag,
  summary: 'Read a user',
  access: 'manager',
  answer: oneUser,
  problems: ['NOT_FOUND'],
  handle: ({ request, params }) => readUser(request, params.userId),
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createUser',
  tag,
  summary: 'Add a user',
  description: 'For an ADMIN. E-mail addresses are unique over the whole installation.',
  access: 'admin',
  body: newUserSchema,
  idempotent: true,
  answer: { ...oneUser, description: 'The new user', located: true },
  problems: ['EMAIL_TAKEN'],
  handle: ({ request, body, idempotencyKey }) => createUser(request, body, PATH, idempotencyKey),
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:userId`,
  operationId: 'updateUser',
  tag,
  summary: 'Change, deactivate or reactivate a user',
  description: 'For an ADMIN. Acts on the next request of that user. The last active ADMIN stays one.',
  access: 'admin',
  body: userPatchSchema,
  answer: oneUser,
  problems: ['NOT_FOUND', 'LAST_ADMIN'],
  handle: ({ request, params, body, ifMatch }) => patchUser(request, params.userId, body, ifMatch),
})

export const userEndpoints = [list, read, create, update]
