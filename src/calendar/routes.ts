/** /api/v1/company/me/calendar, and the calendar itself at its secret address. */
import { DEMO_CALENDAR } from '../platform/demo.ts'
import { endpoint, publicEndpoint } from '../platform/endpoint.ts'
import { makeCalendar, removeCalendar } from './managing.ts'
import { calendarSchema } from './schemas.ts'
import { ownerOfRequest, serveCalendar } from './serving.ts'

const PATH = '/api/v1/company/me/calendar'
const CALENDARS = '/api/v1/calendars'
const tag = 'Company'

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createCalendar',
  tag,
  summary: 'Give my calendar a secret address',
  description:
    "For a calendar program to subscribe to: one's open actions with a due date. Whoever has the address sees them. It is in this answer alone, takes the place of an earlier one, and ends with `DELETE` and with one's deactivation. The calendar of somebody who is no company manager is empty.",
  access: 'session',
  openToKeys: false,
  answer: {
    status: 200,
    description: 'The address',
    schema: calendarSchema,
    example: { url: `https://plans.example.com${CALENDARS}/${DEMO_CALENDAR.token}.ics` },
  },
  problems: ['LINKS_UNAVAILABLE'],
  handle: ({ request, ...facts }) => makeCalendar(request, facts, CALENDARS),
})

const remove = endpoint({
  method: 'DELETE',
  path: PATH,
  operationId: 'deleteCalendar',
  tag,
  summary: 'End the address of my calendar',
  description: 'Also if there is none.',
  access: 'session',
  openToKeys: false,
  answer: { status: 204, description: 'There is none any more' },
  problems: [],
  handle: ({ request }) => removeCalendar(request),
})

const serve = publicEndpoint({
  method: 'GET',
  path: `${CALENDARS}/:file`,
  operationId: 'getCalendar',
  tag,
  summary: 'Read a calendar at its secret address',
  description:
    'Needs no session. iCalendar (RFC 5545): the open actions of its user, up to the 2,000 that are due first, as all-day events on their due dates in the time zone of the company. An `UID` stays with its action; `SEQUENCE` rises with every change that an event shows. Other query parameters are ignored.',
  example: { path: { file: `${DEMO_CALENDAR.token}.ics` } },
  tokenOf: async (facts) => (await ownerOfRequest(facts))?.tokenHash ?? null,
  furtherParameters: [
    { name: 'If-None-Match', in: 'header', required: false, description: 'An ETag; 304 if it is current' },
  ],
  answer: {
    status: 200,
    description: 'The calendar',
    mediaType: 'text/calendar',
    bookmarked: true,
    headers: ['ETag', 'Content-Disposition'],
    heavy: true,
  },
  furtherAnswers: [{ status: 304, description: 'Not modified', headers: ['ETag'] }],
  problems: ['NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  handle: (facts) => serveCalendar(facts),
})

export const calendarEndpoints = [create, remove, serve]
