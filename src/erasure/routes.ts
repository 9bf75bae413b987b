/** /api/v1/company/users/{userId}/erasure */
import { exampleErasedUser } from '../people/examples.ts'
import { userSchema } from '../people/schemas.ts'
import { DEMO } from '../platform/demo.ts'
import { endpoint } from '../platform/endpoint.ts'
import { erase } from './erasing.ts'

const eraseUser = endpoint({
  method: 'POST',
  path: '/api/v1/company/users/:userId/erasure',
  operationId: 'eraseUser',
  tag: 'Users',
  summary: 'Erase who a former user was',
  description:
    "For an ADMIN, of a user who is deactivated and whose open assignments, plans and actions have been reassigned. Name and address are replaced: the name shown is in the company's language, in workbooks in theirs. Keys, webhooks, own exports and all that waits to be mailed go; exports of others that name the person expire or fail. What the person wrote stays, and so do the ids. It cannot be undone, and done again it changes nothing.",
  access: 'admin',
  openToKeys: false,
  example: { path: { userId: DEMO.former } },
  answer: {
    status: 200,
    description: 'The user as now shown',
    schema: userSchema,
    example: exampleErasedUser,
    tagged: true,
  },
  problems: ['NOT_FOUND', 'USER_ACTIVE', 'WORK_NOT_HANDED_OVER'],
  handle: ({ request, params, ...facts }) => erase(request, facts, params.userId),
})

export const erasureEndpoints = [eraseUser]
