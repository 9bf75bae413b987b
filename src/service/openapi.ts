/** The OpenAPI 3.1 document, made from the endpoints that the app mounts and the schemas that validate. */
import type * as z from 'zod'
import { version } from '../../package.json'
import type { UploadContract } from '../platform/body.ts'
import type { Endpoint } from '../platform/endpoint.ts'
import { isStrict } from '../platform/input.ts'
import { LIMITS } from '../platform/limits.ts'
import { PROBLEMS, type ProblemCode } from '../platform/problem.ts'
import { addBookmarks } from './bookmarks.ts'
import { isConditional, parameters, preferences } from './parameters.ts'
import { closeBody } from './request-bodies.ts'
import { type Components, type Json, problemExample, problemSchema, schemaOf } from './schemas.ts'

const MEDIA_TYPE = 'application/json'

/** What each tag is about, in the order of the reference. */
const TAGS: Record<string, string> = {
  Sessions: 'People sign in with a code from an e-mail, and get a session that every other request names.',
  'Access Keys': 'Programs sign in with a key that acts as the user who made it.',
  'Action Plans': 'A plan is a named container of actions under a shared goal.',
  Actions: 'One improvement, always in exactly one plan, with assignees who each have a state of their own.',
  Notes: 'What people write down while they carry out an action.',
  Imports:
    'Plans and actions from elsewhere, as a workbook or lines of JSON: checked first, then stored whole or not at all.',
  Exports: 'A plan as an Excel workbook: requested, built, stored, mailed as a link that expires.',
  History: 'What happened to plans, actions and notes, as far as one may read them.',
  Webhooks:
    'Addresses that are sent what happens, signed as Standard Webhooks says, with ids only: a receiver reads the rest.',
  Company: 'The company that one belongs to, and oneself.',
  Reminders: 'Mails about open work that needs attention, and the address in each that switches them off.',
  Users:
    'The people of the company. Nobody is deleted, only deactivated; of whom is, name and address can be erased.',
  Hierarchies: 'The areas of the company, as a tree.',
  Service: 'The service itself: health, and this reference in every form.',
}

/**
 * The OpenAPI document of these endpoints.
 * @param publicUrl where the service is reached
 * @param hasReplicas whether reads may be answered by replicas, so that answers tell which state they show
 */
export function describe(endpoints: readonly Endpoint[], publicUrl: string, hasReplicas = false): Json {
  const schemas: Components = { Problem: problemSchema() }
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint, schemas) }
  }
  if (hasReplicas) addBookmarks(paths, endpoints)
  for (const endpoint of endpoints) closeBody(endpoint, schemas)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Action Plans',
      version,
      description:
        'Action plans for people teams: plans of improvement actions, and Excel exports that arrive by e-mail as links that expire. Every path also answers HEAD where it answers GET, OPTIONS with 204 and `Allow`, and 405 with `Allow` to any other method.\n\n' +
        'Unknown members and query parameters are a 400 that names them; read-only members of a representation are ignored, so that a body that was read can be sent back. The `status` and `assignees` of an action are refused where they differ.\n\n' +
        'A company manager is a user with the role ADMIN or MANAGER. An EMPLOYEE uses what is under `/api/v1/company/me` alone. A legacy plan has no creator, since it was imported.\n\n' +
        describeLimits(),
      contact: { name: 'Action Plans', url: publicUrl },
      license: { name: 'Proprietary', url: publicUrl },
    },
    servers: [{ url: publicUrl.replace(/\/+$/, '') }],
    tags: Object.entries(TAGS)
      .filter(([name]) => endpoints.some(({ tag }) => tag === name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        SessionId: {
          type: 'apiKey',
          in: 'header',
          name: 'SessionId',
          description:
            'The `sessionId` that `POST /api/v1/sessions` answers, or an access key. `npm run dev` prints a session that is ready to use.',
        },
        Bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The same in the header `Authorization`: an access key, or a `sessionId`.',
        },
      },
    },
  }
}

/** The limits as a Markdown list. The limit per company is a setting, so only its default is given. */
function describeLimits(): string {
  const lines = Object.entries(LIMITS).map(
    ([name, { most, of }]) => `- \`${name}\`: ${most.toLocaleString('en')} ${of}`,
  )
  return [
    'Limits; what is stored beyond one is refused with 409 and its name in `limit`:',
    '',
    ...lines,
    '- `bytesPerCompany`: what is kept for a company, texts and 500 bytes a row, 1 GiB unless configured otherwise',
  ].join('\n')
}

function operation(endpoint: Endpoint, schemas: Components): Json {
  return {
    operationId: endpoint.operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: descriptionOf(endpoint) }),
    security: endpoint.access === 'public' ? [] : [{ SessionId: [] }, { Bearer: [] }],
    parameters: parameters(endpoint, schemas),
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: jsonContent(endpoint.body, 'input', schemas, endpoint.example?.body),
          },
        }),
    ...(endpoint.upload === undefined
      ? {}
      : { requestBody: { required: true, content: uploadContent(endpoint.upload) } }),
    ...(endpoint.form === true ? { requestBody: FORM } : {}),
    responses: responses(endpoint, schemas),
  }
}

/** The endpoint's own description; endpoints that no access key may use say so. */
function descriptionOf({ description = '', access, openToKeys }: Endpoint): string {
  return access === 'public' || openToKeys ? description : `${description} Not for access keys.`
}

/** A form without fields: nothing in it is read. */
const FORM: Json = {
  required: false,
  content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
}

