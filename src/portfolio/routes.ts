/** /api/v1/company/action-plans/overview */
import { filterQuery } from '../actions/schemas.ts'
import { endpoint } from '../platform/endpoint.ts'
import { exampleOverview } from './examples.ts'
import { readOverview } from './overview.ts'
import { overviewSchema } from './schemas.ts'

const overview = endpoint({
  method: 'GET',
  path: '/api/v1/company/action-plans/overview',
  operationId: 'getOverview',
  tag: 'Action Plans',
  summary: 'All plans at a glance',
  description:
    'Counts over the actions that you may read: by status, area, person and month. With filters: over those that meet all of them at once. At most 10 a minute for a user.',
  access: 'manager',
  openToKeys: true,
  limitPerUser: (env) => env.USER_OVERVIEWS,
  query: filterQuery,
  answer: {
    status: 200,
    description: 'The counts',
    schema: overviewSchema,
    example: exampleOverview,
    heavy: true,
  },
  problems: [],
  handle: ({ request, query }) => readOverview(request, query),
})

export const portfolioEndpoints = [overview]
