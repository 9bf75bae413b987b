/** Calls the worker through its public door, as a user would. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { expect } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import { endpoints } from '../../src/endpoints.ts'
import worker from '../../src/index.ts'
import { complaintAbout } from './document.ts'
import type { Person } from './world.ts'

export interface Reply<Body = Record<string, unknown>> {
  status: number
  headers: Headers
  body: Body
  text: string
}

interface Options {
  body?: unknown
  headers?: Record<string, string>
  /** Variables that are otherwise than in the tests' settings. */
  vars?: Partial<Env>
  /** Whether to wait for what the worker does after its answer too; not for a HEAD. */
  settled?: boolean
}

export interface Slice<Item> {
  from: number
  to: number
  total: number
  result: Item[]
}

/**
 * `who` is a person, a bare token, or nobody. An object body goes as JSON, text and bytes as they stand. The answer must be as the
 * OpenAPI document describes it.
 */
export async function call<Body = Record<string, unknown>>(
  who: Person | string | null,
  method: string,
  path: string,
  { body, headers = {}, vars, settled = false }: Options = {},
): Promise<Reply<Body>> {
  const session = typeof who === 'string' ? who : who?.session
  const request = new Request(`https://api.test${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(session === undefined ? {} : { SessionId: session }),
      ...(body === undefined ? {} : { 'Content-Type': mediaTypeAt(method, path) }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
  })
  const response = await send(request, settled, vars)
  const text = new TextDecoder().decode(await response.arrayBuffer())
  const mediaType = response.headers.get('Content-Type')
  expect(complaintAbout({ method, path, status: response.status, mediaType, text })).toBeNull()
  const isJson = mediaType?.includes('json') === true
  // The caller says what it expects; assertions on it follow.
  const parsed = (isJson && text !== '' ? JSON.parse(text) : {}) as Body
  return { status: response.status, headers: response.headers, body: parsed, text }
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array
}

/** The media type of a body: the first of the files that the endpoint takes, else JSON. */
function mediaTypeAt(method: string, path: string): string {
  const [plain] = path.split('?', 1)
  const at = endpoints.find((endpoint) => endpoint.method === method && endpoint.path === plain)
  return at?.upload?.mediaTypes[0] ?? 'application/json'
}

/**
 * Calls the worker's `fetch` directly, since the loop-back of the test runner loads the module anew for every request
 * and gets slower each time. A HEAD goes through the loop-back: only the runtime takes the body off its answer.
 */
async function send(request: Request, settled: boolean, vars?: Partial<Env>): Promise<Response> {
  if (request.method === 'HEAD') return exports.default.fetch(request)
  const context = createExecutionContext()
  const response = await worker.fetch(request, vars ? { ...env, ...vars } : env, context)
  if (settled) await waitOnExecutionContext(context)
  return response
}

export const COMPANY = '/api/v1/company'
export const PLANS = `${COMPANY}/action-plans`
export const ACTIONS = `${COMPANY}/actions`
export const USERS = `${COMPANY}/users`
export const ME = `${COMPANY}/me`
export const HISTORY = `${COMPANY}/history`
export const HIERARCHIES = `${COMPANY}/hierarchies`

export async function createPlan(who: Person, fields: Record<string, unknown> = {}): Promise<PlanView> {
  const reply = await call<PlanView>(who, 'POST', PLANS, { body: { title: 'A plan', ...fields } })
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

export async function createAction(
  who: Person,
  planId: string,
  fields: Record<string, unknown> = {},
): Promise<ActionView> {
  const reply = await call<ActionView>(who, 'POST', ACTIONS, {
    body: { planId, title: 'An action', ...fields },
  })
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

export async function takeStep(
  who: Person,
  actionId: string,
  to: string,
  assigneeId?: string,
): Promise<Reply<ActionView>> {
  return call<ActionView>(who, 'POST', `${ACTIONS}/${actionId}/transitions`, {
    body: { to, ...(assigneeId === undefined ? {} : { assigneeId }) },
  })
}

/** The entity tag under which that person reads what is there. */
export async function tagOf(who: Person, path: string): Promise<string> {
  return (await call(who, 'GET', path)).headers.get('ETag') ?? ''
}

/** The problem's code, for short assertions. */
export function codeOf({ body }: { body: object }): unknown {
  return 'code' in body ? body.code : undefined
}

/** The paths that a 400 names. */
export function namedPaths({ body }: { body: object }): string[] {
  // Every 400 has them; a missing list fails the assertion that follows.
  return ((body as { errors?: { path: string }[] }).errors ?? []).map(({ path }) => path)
}
