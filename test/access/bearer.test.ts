/** How a request names its session or access key: in one header or the other, but not two different ones. */
import { beforeAll, describe, expect, it } from 'vitest'
import { call, codeOf, ME, PLANS } from '../support/api.ts'
import { createWorld, openKey, openSession, type World } from '../support/world.ts'

let world: World
/** Live tokens. */
let tokens: { session: string; another: string; key: string }

beforeAll(async () => {
  world = await createWorld()
  const [another, key] = [await openSession(world.ana), await openKey(world.ana, 'WRITE')]
  tokens = { session: world.ana.session, another, key }
})

async function statusWith(headers: Record<string, string>, method = 'GET', path = ME): Promise<number> {
  const body = method === 'POST' ? { title: 'x' } : undefined
  return (await call(null, method, path, { body, headers })).status
}

describe.each(['session', 'key'] as const)('a %s', (kind) => {
  it.each<[string, (token: string) => Record<string, string>]>([
    ['SessionId', (token) => ({ SessionId: token })],
    ['Authorization', (token) => ({ Authorization: `Bearer ${token}` })],
    ['Authorization, in lower case', (token) => ({ Authorization: `bearer ${token}` })],
    ['Authorization, with blanks', (token) => ({ Authorization: ` BEARER   ${token}  ` })],
    ['both, twice the same', (token) => ({ SessionId: token, Authorization: `Bearer ${token}` })],
    ['SessionId beside another scheme', (token) => ({ SessionId: token, Authorization: 'Basic eDp5' })],
    ['SessionId beside no authorization', (token) => ({ SessionId: token, Authorization: '' })],
  ])('is known by %s, for reads and writes', async (_, put) => {
    expect(await statusWith(put(tokens[kind]))).toBe(200)
    expect(await statusWith(put(tokens[kind]), 'POST', PLANS)).toBe(200)
  })

  it.each<[string, (token: string) => Record<string, string>]>([
    [
      'beside another in Authorization',
      (token) => ({ SessionId: token, Authorization: `Bearer ${tokens.another}` }),
    ],
    [
      'in Authorization beside another',
      (token) => ({ SessionId: tokens.another, Authorization: `Bearer ${token}` }),
    ],
    [
      'in Authorization beside a malformed one',
      (token) => ({ SessionId: 'x', Authorization: `Bearer ${token}` }),
    ],
    [
      'in Authorization beside an empty one',
      (token) => ({ SessionId: '', Authorization: `Bearer ${token}` }),
    ],
    ['beside a malformed one in Authorization', (token) => ({ SessionId: token, Authorization: 'Bearer x' })],
    ['beside nothing after Bearer', (token) => ({ SessionId: token, Authorization: 'Bearer' })],
    [
      'beside a list after Bearer',
      (token) => ({ SessionId: token, Authorization: `Bearer ${token}, Bearer ${token}` }),
    ],
    ['after another word', (token) => ({ Authorization: `Bearer x ${token}` })],
    ['after a colon', (token) => ({ Authorization: `Bearer: ${token}` })],
    ['without a blank', (token) => ({ Authorization: `Bearer${token}` })],
  ])('is refused %s', async (_, put) => {
    const reply = await call(null, 'GET', ME, { headers: put(tokens[kind]) })
    expect([reply.status, codeOf(reply)]).toEqual([401, 'UNAUTHENTICATED'])
    expect(reply.headers.get('WWW-Authenticate')).toBe('SessionId, Bearer')
    for (const token of Object.values(tokens)) expect(reply.text).not.toContain(token)
  })
})
