/**
 * An endpoint is a contract (method, path, schemas, problems) and a handler of a few lines. This file runs the checks
 * that all endpoints share, always in this order: rate limit, session, role, body and query, then the handler.
 */
import * as z from 'zod'
import type { Answer } from './answer.ts'
import { readJsonObject, readText } from './body.ts'
import { fieldValue } from './headers.ts'
import { checkIdempotencyKey, type IdempotencyKey, readIdempotencyKey } from './idempotency.ts'
import { type InputError, invalid, Problem, type ProblemCode } from './problem.ts'
import { addressOf, limitRate } from './rate-limit.ts'
import { AuthorizedRequest, type RequestFacts } from './request.ts'
import { type Access, type Caller, findCaller, sessionIdOf } from './session.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

interface AnswerContract {
  status: 200 | 202 | 204
  description: string
  /** Media type of a body that is not JSON. */
  mediaType?: string
  /** Schema of a JSON body; absent if the answer has none. */
  schema?: z.ZodType
  /** Names of further response headers. */
  headers?: readonly string[]
  /** Whether the answer may be large, so that it may wait for memory (admission.ts) or be refused as BUSY. */
  heavy?: boolean
  /** Whether the answer has an ETag. */
  tagged?: boolean
  /** Whether the answer has a Location. */
  located?: boolean
}

interface Contract<
  Path extends string,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
> {
  method: Method
  /** With `:name` for path parameters. */
  path: Path
  operationId: string
  tag: string
  summary: string
  description?: string
  query?: Query
  body?: Body
  /** Exempt from the rate limit per address. */
  unlimited?: boolean
  /** Whether the endpoint accepts an Idempotency-Key. */
  idempotent?: boolean
  answer: AnswerContract
  /** Parameters that the handler reads from the raw request, for the OpenAPI document. */
  furtherParameters?: readonly {
    name: string
    in: 'query' | 'header'
    required: boolean
    description: string
  }[]
  /** Further answers that the handler builds itself, for the OpenAPI document. */
  furtherAnswers?: readonly { status: number; description: string; headers: readonly string[] }[]
  /** Problems besides those that follow from access, input and conditional headers (service/openapi.ts). */
  problems: readonly ProblemCode[]
}

interface Input<Query, Body> {
  query: Query
  body: Body
  /** The body that an Idempotency-Key is bound to. */
  sent: object | string
  /** The If-Match header as received. */
  ifMatch: string | null
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** The names of a path's parameters. */
type ParameterNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterNames<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

interface Parameters<Path extends string> {
  params: Readonly<Record<ParameterNames<Path>, string>>
}

type PublicInput<Path extends string, Query, Body> = RequestFacts & Parameters<Path> & Input<Query, Body>
type AuthorizedInput<Path extends string, Query, Body> = PublicInput<Path, Query, Body> & {
  request: AuthorizedRequest
  idempotencyKey: IdempotencyKey | null
}

/**
 * 400 VALIDATION_FAILED for a body or query. `body` is the parsed body, so that its ids can be checked as well; null if
 * the endpoint takes none.
 */
class InvalidInput extends Problem {
  readonly body: object | null
  readonly #errors: InputError[]

  constructor(errors: InputError[], body: object | null) {
    const { code, detail, options } = invalid(errors)
    super(code, detail, options)
    this.#errors = errors
    this.body = body
  }

