/** /api/v1/company/history */
import { endpoint } from '../platform/endpoint.ts'
import { exampleFeed, exampleHistory } from './examples.ts'
import { readFeed, readHistory } from './reading.ts'
import { feedQuery, historyPageSchema, historyQuery } from './schemas.ts'

const PATH = '/api/v1/company/history'
const tag = 'History'

const read = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'getHistory',
  tag,
  summary: 'Read what happened, newest first',
  description:
    'Entries of plans and actions that the caller may read now; of what is deleted, those stay with who could read it then. A call looks at 10,000 entries at most, so a page may be short, or empty, with `more: true`.',
  access: 'manager',
  openToKeys: true,
  query: historyQuery,
  answer: {
    status: 200,
    description: 'A page of entries; `cursor` leads to older ones',
    schema: historyPageSchema,
    example: exampleHistory,
  },
  problems: [],
  handle: ({ request, query, settings }) => readHistory(request, settings.DERIVED_KEYS_SECRET, query),
})

const feed = endpoint({
  method: 'GET',
  path: `${PATH}/feed`,
  operationId: 'getHistoryFeed',
  tag,
  summary: 'Follow what happens, oldest first',
  description:
    'For programs that keep a copy. Without `after` it starts now, with no entries. Going on from each `cursor` skips and repeats nothing that the caller may read when asked. `access.changed` says that who may read has changed: read the plan or action anew, or forget it if that is a 403 or 404. A cursor that is older than what is kept is 410 `CURSOR_GONE`.',
  access: 'manager',
  openToKeys: true,
  query: feedQuery,
  answer: {
    status: 200,
    description: 'A page of entries; `cursor` leads to later ones',
    schema: historyPageSchema,
    example: exampleFeed,
  },
  problems: ['CURSOR_GONE'],
  handle: ({ request, query, settings }) => readFeed(request, settings.DERIVED_KEYS_SECRET, query),
})

export const historyEndpoints = [read, feed]
