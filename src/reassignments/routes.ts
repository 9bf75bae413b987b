/** /api/v1/company/users/{userId}/reassignments */
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { reassignWork, validateHeir } from './reassignment.ts'
import { reassignedSchema, reassignmentSchema } from './schemas.ts'

const reassign = endpoint({
  method: 'POST',
  path: '/api/v1/company/users/:userId/reassignments',
  operationId: 'reassignWork',
  tag: 'Users',
  summary: "Hand a user's open work to another",
  description:
    'For an ADMIN. All open assignments and the ownership of plans and actions go to another active manager, in one step.',
  access: 'admin',
  openToKeys: false,
  body: reassignmentSchema,
  validateReferences: validateHeir,
  example: { path: { userId: DEMO.noa }, body: { toUserId: DEMO.marc } },
  answer: {
    status: 200,
    description: 'How many were handed over',
    schema: reassignedSchema,
    example: { assignments: 3, plans: 0, actions: 2 },
  },
  problems: ['NOT_FOUND'],
  handle: ({ request, params, body }) => reassignWork(request, params.userId, body.toUserId),
})

export const reassignmentEndpoints = [reassign]
