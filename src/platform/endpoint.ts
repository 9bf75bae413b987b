/**
 * An endpoint is a contract (method, path, schemas, problems) and a handler of a few lines. This file runs the checks
 * that all endpoints share, always in this order: rate limit, session, role and scope, body and query, then the handler.
 */
import type * as z from 'zod'
import { knownElsewhere, movedTo } from '../directory/homes.ts'
import type { Answer } from './answer.ts'
import type { UploadContract } from './body.ts'
import { databaseNames, DatabaseUnavailable } from './database.ts'
import { type IdempotencyKey, readIdempotencyKey } from './idempotency.ts'
import { type Input, inputReader, InvalidInput, type Output } from './input.ts'
import type { DatabaseName } from './place.ts'
import { applied } from './prefer.ts'
import { type InputError, Problem, type ProblemCode } from './problem.ts'
import { addressOf, limitRate } from './rate-limit.ts'
import { logFailure } from './request-log.ts'
import type { Copy } from './replicas.ts'
import { AuthorizedRequest, type RequestFacts } from './request.ts'
import { type Access, type Caller, findCaller, rememberSession, scopesFor } from './session.ts'
import { credentialOf, presentedToken } from './token.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

interface AnswerContract {
  status: 200 | 202 | 204
  description: string
  /** Media type of a body that is not JSON; several if it is one of them. */
  mediaType?: string | readonly string[]
  /** Schema of a JSON body; absent if the answer has none. */
  schema?: z.ZodType
  /** Schema of a JSON body that is sent with `Prefer: return=representation` alone. */
  preferred?: z.ZodType
  /** A plausible body, valid for `schema` or `preferred`. */
  example?: unknown
  /** Names of further response headers. */
  headers?: readonly string[]
  /** Whether the answer may be large, so that it may wait for memory (admission.ts) or be refused as BUSY. */
  heavy?: boolean
  /** Whether the answer has an ETag. */
  tagged?: boolean
  /** Of a public endpoint: whether the answer tells the state of a company's database (replicas.ts). */
  bookmarked?: boolean
  /** Whether the answer has a Location. */
  located?: boolean
}

/**
 * What the reference pre-fills. Ids are those of the demo data (demo.ts), so that the request succeeds where that data
 * is.
 */
interface Example<Path extends string, Body> {
  /** A value for each parameter of the path. */
  path?: Readonly<Record<ParameterNames<Path>, string>>
  body?: Body extends z.ZodType ? z.input<Body> : never
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
  /** The files that it takes in place of a JSON body. */
  upload?: UploadContract
  example?: Example<Path, Body>
  /** Exempt from the rate limit per address. */
  unlimited?: boolean
  /** Whether a form-encoded body may come along, of which only the size matters. */
  form?: boolean
  /** Whether the endpoint accepts an Idempotency-Key. */
  idempotent?: boolean
  answer: AnswerContract
  /** Parameters that the handler reads from the raw request, for the OpenAPI document. */
  furtherParameters?: readonly {
    name: string
    in: 'query' | 'header'
    required: boolean
    description: string
    /** For a required one. */
    example?: string
  }[]
  /** Further answers that the handler builds itself, for the OpenAPI document. */
  furtherAnswers?: readonly { status: number; description: string; headers: readonly string[] }[]
  /** Whether a browser gets problems with the link, 403 and 410, as pages. */
  pages?: boolean
  /** Problems besides those that follow from access, input and conditional headers (service/openapi.ts). */
  problems: readonly ProblemCode[]
}

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

/** An endpoint as the app mounts it and OpenAPI describes it. */
export interface Endpoint extends Contract<string, z.ZodType | undefined, z.ZodType | undefined> {
  access: Access
  /** Whether access keys may use it: with the scope READ if it is a GET, else with WRITE. */
  openToKeys: boolean
  run(facts: RequestFacts & Parameters<string>): Promise<Answer | Response>
}

/** An endpoint that needs no session. */
export function publicEndpoint<
  Path extends string,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  contract: Contract<Path, Query, Body> & {
    /** What the rate limit counts instead of the address; null for a request without a genuine token. */
    tokenOf?(facts: RequestFacts): Promise<string | null>
    handle(input: PublicInput<Path, Output<Query>, Output<Body>>): Promise<Answer | Response>
  },
): Endpoint {
  const readInput = inputReader<Query, Body>({ ...contract, access: 'public' })
  return {
    ...contract,
    access: 'public',
    openToKeys: false,
    async run(facts) {
      if (!contract.unlimited) await limitPublic(facts, (await contract.tokenOf?.(facts)) ?? null)
      const input = await readInput(facts.raw)
      return asPreferred(input, await contract.handle({ ...facts, ...matched<Path>(facts), ...input }))
    },
  }
}

