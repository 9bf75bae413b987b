import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { users } from '../../src/db/schema.ts'
import { endpoints } from '../../src/endpoints.ts'
import type { Endpoint } from '../../src/platform/endpoint.ts'
import { representationOf } from '../../src/platform/input.ts'
import { objectIn } from '../../src/platform/known-members.ts'
import { call, namedPaths, type Reply } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'
import { createEstate, type Estate } from './estate.ts'
import { bodyOf, pathOf, ROWS } from './rows.ts'
import { home } from '../support/home.ts'

let world: World
let own: Estate

beforeEach(async () => {
  world = await createWorld()
  own = await createEstate(world.ana, world.marc, 'own')
})

/** Members that no request may set, each with a value that no answer has otherwise. */
const forbidden = () => ({
  id: 'f'.repeat(24),
  companyId: world.gus.companyId,
  company_id: world.gus.companyId,
  createdBy: world.gus.id,
  created_by: world.gus.id,
  authorId: world.gus.id,
  requestedBy: world.gus.id,
  createdAt: '1999-01-01T00:00:00.000Z',
  created_at: 1,
  updatedAt: '1999-01-01T00:00:00.000Z',
  completionPercent: 99,
  status: 'COMPLETED',
  overdue: true,
  startedAt: '1999-01-01T00:00:00.000Z',
  finishedAt: '1999-01-01T00:00:00.000Z',
  noteCount: 99,
  childCount: 99,
  revision: 99,
  rowVersion: 99,
  treeRevision: 99,
  isAdmin: true,
})

type Body = Record<string, unknown>

/** Members that filter, where they are taken, and set nothing. */
const FILTERS: Record<string, readonly string[]> = { exportPortfolio: ['status', 'overdue'] }

/** Those of the forbidden members that an endpoint's request does not take. */
function hiddenFrom({ operationId }: Endpoint): Body {
  const filters = FILTERS[operationId] ?? []
  const taken = new Set([...Object.keys(ROWS[operationId]?.bodyIds ?? {}), 'parentId', ...filters])
  return Object.fromEntries(Object.entries(forbidden()).filter(([name]) => !taken.has(name)))
}

/** The same members as own ones, behind `__proto__`, and behind `constructor.prototype`; and the names at fault. */
const smuggled: [string, (body: Body, hidden: Body) => string, (hidden: string[]) => string[]][] = [
  ['as members', (body, hidden) => JSON.stringify({ ...hidden, ...body }), (hidden) => hidden],
  [
    'in __proto__',
    // As text, since a literal would set the prototype.
    (body, hidden) => JSON.stringify({ ...body, '?': hidden }).replace('"?":', '"__proto__":'),
    () => ['__proto__'],
  ],
  [
    'in constructor.prototype',
    (body, hidden) => JSON.stringify({ ...body, constructor: { prototype: hidden }, prototype: hidden }),
    () => ['constructor', 'prototype'],
  ],
]

/** Another address for every user, since two users cannot share one. */
function fresh({ email }: Body): Body {
  return email === undefined ? {} : { email: `new-${own.plan}@example.test` }
}

const writing = endpoints.filter(
  ({ body, access, operationId }) => body && access !== 'public' && operationId !== 'reassignWork',
)

/** The names of what the endpoint's representation shows, which its requests may hold. */
function shownBy(endpoint: Endpoint): Set<string> {
  return new Set(Object.keys(objectIn(representationOf(endpoint))?.shape ?? {}))
}

/** A POST of an action refuses these, a PATCH those that differ. */
const SET_OTHERWISE = ['status', 'assignees']

async function send(endpoint: Endpoint, text: string, headers: Record<string, string> = {}): Promise<Reply> {
  return call(world.ana, endpoint.method, pathOf(endpoint, own), { body: text, headers })
}

function expectUntouched(reply: Reply): void {
  expect(reply.status, reply.text).toBe(200)
  expect(reply.text).not.toContain(world.gus.companyId)
  expect(reply.text).not.toContain(world.gus.id)
  expect(reply.text).not.toMatch(/1999-01|f{24}|"COMPLETED"|:99[,}]|"overdue":true|isAdmin/)
  expect(Object.prototype).not.toHaveProperty('isAdmin')
  expect({}).not.toHaveProperty('companyId')
}

describe.each(writing.map((endpoint) => [endpoint.operationId, endpoint] as const))('%s', (_, endpoint) => {
  const valid = () => {
    const body = { ...bodyOf(endpoint, own) }
    return { ...body, ...fresh(body) }
  }
  const shown = shownBy(endpoint)

  it.each(smuggled)('refuses what nothing shows, %s, by its name', async (_how, compose, atFault) => {
    const hidden = hiddenFrom(endpoint)
    const paths = atFault(Object.keys(hidden)).filter(
      (name) => !shown.has(name) || SET_OTHERWISE.includes(name),
    )
    const reply = await send(endpoint, compose(valid(), hidden))
    expect([reply.status, namedPaths(reply).sort()]).toEqual([400, paths.sort()])
  })

  it.each(smuggled)('ignores it when asked to be lenient, %s', async (_how, compose) => {
    const hidden = hiddenFrom(endpoint)
    for (const name of SET_OTHERWISE) if (shown.has(name)) Reflect.deleteProperty(hidden, name)
    expectUntouched(await send(endpoint, compose(valid(), hidden), { Prefer: 'handling=lenient' }))
  })

  it('ignores what is shown and cannot be set', async () => {
    const hidden = Object.entries(hiddenFrom(endpoint)).filter(
      ([name]) => shown.has(name) && !SET_OTHERWISE.includes(name),
    )
    expectUntouched(await send(endpoint, JSON.stringify({ ...Object.fromEntries(hidden), ...valid() })))
  })
})

describe('roles', () => {
  it('are not to be had through one`s own profile', async () => {
    const body = {
      name: 'Marc',
      role: 'ADMIN',
      active: false,
      email: 'x@example.test',
    }
    const reply = await call(world.marc, 'PATCH', '/api/v1/company/me', { body })
    expect(reply.body).toMatchObject({ role: 'MANAGER', active: true, email: world.marc.email })
    const [row] = await drizzle(home).select().from(users).where(eq(users.id, world.marc.id))
    const { email, companyId } = world.marc
    expect(row).toMatchObject({ role: 'MANAGER', active: true, companyId, email })
  })

  it('are not to be had by a user for others', async () => {
    const body = { name: 'Eli', role: 'ADMIN' }
    const reply = await call(world.marc, 'PATCH', `/api/v1/company/users/${world.eli.id}`, { body })
    expect(reply.status).toBe(403)
  })

  it('and an address stay what an ADMIN does not name', async () => {
    const body = '{"name":"Eli","__proto__":{"role":"ADMIN","email":"y@example.test"}}'
    const path = `/api/v1/company/users/${world.eli.id}`
    expect((await call(world.ana, 'PATCH', path, { body })).status).toBe(400)
    const reply = await call(world.ana, 'PATCH', path, { body, headers: { Prefer: 'handling=lenient' } })
    expect(reply.body).toMatchObject({ role: 'EMPLOYEE', email: world.eli.email })
  })
})
