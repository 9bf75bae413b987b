import { beforeAll, describe, expect, it } from 'vitest'
import { call, PLANS } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

const vars = { CORS_ORIGINS: 'https://app.example.com, https://admin.example.com' }
const known = 'https://admin.example.com'

let world: World

beforeAll(async () => {
  world = await createWorld()
})

async function allowed(
  method: string,
  headers: Record<string, string>,
  settings: typeof vars | object = vars,
) {
  const reply = await call(world.ana, method, PLANS, { headers, vars: settings })
  const names = ['Origin', 'Methods', 'Headers'].map((name) => `Access-Control-Allow-${name}`)
  return names.map((name) => reply.headers.get(name))
}

describe('another origin', () => {
  it('may call only when the setting names it, to the letter', async () => {
    expect(await allowed('GET', { Origin: known })).toEqual([known, null, null])
    for (const Origin of [
      'https://example.com',
      `${known}.evil.test`,
      `${known}/`,
      'http://admin.example.com',
      'null',
    ])
      expect(await allowed('GET', { Origin }), Origin).toEqual([null, null, null])
    expect(await allowed('GET', { Origin: known }, {})).toEqual([null, null, null])
  })

  it('learns from a preflight what it may send, and nothing when it is unknown', async () => {
    const preflight = { 'Access-Control-Request-Method': 'PATCH' }
    const [origin, methods, headers] = await allowed('OPTIONS', { ...preflight, Origin: known })
    expect(origin).toBe(known)
    expect(methods).toBe('GET, HEAD, POST, PATCH, DELETE')
    expect(headers).toContain('SessionId')
    expect(headers).toContain('Prefer')
    expect(headers).toContain('X-D1-Bookmark')
    expect(await allowed('OPTIONS', { ...preflight, Origin: 'https://evil.test' })).toEqual([
      null,
      null,
      null,
    ])
  })

  it('may never send cookies, and caches tell origins apart', async () => {
    const { headers } = await call(world.ana, 'GET', PLANS, { headers: { Origin: known }, vars })
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull()
    expect(headers.get('Vary')).toContain('Origin')
    expect(headers.get('Access-Control-Expose-Headers')).toContain('ETag')
    expect(headers.get('Access-Control-Expose-Headers')).toContain('X-D1-Bookmark')
    expect(headers.get('Access-Control-Expose-Headers')).toContain('Preference-Applied')
  })
})
