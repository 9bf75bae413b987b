/** /api/v1/company/users */
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { exampleSlice, filtersIn, isSet, sliceOf, toSlice } from '../platform/schemas.ts'
import { exampleCreatedUser, exampleMe, exampleNewUser, exampleUser, exampleUserPatch } from './examples.ts'
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
  description: 'Also those who are not active any more.',
  access: 'manager',
  openToKeys: true,
  query: userListQuery,
  answer: {
    status: 200,
    description: 'A slice of users, newest first',
    schema: sliceOf(userSchema),
    example: exampleSlice(exampleUser, exampleMe),
  },
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
  description: 'Also one who is not active any more.',
  access: 'manager',
  openToKeys: true,
  example: { path: { userId: DEMO.eli } },
  answer: { ...oneUser, example: exampleUser },
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
  openToKeys: false,
  body: newUserSchema,
  idempotent: true,
  example: { body: exampleNewUser },
  answer: { ...oneUser, example: exampleCreatedUser, description: 'The new user', located: true },
  problems: ['EMAIL_TAKEN'],
  handle: ({ request, body, idempotencyKey, ...facts }) =>
    createUser(request, body, PATH, idempotencyKey, facts),
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:userId`,
  operationId: 'updateUser',
  tag,
  summary: 'Change, deactivate or reactivate a user',
  description: 'For an ADMIN. Acts on the next request of that user. The last active ADMIN stays one.',
  access: 'admin',
  openToKeys: false,
  body: userPatchSchema,
  example: { path: { userId: DEMO.eli }, body: exampleUserPatch },
  answer: { ...oneUser, example: exampleUser },
  problems: ['NOT_FOUND', 'LAST_ADMIN', 'USER_ERASED'],
  handle: ({ request, params, body, ifMatch }) => patchUser(request, params.userId, body, ifMatch),
})

export const userEndpoints = [list, read, create, update]