/** The kinds of files that an endpoint takes: what is no workbook is lines of JSON. */
function uploadContent({ mediaTypes, example }: UploadContract): Json {
  return Object.fromEntries(
    mediaTypes.map((mediaType, index) => [
      mediaType,
      {
        schema: mediaType.endsWith('json') ? { type: 'string' } : { type: 'string', format: 'binary' },
        ...(index === 0 ? { example } : {}),
      },
    ]),
  )
}

const textHeader = { schema: { type: 'string' } }

/** The schema of a body that is not JSON. */
function textOf(mediaType: string): Json {
  return mediaType.startsWith('text/') ? { type: 'string' } : { type: 'string', format: 'binary' }
}

function named(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, textHeader]))
}

function responses(endpoint: Endpoint, schemas: Components): Json {
  const { answer } = endpoint
  const headers = {
    ...(answer.tagged === true ? { ETag: textHeader } : {}),
    ...(answer.located === true ? { Location: textHeader } : {}),
    ...(endpoint.idempotent === true ? { 'Idempotent-Replayed': textHeader } : {}),
    ...(preferences(endpoint) === undefined ? {} : { 'Preference-Applied': textHeader }),
    ...named(answer.headers ?? []),
    'X-Request-Id': textHeader,
  }
  const schema = answer.schema ?? answer.preferred
  const content =
    schema !== undefined
      ? { content: jsonContent(schema, 'output', schemas, answer.example) }
      : answer.mediaType !== undefined
        ? {
            content: Object.fromEntries(
              [answer.mediaType].flat().map((type) => [type, { schema: textOf(type) }]),
            ),
          }
        : {}
  const byStatus = Map.groupBy(problemsOf(endpoint), (code) => PROBLEMS[code].status)
  const problems = [...byStatus]
    .sort(([left], [right]) => left - right)
    .map(([status, codes]): [string, Json] => [
      String(status),
      {
        description: codes.map((code) => `${code}: ${PROBLEMS[code].title}`).join('; '),
        headers: {
          'X-Request-Id': textHeader,
          ...(status === 401 ? { 'WWW-Authenticate': textHeader } : {}),
          ...(status === 429 || status === 503 || codes.includes('WRITE_CONFLICT')
            ? { 'Retry-After': textHeader }
            : {}),
        },
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            example: problemExample(codes[0] ?? 'INTERNAL'),
          },
          ...(endpoint.pages === true && (status === 403 || status === 410)
            ? { 'text/html': { schema: textOf('text/html') } }
            : {}),
        },
      },
    ])
  const notModified =
    answer.tagged === true && endpoint.method === 'GET'
      ? { 304: { description: 'Not modified', headers: { ETag: textHeader, 'X-Request-Id': textHeader } } }
      : {}
  return {
    [String(answer.status)]: { description: answer.description, headers, ...content },
    ...notModified,
    ...Object.fromEntries(
      (endpoint.furtherAnswers ?? []).map(({ status, description, headers: names }) => [
        String(status),
        {
          description,
          headers: { ...named(names), 'X-Request-Id': textHeader },
          ...(status === 304 ? {} : content),
        },
      ]),
    ),
    ...Object.fromEntries(problems),
    ...(problems.some(([status]) => status.startsWith('4')) ? {} : refusedBefore),
  }
}

/** Of an operation that refuses nothing itself. */
const refusedBefore = {
  '4XX': { description: 'Refused before it reached the service, as headers that are too large are' },
}

/** The endpoint's own problems, and those that follow from its access, input and headers. */
function problemsOf({
  access,
  openToKeys,
  body,
  upload,
  query,
  idempotent,
  method,
  problems,
  unlimited,
  form,
  answer,
}: Endpoint): ProblemCode[] {
  const implied: ProblemCode[] = ['INTERNAL']
  if (!unlimited) implied.push('RATE_LIMITED')
  if (access !== 'public') implied.push('UNAUTHENTICATED', 'DATABASE_UNAVAILABLE')
  // A role may be refused, and a key wherever more than reading is asked for.
  if (access === 'manager' || access === 'admin') implied.push('FORBIDDEN')
  if (access === 'session' && !(openToKeys && method === 'GET')) implied.push('FORBIDDEN')
  if (body !== undefined) {
    implied.push('VALIDATION_FAILED', 'MALFORMED_BODY', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE')
  }
  if (upload !== undefined) implied.push('MALFORMED_BODY', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'BUSY')
  if (form === true) implied.push('MALFORMED_BODY', 'BODY_TOO_LARGE')
  if (query !== undefined || isStrict({ access, body })) implied.push('VALIDATION_FAILED')
  if (answer.heavy === true) implied.push('BUSY')
  if (access !== 'public' && (method === 'POST' || method === 'PATCH')) implied.push('COMPANY_FULL')
  if (idempotent === true)
    implied.push('VALIDATION_FAILED', 'MALFORMED_BODY', 'BODY_TOO_LARGE', 'IDEMPOTENCY_KEY_REUSED')
  if (isConditional(method, access)) implied.push('PRECONDITION_FAILED')
  if (access !== 'public' && method !== 'GET') implied.push('WRITE_CONFLICT', 'COMPANY_MOVING')
  return [...new Set([...problems, ...implied])]
}

function jsonContent(
  schema: z.ZodType,
  io: 'input' | 'output',
  components: Components,
  example: unknown,
): Json {
  const described = schemaOf(schema, io, components)
  return { [MEDIA_TYPE]: { schema: described, ...(example === undefined ? {} : { example }) } }
}