  /** The same problem with further errors; a path that already has an error gets no further one. */
  with(further: readonly InputError[]): Problem {
    const named = new Set(this.#errors.map(({ path }) => path))
    return invalid([...this.#errors, ...further.filter(({ path }) => !named.has(path))])
  }
}

/** An endpoint as the app mounts it and OpenAPI describes it. */
export interface Endpoint extends Contract<string, z.ZodType | undefined, z.ZodType | undefined> {
  access: Access
  run(facts: RequestFacts & Parameters<string>): Promise<Answer | Response>
}

/** An endpoint that needs no session. */
export function publicEndpoint<
  Path extends string,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  contract: Contract<Path, Query, Body> & {
    handle(input: PublicInput<Path, Output<Query>, Output<Body>>): Promise<Answer | Response>
  },
): Endpoint {
  return {
    ...contract,
    access: 'public',
    async run(facts) {
      if (!contract.unlimited) await limitAddress(facts)
      const input = await readInput<Query, Body>(facts.raw, contract)
      return contract.handle({ ...facts, ...matched<Path>(facts), ...input })
    },
  }
}

/** An endpoint that needs a live session and the role that `access` names. */
export function endpoint<
  Path extends string,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  contract: Contract<Path, Query, Body> & {
    access: Exclude<Access, 'public'>
    /** A further rate limit, per user. */
    limitPerUser?: (env: Env) => RateLimit
    /**
     * Finds ids that refer to nothing. Called for a body that is invalid already, so that the 400 names all errors at
     * once.
     */
    validateReferences?(
      request: AuthorizedRequest,
      body: object,
      params: Parameters<Path>['params'],
    ): Promise<InputError[]>
    handle(input: AuthorizedInput<Path, Output<Query>, Output<Body>>): Promise<Answer | Response>
  },
): Endpoint {
  return {
    ...contract,
    async run(facts) {
      const caller = await identify(facts)
      if (contract.limitPerUser)
        await limitRate(contract.limitPerUser(facts.env), caller.userId, facts.settings)
      const request = new AuthorizedRequest(facts, caller, contract.access)
      const { params } = matched<Path>(facts)
      const input = await readInput<Query, Body>(facts.raw, contract).catch(async (error: unknown) => {
        // 401 and 403 take precedence over a 400, and only D1 is authoritative about session and role.
        if (!(error instanceof InvalidInput) || !contract.validateReferences || error.body === null) {
          await request.verify()
          throw error
        }
        throw error.with(await contract.validateReferences(request, error.body, params))
      })
      const idempotencyKey = contract.idempotent
        ? await readIdempotencyKey(facts.raw, caller, addressedBy(contract, facts.params), input.sent)
        : null
      return contract.handle({ ...facts, ...input, params, request, idempotencyKey })
    },
  }
}

/** Method and path with the parameters filled in: the same text however the URL was encoded. */
function addressedBy(
  { method, path }: { method: Method; path: string },
  params: Record<string, string>,
): string {
  return `${method} ${path.replace(/:(\w+)/g, (_match, name: string) => params[name] ?? '')}`
}

function matched<Path extends string>(facts: Parameters<string>): Parameters<Path> {
  // The router has matched the path, so every parameter has a value.
  return facts
}

async function limitAddress({ raw, env, settings }: RequestFacts): Promise<void> {
  await limitRate(env.ADDRESS_REQUESTS, addressOf(raw), settings)
}

/**
 * The caller, after the rate limit: per session if the request names one, else per address. Throws 429 RATE_LIMITED,
 * 401 UNAUTHENTICATED.
 */
async function identify(facts: RequestFacts): Promise<Caller> {
  const { raw, env, settings, now, meter } = facts
  const sessionId = await sessionIdOf(fieldValue(raw, 'SessionId'))
  if (sessionId !== null) {
    await limitRate(env.SESSION_REQUESTS, sessionId, settings)
    const caller = await findCaller(env.SESSIONS, sessionId, now, meter)
    if (caller) {
      Object.assign(facts.who, { userId: caller.userId, companyId: caller.companyId })
      return caller
    }
  }
  await limitAddress(facts)
  throw new Problem('UNAUTHENTICATED')
}

async function readInput<Query extends z.ZodType | undefined, Body extends z.ZodType | undefined>(
  raw: Request,
  schemas: { query?: Query; body?: Body; idempotent?: boolean },
): Promise<Input<Output<Query>, Output<Body>>> {
  const errors: InputError[] = []
  const object = schemas.body ? await readJsonObject(raw) : null
  const text = schemas.idempotent && !schemas.body ? await readText(raw) : ''
  const body = schemas.body ? parse(schemas.body, object, errors) : undefined
  const query = schemas.query
    ? parse(schemas.query, readQuery(raw, schemas.query, errors), errors)
    : undefined
  if (schemas.idempotent) errors.push(...checkIdempotencyKey(raw))
  if (errors.length > 0) throw new InvalidInput(errors, object)
  // Without errors, each value is the output of its schema, or undefined if there is no schema.
  return {
    query: query as Output<Query>,
    body: body as Output<Body>,
    sent: schemas.body ? (body as object) : text,
    ifMatch: raw.headers.get('If-Match'),
  }
}

function parse(schema: z.ZodType, value: unknown, errors: InputError[]): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    errors.push({ path: issue.path.join('.'), message: issue.message })
  }
  return undefined
}

/** The query parameters that the schema names. A repeated parameter is an error, since only one value could count. */
function readQuery(raw: Request, schema: z.ZodType, errors: InputError[]): Record<string, string> {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const parameters = new URL(raw.url).searchParams
  const given = known.filter((name) => parameters.has(name))
  for (const name of given) {
    if (parameters.getAll(name).length > 1) errors.push({ path: name, message: 'must be given once' })
  }
  return Object.fromEntries(given.map((name) => [name, parameters.get(name) ?? '']))
}
