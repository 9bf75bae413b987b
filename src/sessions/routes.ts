/** /api/v1/sign-in-codes and /api/v1/sessions */
import { endpoint, publicEndpoint } from '../platform/endpoint.ts'
import { ACCEPT_LANGUAGE } from '../platform/locale.ts'
import { exampleMe } from '../people/examples.ts'
import { DEMO_CODE } from '../platform/demo.ts'
import { sessionSchema, signInCodeAnswerSchema, signInCodeRequestSchema, signInSchema } from './schemas.ts'
import { requestCode, signIn, signOut, signOutEverywhere } from './sign-in.ts'

const tag = 'Sessions'

const createCode = publicEndpoint({
  method: 'POST',
  path: '/api/v1/sign-in-codes',
  operationId: 'requestSignInCode',
  tag,
  summary: 'Ask for a sign-in code by e-mail',
  description:
    'The answer is the same whether or not the address is known. A code has 8 digits and lives 10 minutes. The mail is in the language of the user, else of `Accept-Language`, else of the company.',
  body: signInCodeRequestSchema,
  furtherParameters: [ACCEPT_LANGUAGE],
  example: { body: { email: DEMO_CODE.email } },
  answer: {
    status: 202,
    description: 'If the address is known, a code is on its way',
    schema: signInCodeAnswerSchema,
    example: { message: 'If this address is known, a sign-in code is on its way.' },
  },
  problems: ['DATABASE_UNAVAILABLE', 'COMPANY_MOVING'],
  handle: ({ body, ...facts }) => requestCode(facts, body.email),
})

const createSession = publicEndpoint({
  method: 'POST',
  path: '/api/v1/sessions',
  operationId: 'signIn',
  tag,
  summary: 'Open a session with a sign-in code',
  description: 'A code works once, and is dead after five wrong tries.',
  body: signInSchema,
  example: { body: { email: DEMO_CODE.email, code: DEMO_CODE.code } },
  answer: {
    status: 200,
    description: 'The session',
    bookmarked: true,
    schema: sessionSchema,
    example: {
      sessionId: 'q3Zl1rJ7kq0uCq2x0Zc0m8m3QW0cJr1sYw6pS9b4n2E',
      expiresAt: '2026-10-10T20:30:00.000Z',
      user: exampleMe,
    },
  },
  problems: ['SIGN_IN_FAILED', 'DATABASE_UNAVAILABLE', 'COMPANY_MOVING'],
  handle: ({ body, ...facts }) => signIn(facts, body),
})

const endSession = endpoint({
  method: 'DELETE',
  path: '/api/v1/sessions/current',
  operationId: 'signOut',
  tag,
  summary: 'End this session',
  description: 'The session that the request names is refused from the next request on.',
  access: 'session',
  openToKeys: false,
  answer: { status: 204, description: 'Ended' },
  problems: [],
  handle: ({ request, env }) => signOut(request, env.SESSIONS),
})

const endSessions = endpoint({
  method: 'DELETE',
  path: '/api/v1/sessions',
  operationId: 'signOutEverywhere',
  tag,
  summary: 'End all my sessions',
  description: 'Also those on other devices; the one that the request names too.',
  access: 'session',
  openToKeys: false,
  answer: { status: 204, description: 'Ended' },
  problems: [],
  handle: ({ request, env }) => signOutEverywhere(request, env.SESSIONS),
})

export const sessionEndpoints = [createCode, createSession, endSession, endSessions]
