/** GET /api/v1/company/me/data */
import { endpoint } from '../platform/endpoint.ts'
import { examplePersonalData } from './examples.ts'
import { readPersonalData } from './reading.ts'
import { personalDataSchema } from './schemas.ts'

const read = endpoint({
  method: 'GET',
  path: '/api/v1/company/me/data',
  operationId: 'getMyData',
  tag: 'Company',
  summary: 'Read all that is kept about and by me',
  description:
    'For any user. Left out are hashes (of tokens, addresses and Idempotency-Keys), numbers that follow from what is shown, copies that an export freezes while it is built, and what others wrote. A small answer is of one moment. A large one is read in portions while it is sent: what nobody changes meanwhile is in it exactly once, what is written meanwhile may be missing. If a portion cannot be read, the answer breaks off in the middle of the JSON.',
  access: 'session',
  openToKeys: false,
  answer: {
    status: 200,
    description: 'The data, as a file to keep',
    schema: personalDataSchema,
    example: examplePersonalData,
    headers: ['Content-Disposition'],
    heavy: true,
  },
  problems: [],
  handle: ({ request, id, meter }) => readPersonalData(request, { id, meter }),
})

export const personalDataEndpoints = [read]
