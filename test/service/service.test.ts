import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import changelog from '../../CHANGELOG.md?raw'
import { version } from '../../package.json'
import { endpoints } from '../../src/endpoints.ts'
import { checkHealth } from '../../src/service/health.ts'
import { newMeter } from '../../src/platform/database.ts'
import { PROBLEMS } from '../../src/platform/problem.ts'
import { call } from '../support/api.ts'
import { lineOf, logged } from '../support/log.ts'

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

async function readDocument(): Promise<Document> {
  const reply = await call<Document>(null, 'GET', '/openapi.json')
  expect(reply.status).toBe(200)
  return reply.body
}

describe('/openapi.json', () => {
  it('describes every endpoint once, and only what exists', async () => {
    const { openapi, paths } = await readDocument()
    expect(openapi).toBe('3.1.0')
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const mounted = endpoints.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    expect(described.sort()).toEqual(mounted.sort())
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('names the version of the package, of which the changelog tells', async () => {
    expect((await readDocument()).info.version).toBe(version)
    expect(changelog).toContain(`## [${version}] - `)
  })

  it('refers only to schemas that it holds, and closes the list of codes', async () => {
    const document = await readDocument()
    const text = JSON.stringify(document)
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name)
    }
    expect(text).not.toContain('$defs')
    expect(document.components.schemas.Problem).toMatchObject({
      properties: { code: { enum: Object.keys(PROBLEMS) } },
    })
    expect(document.components.securitySchemes).toMatchObject({ SessionId: { type: 'apiKey', in: 'header' } })
  })

  it('shows what the schemas check', async () => {
    const { components, paths } = await readDocument()
    expect(components.schemas.NewActionPlan).toMatchObject({
      required: ['title'],
      properties: { title: { type: 'string', minLength: 1, maxLength: 200 } },
    })
    const { parameters } = paths['/api/v1/company/action-plans']?.get ?? {}
    expect(parameters?.find(({ name }) => name === 'from')?.schema).toMatchObject({
      type: 'integer',
      format: 'int32',
    })
    expect(parameters?.find(({ name }) => name === 'status')?.schema).toEqual({
      $ref: '#/components/schemas/Status',
    })
  })
})

describe('the reference', () => {
  it.each(['/docs.md', '/llms.txt'])('%s names every path', async (path) => {
    const { text, status } = await call(null, 'GET', path)
    expect(status).toBe(200)
    for (const described of Object.keys((await readDocument()).paths)) expect(text).toContain(described)
    expect(text).not.toContain('undefined')
    expect(text).not.toContain('[object')
  })

  it('loads nothing from elsewhere', async () => {
    const page = await call(null, 'GET', '/docs')
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'; script-src 'self'")
    expect(page.text).not.toMatch(/(src|href)="https?:/)
    for (const [, file] of page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)) {
      const reply = await call(null, 'GET', file ?? '')
      expect([reply.status, reply.headers.get('Cache-Control')], file).toEqual([
        200,
        'no-store, no-transform',
      ])
    }
    expect((await call(null, 'GET', '/docs/package.json')).status).toBe(404)
  })
})

it('answers in form, and logs by name, when a variable of the deployment is wrong', async () => {
  const reply = await call(null, 'GET', '/healthz', { vars: { RATE_LIMITS: 'bogus' } })
  expect([reply.status, reply.body.code]).toEqual([500, 'INTERNAL'])
  expect(reply.text).not.toContain('RATE_LIMITS')
  expect(reply.body.requestId).toBe(reply.headers.get('X-Request-Id'))
  expect(reply.headers.get('Cache-Control')).toBe('no-store, no-transform')
  expect(reply.headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect(lineOf(reply.headers.get('X-Request-Id'))).toMatchObject({ status: 500 })
  expect(logged.at(-2)).toContain('Settings missing or not valid: RATE_LIMITS')
})

describe('/healthz', () => {
  it('is well', async () => {
    const { status, body } = await call(null, 'GET', '/healthz')
    expect([status, body]).toEqual([
      200,
      { status: 'ok', parts: { d1: true, kv: true, r2: true, queue: true } },
    ])
  })

  it('says which part does not answer, and looks at most every 10 s', async () => {
    const later = Date.now() + 60_000
    vi.spyOn(env.FILES, 'head').mockRejectedValueOnce(new Error('down'))
    const ill = { d1: true, kv: true, r2: false, queue: true }
    expect(await checkHealth(env, newMeter(), later)).toEqual(ill)
    expect(await checkHealth(env, newMeter(), later + 9_999)).toEqual(ill)
    expect(await checkHealth(env, newMeter(), later + 10_000)).toEqual({ ...ill, r2: true })
  })
})
