import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import type { Endpoint } from '../../src/platform/endpoint.ts'
import { LIMITS } from '../../src/platform/limits.ts'
import { call, codeOf, namedPaths, type Reply, type Slice } from '../support/api.ts'
import { type Dump, dumpDatabase } from '../support/dump.ts'
import { pretendSent } from '../support/exports.ts'
import { insertEntries } from '../support/factories.ts'
import type { OverviewView } from '../../src/portfolio/schemas.ts'
import { HOME } from '../support/home.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'
import { createEstate, type Estate, guessedEstate, type Kind, MALFORMED_IDS } from './estate.ts'
import { bodyOf, idMember, pathOf, ROWS } from './rows.ts'

let world: World
let own: Estate
let foreign: Estate
let guessed: Estate
let before: Dump

beforeAll(async () => {
  world = await createWorld(HOME)
  own = await createEstate(world.ana, world.marc, 'own')
  const other = await createPerson(world.gus.companyId, 'MANAGER', 'Foreign mark')
  foreign = await createEstate(world.gus, other, 'foreign mark')
  await pretendSent(foreign.export)
  for (const [{ companyId }, { plan, action, user }] of [
    [world.ana, own],
    [world.gus, foreign],
  ] as const) {
    const title = companyId === world.companyId ? 'Own' : 'Foreign mark'
    const type = 'action.updated' as const
    await insertEntries([{ companyId, type, title, planId: plan, actionId: action, actorId: user }])
  }
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
  return [status, text.replace(/"(requestId|cursor)":"[^"]*"/, ''), ...named]
}

/** Answers to the same request of somebody with the same right, once with a foreign and once with a guessed id. */
async function both(ask: (estate: Estate) => Promise<Reply>): Promise<Reply> {
  const reply = await ask(foreign)
  expect(essence(reply)).toEqual(essence(await ask(guessed)))
  expect(reply.text).not.toContain('oreign mark')
  return reply
}

/** A slice, or a page of the history. */
type Found = Slice<unknown> | { entries: unknown[] } | OverviewView

function itemsOf({ body }: Reply<Found>): unknown[] {
  if ('actions' in body) return Array.from({ length: body.actions })
  return 'entries' in body ? body.entries : body.result
}

async function request(
  who: Person,
  endpoint: Endpoint,
  path: string,
  body = bodyOf(endpoint, own),
): Promise<Reply> {
  return call(who, endpoint.method, path, body === undefined ? {} : { body })
}

describe.each(cases('path'))('%s with the {%s} of another company', (_, _name, kind, endpoint) => {
  const at = (estate: Estate) => pathOf(endpoint, { ...own, [kind]: estate[kind] })

  it('is 404, just like one that exists nowhere', async () => {
    const reply = await both((estate) => request(world.ana, endpoint, at(estate)))
    expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND'])
  })

  it.each(MALFORMED_IDS)('is 404 when it is malformed: %s', async (id) => {
    expect((await request(world.ana, endpoint, at({ ...own, [kind]: id }))).status).toBe(404)
  })

  it.each(['If-Match', 'If-None-Match'])('does not show through the condition %s', async (header) => {
    const reply = await both((estate) =>
      call(world.ana, endpoint.method, at(estate), {
        headers: { [header]: '*' },
        ...(endpoint.body === undefined ? {} : { body: bodyOf(endpoint, own) }),
      }),
    )
    expect(reply.status).toBe(404)
  })
})

describe.each(cases('query'))('%s with the ?%s= of another company', (_, name, kind, endpoint) => {
  const ask = (id: string) => call<Found>(world.ana, 'GET', `${pathOf(endpoint, own)}?${name}=${id}`)

  it('matches nothing', async () => {
    expect(itemsOf(await ask(own[kind])).length).toBeGreaterThan(0)
    const reply = await ask(foreign[kind])
    expect(itemsOf(reply)).toEqual([])
    if ('more' in reply.body) expect(reply.body.more).toBe(false)
    if ('total' in reply.body) expect(reply.body.total).toBe(0)
    expect(essence(await ask(guessed[kind]))).toEqual(essence(reply))
  })

  it.each(MALFORMED_IDS)('is a 400 that names it when it is malformed: %s', async (id) => {
    const reply = await ask(id)
    expect([reply.status, namedPaths(reply)]).toEqual([400, [name]])
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

  it.each(MALFORMED_IDS)('is 400 at that member when it is malformed: %s', async (id) => {
    const reply = await send(decodeURIComponent(id))
    expect(reply.status).toBe(400)
    expect(named(reply), reply.text).toBe(true)
  })
})

describe('what another company has', () => {
  const lists = guarded.filter(({ operationId }) => operationId.startsWith('list'))

  it.each(lists.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    'is neither in the list nor in the total of %s',
    async (_, endpoint) => {
      // The tree of areas comes whole.
      const query = endpoint.query ? `?to=${LIMITS.itemsPerSlice.most}` : ''
      const path = pathOf(endpoint, own) + query
      const reply = await call<Slice<{ id: string }>>(world.ana, 'GET', path)
      expect(reply.status).toBe(200)
      expect(reply.body.total).toBe(reply.body.result.length)
      for (const id of [...Object.values(foreign), world.gus.companyId]) expect(reply.text).not.toContain(id)
    },
  )

  it.each(['action-plans', 'actions', 'users'])('is found by no search among %s', async (path) => {
    const reply = await call<Slice<unknown>>(world.ana, 'GET', `/api/v1/company/${path}?q=foreign%20mark`)
    expect(reply.body).toEqual({ from: 0, to: 0, total: 0, result: [] })
  })

  it('has not changed after all that, nor has anything else', async () => {
    expect(await dumpDatabase()).toEqual(before)
  })
})
