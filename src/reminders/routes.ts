/** /api/v1/reminders/{companyId}/{userId}: the signed address that switches reminders off. */
import { publicEndpoint } from '../platform/endpoint.ts'
import { DEMO, DEMO_SWITCH_OFF } from '../platform/demo.ts'
import { ACCEPT_LANGUAGE } from '../platform/locale.ts'
import { askToSwitchOff, switchOff, tokenOfSwitchOff } from './switching-off.ts'

const SIGNED = {
  path: '/api/v1/reminders/:companyId/:userId',
  tag: 'Reminders',
  example: { path: { companyId: DEMO.company, userId: DEMO.ana } },
  pages: true,
  tokenOf: tokenOfSwitchOff,
  furtherParameters: [
    {
      name: 'signature',
      in: 'query',
      required: true,
      description: 'HMAC-SHA-256, hexadecimal',
      example: DEMO_SWITCH_OFF.signature,
    },
    ACCEPT_LANGUAGE,
  ],
  problems: ['LINK_REFUSED', 'DATABASE_UNAVAILABLE', 'COMPANY_MOVING'],
} as const

const ask = publicEndpoint({
  ...SIGNED,
  method: 'GET',
  operationId: 'askToSwitchRemindersOff',
  summary: 'Open the page that asks whether to switch reminders off',
  description:
    'The address stands in each reminder. It is signed, needs no session, and does not expire. To look at it changes nothing.',
  answer: { status: 200, description: 'A page with a button', mediaType: 'text/html' },
  handle: askToSwitchOff,
})

const off = publicEndpoint({
  ...SIGNED,
  method: 'POST',
  operationId: 'switchRemindersOff',
  summary: 'Switch reminders off by the address in one of them',
  description:
    "The button of that page, and what mail programs send that unsubscribe with one click (RFC 8058). Sets the user's `reminders` to false; `PATCH /api/v1/company/me` switches them on again. Nothing in a body is read. The answer to a genuine address is always the same.",
  form: true,
  answer: { status: 200, description: 'The page that says so', mediaType: 'text/html' },
  handle: switchOff,
})

export const reminderEndpoints = [ask, off]