/** An endpoint that needs a live session or key, and the role that `access` names. */
export function endpoint<
  Path extends string,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  contract: Contract<Path, Query, Body> & {
    access: Exclude<Access, 'public'>
    openToKeys: boolean
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
      facts: RequestFacts,
    ): Promise<InputError[]>
    handle(input: AuthorizedInput<Path, Output<Query>, Output<Body>>): Promise<Answer | Response>
  },
): Endpoint {
  const readInput = inputReader<Query, Body>(contract)
  const requires = { access: contract.access, scopes: scopesFor(contract.method, contract.openToKeys) }
  return {
    ...contract,
    async run(facts) {
      const caller = await identify(facts)
      if (contract.limitPerUser)
        await limitRate(contract.limitPerUser(facts.env), caller.userId, facts.settings)
      const { params } = matched<Path>(facts)
      if (contract.upload) {
        // Of several databases one may not answer. Whoever waits for it must not hold the memory for everybody's files.
        if (databaseNames(facts.env).length > 1)
          await wherever(facts, caller, contract.method, (found, copy) =>
            new AuthorizedRequest(facts, found, requires, copy).verify(),
          )
        await facts.admission.upload(contract.upload.most)
      }
      const reading = readInput(facts.raw)
      return wherever(facts, caller, contract.method, async (found, copy) => {
        const request = new AuthorizedRequest(facts, found, requires, copy)
        const input = await reading.catch(async (error: unknown) => {
          // 401 and 403 take precedence over a 400, and only D1 is authoritative about session and role.
          if (!(error instanceof InvalidInput) || !contract.validateReferences || error.body === null) {
            await request.verify()
            throw error
          }
          throw error.with(await contract.validateReferences(request, error.body, params, facts))
        })
        const idempotencyKey = contract.idempotent
          ? await readIdempotencyKey(facts.raw, caller, addressedBy(contract, facts.params), input.sent)
          : null
        return asPreferred(
          input,
          await contract.handle({ ...facts, ...input, params, request, idempotencyKey }),
        )
      })
    },
  }
}

/**
 * Answers in the database that KV names. If the caller is not known there, or it does not answer, the company may have moved
 * since: then the answer is made once more where it is now, and KV is put right.
 */
async function wherever<Answered>(
  facts: RequestFacts,
  caller: Caller,
  method: Method,
  answer: (caller: Caller, copy: Copy) => Promise<Answered>,
): Promise<Answered> {
  try {
    return await fromCopies(facts, method, (copy) => answer(caller, copy))
  } catch (error) {
    const database = await nextPlace(facts, caller, error)
    if (database === null) throw error
    const moved = { ...caller, database }
    const answered = await fromCopies(facts, method, (copy) => answer(moved, copy))
    facts.afterwards.push(() => rememberMove(facts, moved))
    return answered
  }
}

/** Answers a GET from the nearest copy, as long as that knows whom and what it is about; all else from the primary. */
async function fromCopies<Answered>(
  { reach, admission, afterwards }: RequestFacts,
  method: Method,
  answer: (copy: Copy) => Promise<Answered>,
): Promise<Answered> {
  if (method !== 'GET') return answer('primary')
  const noted = afterwards.length
  return reach.nearestFirst(answer, () => {
    // The second answer asks for its own memory, and does what is left to do itself.
    admission.release()
    afterwards.length = noted
  })
}

/** Where the company may be instead, after this error; null if nothing speaks for another place. */
async function nextPlace(
  { env, meter }: RequestFacts,
  caller: Caller,
  error: unknown,
): Promise<DatabaseName | null> {
  if (error instanceof Problem && error.code === 'UNAUTHENTICATED') return movedTo(env, caller, meter)
  if (error instanceof DatabaseUnavailable && error.at === caller.database)
    return knownElsewhere(env, caller, meter)
  return null
}

async function rememberMove({ env, now, id }: RequestFacts, caller: Caller): Promise<void> {
  await rememberSession(env.SESSIONS, caller, now).catch((error: unknown) => {
    logFailure(id, error)
  })
}

/** The answer, which says so if its input was looked at leniently. */
function asPreferred({ isLenient }: { isLenient: boolean }, answer: Answer | Response): Answer | Response {
  return isLenient && !(answer instanceof Response) ? applied(answer, 'handling=lenient') : answer
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

/** The rate limit of requests without a session: per token if there is one, else per address. */
async function limitPublic({ raw, env, settings }: RequestFacts, token: string | null): Promise<void> {
  await limitRate(env.ADDRESS_REQUESTS, token ?? addressOf(raw), settings)
}

/**
 * The caller, after the rate limit: per session or key if the request names one, else per address. Throws 429
 * RATE_LIMITED, 401 UNAUTHENTICATED.
 */
async function identify(facts: RequestFacts): Promise<Caller> {
  const { raw, env, settings, now, meter } = facts
  const credential = await credentialOf(presentedToken(raw))
  if (credential !== null) {
    await limitRate(env.SESSION_REQUESTS, credential.tokenHash, settings)
    const caller = await findCaller(env.SESSIONS, credential, now, meter)
    if (caller) {
      Object.assign(facts.who, { userId: caller.userId, companyId: caller.companyId })
      return caller
    }
  }
  await limitPublic(facts, null)
  throw new Problem('UNAUTHENTICATED')
}
