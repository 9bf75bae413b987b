import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import type { Endpoint } from '../../src/platform/endpoint.ts'
import { call, codeOf, namedPaths, type Reply, type Slice } from '../support/api.ts'
import { type Dump, dumpDatabase } from '../support/dump.ts'
import { pretendSent } from '../support/exports.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'
import { createEstate, type Estate, guessedEstate, type Kind, MALFORMED_IDS } from './estate.ts'
import { bodyOf, idMember, pathOf, ROWS } from './rows.ts'

let world: World
let own: Estate
let foreign: Estate
let guessed: Estate
let before: Dump

beforeAll(async () => {
  world = await createWorld()
  own = await createEstate(world.ana, world.marc, 'own')
  const other = await createPerson(world.gus.companyId, 'MANAGER', 'Foreign mark')
  foreign = await createEstate(world.gus, other, 'foreign mark')
  await pretendSent(foreign.export)
  guessed = guessedEstate()
  before = await dumpDatabase()
})

const guarded = endpoints.filter(({ access }) => access !== 'public')
const cases = (part: 'path' | 'query' | 'bodyIds') =>
  guarded.flatMap((endpoint) =>
    Object.entries(ROWS[endpoint.operationId]?.[part] ?? {}).map(
      ([name, kind]) => [endpoint.operationId, name, kind, endpoint] as const,
    ),
  )

/** All but what differs from request to request. */
function essence({ status, text, headers }: Reply<object>): unknown[] {
  const named = ['ETag', 'Location', 'Content-Type', 'Retry-After'].map((name) => headers.get(name))
  return [status, text.replace(/"requestId":"[^"]*"/, ''), ...named]
}

/** Answers to the same request of somebody with the same right, once with a foreign and once with a guessed id. */
async function both(ask: (estate: Estate) => Promise<Reply>): Promise<Reply> {
  const reply = await ask(foreign)
  expect(essence(reply)).toEqual(essence(await ask(guessed)))
  expect(reply.text).not.toContain('oreign mark')
  return reply
}

async function request(
  who: Person,
  endpoint: Endpoint,
  path: string,
  body = bodyOf(endpoint, own),
): Promise<Reply> {
  return call(who, endpoint.method, path, body === undefined ? {} : { body })
}

describe.each(cases('path'))('%s with the {%s} of another company', (_, name, kind, endpoint) => {
  const at = (estate: Estate) => pathOf(endpoint, { ...own, [kind]: estate[kind] })

  it('is 404, just like one that exists nowhere', async () => {
    const reply = await both((estate) => request(world.ana, endpoint, at(estate)))
    expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND'])
  })

  it('is 404 when malformed', async () => {
    for (const id of MALFORMED_IDS) {
      const reply = await request(world.ana, endpoint, at({ ...own, [kind]: id }))
      expect(reply.status, `${name} ${id}`).toBe(404)
    }
  })

  it('does not show through a condition', async () => {
    for (const header of ['If-Match', 'If-None-Match']) {
      const reply = await both((estate) =>
        call(world.ana, endpoint.method, at(estate), {
          headers: { [header]: '*' },
          ...(endpoint.body === undefined ? {} : { body: bodyOf(endpoint, own) }),
        }),
      )
      expect(reply.status, header).toBe(404)
    }
  })
})

describe.each(cases('query'))('%s with the ?%s= of another company', (_, name, kind, endpoint) => {
  const ask = (id: string) => call<Slice<unknown>>(world.ana, 'GET', `${pathOf(endpoint, own)}?${name}=${id}`)

  it('matches nothing', async () => {
    expect((await ask(own[kind])).body.total).toBeGreaterThan(0)
    const reply = await ask(foreign[kind])
    expect(reply.body).toEqual({ from: 0, to: 0, total: 0, result: [] })
    expect(essence(await ask(guessed[kind]))).toEqual(essence(reply))
  })

  it('is 400 when malformed, and names it', async () => {
    for (const id of MALFORMED_IDS) {
      const reply = await ask(id)
      expect([reply.status, namedPaths(reply)], id).toEqual([400, [name]])
    }
  })
})

describe.each(cases('bodyIds'))('%s with the "%s" of another company', (_, name, kind: Kind, endpoint) => {
  const send = (id: string) =>
    request(world.ana, endpoint, pathOf(endpoint, own), {
      ...bodyOf(endpoint, own),
      [name]: idMember(name, id),
    })
  const named = (reply: Reply) =>
    namedPaths(reply).every((path) => path === name || path.startsWith(`${name}.`))

  it('is 400 at that member, just like one that exists nowhere', async () => {
    const reply = await both((estate) => send(estate[kind]))
    expect(reply.status).toBe(400)
    expect(namedPaths(reply).length).toBeGreaterThan(0)
    expect(named(reply), reply.text).toBe(true)
  })

  it('is 400 at that member when malformed', async () => {
    for (const id of MALFORMED_IDS) {
      const reply = await send(decodeURIComponent(id))
      expect(reply.status, id).toBe(400)
      expect(named(reply), reply.text).toBe(true)
    }
  })
})

describe('what another company has', () => {
  it('is in no list and no total', async () => {
    for (const endpoint of guarded.filter(({ operationId }) => operationId.startsWith('list'))) {
      const reply = await call<Slice<{ id: string }>>(world.ana, 'GET', `${pathOf(endpoint, own)}?to=100`)
      expect(reply.status, endpoint.operationId).toBe(200)
      expect(reply.body.total, endpoint.operationId).toBe(reply.body.result.length)
      for (const id of Object.values(foreign)) expect(reply.text, endpoint.operationId).not.toContain(id)
      expect(reply.text).not.toContain(world.gus.companyId)
    }
  })

  it('is found by no search', async () => {
    for (const path of ['action-plans', 'actions', 'users']) {
      const reply = await call<Slice<unknown>>(world.ana, 'GET', `/api/v1/company/${path}?q=foreign%20mark`)
      expect(reply.body, path).toEqual({ from: 0, to: 0, total: 0, result: [] })
    }
  })

  it('has not changed after all that, nor has anything else', async () => {
    expect(await dumpDatabase()).toEqual(before)
  })
})
