import { env } from 'cloudflare:workers'
import { type Schema, Validator } from '@cfworker/json-schema'
import { beforeAll, describe, expect, it } from 'vitest'
import changelog from '../../CHANGELOG.md?raw'
import { version } from '../../package.json'
import { endpoints } from '../../src/endpoints.ts'
import { PROBLEMS } from '../../src/platform/problem.ts'
import { call } from '../support/api.ts'

interface Body {
  headers?: Record<string, unknown>
  content?: Record<string, { schema?: Schema; example?: unknown }>
}

interface Parameter {
  name: string
  in: string
  required: boolean
  schema: Schema
  example?: unknown
}

interface Operation {
  operationId: string
  description?: string
  tags: string[]
  parameters: Parameter[]
  requestBody?: Body
  responses: Record<string, Body>
}

interface Document {
  openapi: string
  info: { version: string }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> }
}

let document: Document

beforeAll(async () => {
  const reply = await call<Document>(null, 'GET', '/openapi.json')
  expect(reply.status).toBe(200)
  document = reply.body
})

const operations = () => Object.values(document.paths).flatMap((methods) => Object.values(methods))

describe('/openapi.json', () => {
  it('is of OpenAPI 3.1', () => {
    expect(document.openapi).toBe('3.1.0')
  })

  it('names the version of the package, which is the newest of the changelog', () => {
    expect(document.info.version).toBe(version)
    expect(/^## \[(.+?)\] - /m.exec(changelog)?.[1]).toBe(version)
  })

  it('names bookmarks where reads may be answered by replicas', async () => {
    const { body } = await call<Document>(null, 'GET', '/openapi.json', { vars: { READ_REPLICAS: 'on' } })
    expect(JSON.stringify(document)).not.toContain('X-D1-Bookmark')
    for (const endpoint of endpoints) {
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
      const operation = body.paths[path]?.[endpoint.method.toLowerCase()]
      const isAsked = operation?.parameters.some(({ name }) => name === 'X-D1-Bookmark')
      const headers = operation?.responses[String(endpoint.answer.status)]?.headers ?? {}
      const isTold = endpoint.access !== 'public' || ['signIn', 'getCalendar'].includes(endpoint.operationId)
      expect('X-D1-Bookmark' in headers, endpoint.operationId).toBe(isTold)
      expect(isAsked, endpoint.operationId).toBe(isTold && endpoint.method === 'GET')
    }
  })

  it('describes every endpoint, and only what exists', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const mounted = endpoints.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    expect(described.sort()).toEqual(mounted.sort())
  })

  it('gives each operation an id of its own', () => {
    const ids = operations().map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('refers only to schemas that it holds', () => {
    const text = JSON.stringify(document)
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name)
    expect(text).not.toContain('$defs')
  })

  it('closes the list of problem codes', () => {
    const properties = { code: { enum: Object.keys(PROBLEMS) } }
    expect(document.components.schemas.Problem).toMatchObject({ properties })
  })

  it('says that the session goes into a header', () => {
    expect(document.components.securitySchemes).toMatchObject({ SessionId: { type: 'apiKey', in: 'header' } })
  })

  it('shows what the schema of a body checks', () => {
    expect(document.components.schemas.NewActionPlan).toMatchObject({
      required: ['title'],
      properties: { title: { type: 'string', minLength: 1, maxLength: 200 } },
    })
  })

  it('closes bodies, at any depth, to all but what is only shown', () => {
    const { NewAction, ActionPatch, Transition } = document.components.schemas
    expect(NewAction).toMatchObject({
      additionalProperties: false,
      properties: { id: { readOnly: true }, status: { readOnly: true }, assignees: { readOnly: true } },
    })
    const focusItems = { anyOf: [{ items: { additionalProperties: false } }, { type: 'null' }] }
    expect(ActionPatch).toMatchObject({ additionalProperties: false, properties: { focusItems } })
    expect(JSON.stringify(ActionPatch)).not.toContain('"additionalProperties":true')
    expect(Object.keys((Transition as { properties: object }).properties)).toEqual(['to', 'assigneeId'])
  })

  it('says that a due date may be a date', () => {
    const formats = { anyOf: [{ format: 'date-time' }, { format: 'date' }] }
    const dueDate = { anyOf: [formats, { type: 'null' }] }
    expect(document.components.schemas.NewAction).toMatchObject({ properties: { dueDate } })
  })

  it('names the header Prefer where it has an effect', () => {
    const prefers = operations()
      .filter(({ parameters }) => parameters.some(({ name }) => name === 'Prefer'))
      .map(({ operationId }) => operationId)
    const strict = endpoints.filter(({ access, body }) => access !== 'public' || body !== undefined)
    expect(prefers.sort()).toEqual(strict.map(({ operationId }) => operationId).sort())
  })

  it('shows what the schema of a query checks', () => {
    const { parameters = [] } = document.paths['/api/v1/company/action-plans']?.get ?? {}
    const schemaOf = (parameter: string) => parameters.find(({ name }) => name === parameter)?.schema
    expect(schemaOf('from')).toMatchObject({ type: 'integer', format: 'int32' })
    expect(schemaOf('status')).toEqual({ $ref: '#/components/schemas/Status' })
  })

  it.each(['action-plans', 'actions'])('describes the filters on due dates in the list of %s', (list) => {
    const { parameters = [] } = document.paths[`/api/v1/company/${list}`]?.get ?? {}
    const described = (parameter: string) => parameters.find(({ name }) => name === parameter)
    expect(described('overdue')).toMatchObject({ required: false, schema: { type: 'boolean' } })
    for (const name of ['dueFrom', 'dueTo']) {
      const description = expect.stringContaining("in the company's time zone") as string
      expect(described(name)).toMatchObject({ required: false, description, schema: { type: 'string' } })
    }
  })
})

/** What does not fit the schema, in words. */
function complaints(schema: Schema, value: unknown): string[] {
  const { components } = document
  const { errors } = new Validator({ ...schema, components }, '2020-12').validate(value)
  return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`)
}

const each = () => operations().map((operation) => [operation.operationId, operation] as const)

describe('the examples of the document', () => {
  it('are there for every body, valid for their schemas', () => {
    for (const [operationId, { requestBody, responses }] of each()) {
      const bodies = [requestBody ?? {}, ...Object.values(responses)].flatMap(({ content = {} }) =>
        Object.entries(content).filter(([mediaType]) => mediaType.includes('json')),
      )
      for (const [, { schema = {}, example }] of bodies) {
        expect(example, operationId).toBeDefined()
        expect(complaints(schema, example), operationId).toEqual([])
      }
    }
  })

  it('fill in every required parameter, valid for its schema, and no other', () => {
    for (const [operationId, { parameters }] of each())
      for (const { name, required, schema, example } of parameters) {
        expect(example !== undefined, `${operationId} ${name}`).toBe(required)
        if (required) expect(complaints(schema, example), `${operationId} ${name}`).toEqual([])
        // Swagger UI would send these too.
        expect(schema, `${operationId} ${name}`).not.toHaveProperty('example')
        expect(schema, `${operationId} ${name}`).not.toHaveProperty('default')
      }
  })

  it('show no number that nobody would see, and no booleans as text', () => {
    const text = JSON.stringify(document)
    expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER))
    expect(text).not.toMatch(/"(active|overdue|reminders)":"/)
  })

  it('use an id that others need nowhere to delete something', () => {
    const idsOf = ({ parameters }: Operation) =>
      parameters.filter(({ in: place }) => place === 'path').map(({ example }) => String(example))
    const entries = Object.values(document.paths).flatMap((methods) => Object.entries(methods))
    const deleted = entries
      .filter(([method]) => method === 'delete')
      .map(([, operation]) => idsOf(operation).at(-1))
    const used = JSON.stringify(entries.filter(([method]) => method !== 'delete'))
    for (const id of deleted) if (id !== undefined) expect(used).not.toContain(id)
  })
})

describe('the document for those who write clients', () => {
  it('says where the service is reached', () => {
    expect(document.servers).toEqual([{ url: env.PUBLIC_URL }])
  })

  it('describes every operation and every tag', () => {
    for (const [operationId, { description }] of each()) expect(description, operationId).toBeTruthy()
    for (const [operationId, { tags }] of each())
      expect(
        document.tags.filter(({ description }) => description).map(({ name }) => name),
        operationId,
      ).toEqual(expect.arrayContaining(tags))
  })

  it('leaves answers open to new members', () => {
    const answers = each().flatMap(([, { responses }]) => Object.values(responses))
    const text = JSON.stringify([
      answers,
      document.components.schemas.ActionPlan,
      document.components.schemas.Action,
    ])
    expect(text).not.toContain('"additionalProperties":false')
  })

  it('tells the media types of /docs/{file}', () => {
    const { content = {} } = document.paths['/docs/{file}']?.get?.responses['200'] ?? {}
    expect(Object.keys(content)).toEqual(['text/javascript', 'text/css'])
  })

  it('points from a plan to the slices of its actions', () => {
    const description = document.paths['/api/v1/company/action-plans/{planId}']?.get?.description
    expect(description).toContain('`GET /api/v1/company/actions?planId=`')
  })
})

describe.each(['/docs.md', '/llms.txt'])('%s', (path) => {
  it('names every path, and every value as text', async () => {
    const { text, status } = await call(null, 'GET', path)
    expect(status).toBe(200)
    for (const described of Object.keys(document.paths)) expect(text).toContain(described)
    expect(text).not.toMatch(/undefined|\[object/)
  })
})

describe('/docs.md', () => {
  it('walks from sign-in to workbook in curl, against this service', async () => {
    const { text } = await call(null, 'GET', '/docs.md')
    const chapter = text.split('\n## ').find((each) => each.startsWith('From sign-in to workbook')) ?? ''
    expect(chapter).toContain(`API=\${API:-${env.PUBLIC_URL}}`)
    for (const path of ['/sign-in-codes', '/sessions', '/action-plans', '/actions', '/excel', '/links'])
      expect(chapter).toMatch(new RegExp(`^.*curl .*${path}`, 'm'))
  })

  it('shows each operation in curl as the reference pre-fills it', async () => {
    const { text } = await call(null, 'GET', '/docs.md')
    for (const [operationId, { requestBody }] of each()) {
      const body = Object.values(requestBody?.content ?? {})[0]?.example
      const sent = typeof body === 'string' ? body : JSON.stringify(body)
      if (body !== undefined) expect(text, operationId).toContain(` '${sent}'`)
    }
    expect(text.match(/^curl -X /gm)).toHaveLength(each().length)
  })
})

describe('/llms.txt', () => {
  it('links each operation to its heading in /docs.md', async () => {
    const { text } = await call(null, 'GET', '/llms.txt')
    const reference = await call(null, 'GET', '/docs.md')
    const anchors = [...reference.text.matchAll(/^### (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^a-z0-9_ -]/g, '')
        .replaceAll(' ', '-'),
    )
    const linked = [...text.matchAll(/\/docs\.md#([^)]+)\)/g)].map(([, anchor]) => anchor)
    expect(linked.length).toBeGreaterThan(each().length)
    for (const anchor of linked.slice(1)) expect(anchors).toContain(anchor)
    expect(new Set(linked).size).toBe(linked.length)
  })
})
