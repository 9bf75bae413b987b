/**
 * The input of a request: its body and query, checked against their schemas. What no schema knows is an error too, so that
 * a typing error never passes for success, unless the request says `Prefer: handling=lenient`.
 */
import type * as z from 'zod'
import { readJsonObject, readText, readUpload, type Upload, type UploadContract } from './body.ts'
import { sha256Hex } from './hash.ts'
import { checkIdempotencyKey } from './idempotency.ts'
import { membersOf, objectIn, unknownMembers, unknownParameters } from './known-members.ts'
import { prefers } from './prefer.ts'
import { type InputError, invalid, Problem } from './problem.ts'
import type { Access } from './session.ts'

export interface Input<Query, Body> {
  query: Query
  body: Body
  /** The file; an empty one if the endpoint takes none. */
  upload: Upload
  /** The body that an Idempotency-Key is bound to. */
  sent: object | string
  /** The If-Match header as received. */
  ifMatch: string | null
  /** Whether unknown members and parameters were ignored, since the request asked for that. */
  isLenient: boolean
}

export type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** The part of an endpoint's contract that its input is checked against. */
interface InputContract<Query, Body> {
  method: string
  access: Access
  query?: Query
  body?: Body
  upload?: UploadContract
  idempotent?: boolean
  answer: { schema?: z.ZodType; located?: boolean }
}

/**
 * Whether unknown parameters are errors. A public endpoint without a body is a page, a document, health, or a signed link,
 * which checks its own: their addresses pick up parameters on the way, in mails and on other sites.
 */
export function isStrict({ access, body }: { access: Access; body?: unknown }): boolean {
  return access !== 'public' || body !== undefined
}

/** The schema of what a request creates or changes, whose read-only members its body may hold; undefined if there is none. */
export function representationOf({
  method,
  answer,
}: Pick<InputContract<unknown, unknown>, 'method' | 'answer'>): z.ZodType | undefined {
  return method === 'PATCH' || answer.located === true ? answer.schema : undefined
}

/**
 * 400 VALIDATION_FAILED for a body or query. `body` is the parsed body, so that its ids can be checked as well; null if
 * the endpoint takes none.
 */
export class InvalidInput extends Problem {
  readonly body: object | null
  readonly #errors: readonly InputError[]
  readonly #unknown: readonly InputError[]

  /**
   * @param errors of what is known
   * @param unknown members and parameters, which come last: where there are too many errors to show, those are left out
   */
  constructor(errors: readonly InputError[], unknown: readonly InputError[], body: object | null) {
    const { code, detail, options } = invalid([...errors, ...unknown])
    super(code, detail, options)
    this.#errors = errors
    this.#unknown = unknown
    this.body = body
  }

  /** The same problem with further errors; a path that already has an error gets no further one. */
  with(further: readonly InputError[]): Problem {
    const named = new Set(this.#errors.map(({ path }) => path))
    return invalid([...this.#errors, ...further.filter(({ path }) => !named.has(path)), ...this.#unknown])
  }
}

/**
 * Makes the function that reads the input of an endpoint's requests. That function throws 413 BODY_TOO_LARGE, 415
 * UNSUPPORTED_MEDIA_TYPE, 400 MALFORMED_BODY and `InvalidInput`.
 */
export function inputReader<Query extends z.ZodType | undefined, Body extends z.ZodType | undefined>(
  contract: InputContract<Query, Body>,
): (raw: Request) => Promise<Input<Output<Query>, Output<Body>>> {
  const members = membersOf(objectIn(contract.body), objectIn(representationOf(contract)))
  const parameters = Object.keys(objectIn(contract.query)?.shape ?? {})
  return async (raw) => {
    const errors: InputError[] = []
    const object = contract.body ? await readJsonObject(raw) : null
    const upload = contract.upload ? await readUpload(raw, contract.upload) : null
    const hasOther = contract.body !== undefined || upload !== null
    const text = contract.method !== 'GET' && !hasOther ? await readText(raw) : ''
    const body = contract.body ? parse(contract.body, object, errors) : undefined
    const sent = new URL(raw.url).searchParams
    const query = contract.query
      ? parse(contract.query, readQuery(sent, parameters, errors), errors)
      : undefined
    if (contract.idempotent) errors.push(...checkIdempotencyKey(raw))
    const isLenient = isStrict(contract) && prefers(raw, 'handling=lenient')
    const unknown =
      isLenient || !isStrict(contract)
        ? []
        : [
            ...unknownParameters(sent.keys(), parameters),
            ...unknownMembers(object ?? objectInText(text), members),
          ]
    if (errors.length + unknown.length > 0) throw new InvalidInput(errors, unknown, object)
    // Without errors, each value is the output of its schema, or undefined if there is no schema.
    return {
      query: query as Output<Query>,
      body: body as Output<Body>,
      upload: upload ?? NO_FILE,
      sent: upload ? await summaryOf(raw, upload) : contract.body ? (body as object) : text,
      ifMatch: raw.headers.get('If-Match'),
      isLenient,
    }
  }
}

const NO_FILE: Upload = { mediaType: '', bytes: new Uint8Array() }

/** What tells a file and its query from any other, as text. */
async function summaryOf({ url }: Request, { mediaType, bytes }: Upload): Promise<string> {
  return `${new URL(url).search} ${mediaType} ${await sha256Hex(bytes)}`
}

/**
 * The JSON object in the body of an endpoint that takes none, else an empty one. Whoever sends members expects them to have
 * an effect; any other body is ignored.
 */
function objectInText(text: string): object {
  if (!/^\s*\{/.test(text)) return {}
  try {
    return JSON.parse(text) as object
  } catch {
    return {}
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

/** The query parameters that are known. A repeated parameter is an error, since only one value could count. */
function readQuery(
  sent: URLSearchParams,
  known: readonly string[],
  errors: InputError[],
): Record<string, string> {
  const given = known.filter((name) => sent.has(name))
  for (const name of given) {
    if (sent.getAll(name).length > 1) errors.push({ path: name, message: 'must be given once' })
  }
  return Object.fromEntries(given.map((name) => [name, sent.get(name) ?? '']))
}
