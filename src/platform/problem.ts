/** Problem details (RFC 9457): the error class of the API, the closed list of its codes, and its response. */

interface ProblemKind {
  status: number
  title: string
}

/** Every problem code with its status and title. The OpenAPI document takes its list of codes from here. */
export const PROBLEMS = {
  VALIDATION_FAILED: { status: 400, title: 'The request is not valid' },
  MALFORMED_BODY: { status: 400, title: 'The body is not a JSON object' },
  FILE_REFUSED: { status: 400, title: 'The file cannot be read' },
  UNAUTHENTICATED: { status: 401, title: 'A live session or access key is needed' },
  SIGN_IN_FAILED: { status: 401, title: 'The code is wrong, used or expired' },
  FORBIDDEN: { status: 403, title: 'Not allowed' },
  LINK_REFUSED: { status: 403, title: 'This link is not valid' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  ILLEGAL_TRANSITION: { status: 409, title: 'That step is not possible from this state' },
  NOT_AN_ASSIGNEE: { status: 409, title: 'That user is not assigned to the action' },
  PLAN_FULL: { status: 409, title: 'The plan holds as much as it can' },
  PORTFOLIO_TOO_LARGE: { status: 409, title: 'Too much for one export, filter it' },
  NOTES_FULL: { status: 409, title: 'There are as many notes as there can be' },
  KEYS_FULL: { status: 409, title: 'There are as many access keys as there can be' },
  AREAS_FULL: { status: 409, title: 'The company has as many areas as it can' },
  COMPANY_FULL: { status: 409, title: 'The company keeps as much as it can' },
  WEBHOOKS_FULL: { status: 409, title: 'There are as many webhooks as there can be' },
  EMAIL_TAKEN: { status: 409, title: 'That e-mail address is in use' },
  USER_ACTIVE: { status: 409, title: 'The user is still active' },
  USER_ERASED: { status: 409, title: 'The user was erased' },
  WORK_NOT_HANDED_OVER: { status: 409, title: 'Work of the user waits for its hand-over' },
  LAST_ADMIN: { status: 409, title: 'A company keeps at least one active ADMIN' },
  HIERARCHY_CYCLE: { status: 409, title: 'An area cannot lie inside itself' },
  HIERARCHY_NOT_EMPTY: { status: 409, title: 'The area still has areas inside it' },
  SECRET_NOT_REPEATED: { status: 409, title: 'The secret is not shown again' },
  FILES_NOT_READY: { status: 409, title: 'The export has no files to link to' },
  WRITE_CONFLICT: { status: 409, title: 'Too many writes at once, try again' },
  LINK_EXPIRED: { status: 410, title: 'This link has expired' },
  CURSOR_GONE: { status: 410, title: 'What came after this cursor is no longer kept' },
  FILE_GONE: { status: 410, title: 'The file is no longer kept' },
  PRECONDITION_FAILED: { status: 412, title: 'It has changed since it was read' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is of another media type than is taken here' },
  RANGE_NOT_SATISFIABLE: { status: 416, title: 'The file has no such range' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'That Idempotency-Key belongs to another request' },
  IMPORT_INVALID: { status: 422, title: 'The file has errors, and nothing of it was stored' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  BUSY: { status: 503, title: 'Too much to answer at once, try again' },
  DATABASE_UNAVAILABLE: { status: 503, title: 'Data cannot be reached right now, try again' },
  COMPANY_MOVING: { status: 503, title: 'The company is being moved, try again' },
  QUEUE_UNAVAILABLE: { status: 503, title: 'The export could not be queued, try again' },
  LINKS_UNAVAILABLE: { status: 503, title: 'Links cannot be given out' },
  UNHEALTHY: { status: 503, title: 'A part of the service is not well' },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof PROBLEMS

/**
 * One invalid part of a request. `path` is a dotted path into the body (`focusItems.0.focusId`), or the name of a query
 * parameter or header.
 */
export interface InputError {
  path: string
  message: string
}

interface ProblemOptions {
  errors?: InputError[]
  headers?: Record<string, string>
  /** Further members of the problem object. */
  extra?: Record<string, unknown>
}

/**
 * Any code may throw a Problem; only `toResponse` turns it into an answer. Callers see `detail`, so it must not reveal
 * internals.
 */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly detail: string
  readonly options: ProblemOptions

  constructor(code: ProblemCode, detail?: string, options: ProblemOptions = {}) {
    super(code)
    this.code = code
    this.detail = detail ?? `${PROBLEMS[code].title}.`
    this.options = options
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }

  /** The members of RFC 9457 plus `code`, `requestId` and, for bad input, `errors`. */
  toJson(requestId: string): Record<string, unknown> {
    return {
      type: `urn:action-plans:problem:${this.code.toLowerCase().replaceAll('_', '-')}`,
      title: PROBLEMS[this.code].title,
      status: this.status,
      detail: this.detail,
      code: this.code,
      requestId,
      ...(this.status === 400 ? { errors: this.options.errors ?? [] } : {}),
      ...this.options.extra,
    }
  }

  toResponse(requestId: string): Response {
    return new Response(JSON.stringify(this.toJson(requestId)), {
      status: this.status,
      headers: {
        'Content-Type': 'application/problem+json',
        // RFC 9110 §11.6.1: a 401 must carry a challenge.
        ...(this.status === 401 ? { 'WWW-Authenticate': 'SessionId, Bearer' } : {}),
        ...this.options.headers,
      },
    })
  }
}

/** A problem that may be gone in some seconds. */
export function tryLater(code: ProblemCode): Problem {
  return new Problem(code, undefined, { headers: { 'Retry-After': '5' } })
}

/** The most errors in one answer: a hostile request with a long list must not get an answer as long. */
export const MOST_ERRORS = 500

/** The 400 VALIDATION_FAILED that names all invalid members at once, up to MOST_ERRORS. */
export function invalid(errors: InputError[]): Problem {
  const names = [...new Set(errors.map((error) => error.path || 'the body'))]
  const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ' and more' : '')
  return new Problem('VALIDATION_FAILED', `Not valid: ${shown}.`, { errors: errors.slice(0, MOST_ERRORS) })
}

/** Throws 400 VALIDATION_FAILED if there is any error. */
export function throwIfInvalid(errors: InputError[]): void {
  if (errors.length > 0) throw invalid(errors)
}
