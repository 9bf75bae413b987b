import { beforeAll, describe, expect, it } from 'vitest'
import changelog from '../../CHANGELOG.md?raw'
import { version } from '../../package.json'
import { endpoints } from '../../src/endpoints.ts'
import { PROBLEMS } from '../../src/platform/problem.ts'
import { call } from '../support/api.ts'

interface Operation {
  operationId: string
  parameters: { name: string; schema: object }[]
}

interface Document {
  openapi: string
  info: { version: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> }
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

describe.each(['/docs.md', '/llms.txt'])('%s', (path) => {
  it('names every path, and every value as text', async () => {
    const { text, status } = await call(null, 'GET', path)
    expect(status).toBe(200)
    for (const described of Object.keys(document.paths)) expect(text).toContain(described)
    expect(text).not.toMatch(/undefined|\[object/)
  })
})
