import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { users } from '../../src/db/schema.ts'
import { endpoints } from '../../src/endpoints.ts'
import { call } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'
import { createEstate, type Estate } from './estate.ts'
import { bodyOf, pathOf, ROWS } from './rows.ts'

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

/** The same members as own ones, behind `__proto__`, and behind `constructor.prototype`. */
const smuggled: [string, (body: Body, hidden: Body) => string][] = [
  ['as members', (body, hidden) => JSON.stringify({ ...hidden, ...body })],
  [
    'in __proto__',
    (body, hidden) => `${JSON.stringify(body).slice(0, -1)},"__proto__":${JSON.stringify(hidden)}}`,
  ],
  [
    'in constructor.prototype',
    (body, hidden) => JSON.stringify({ ...body, constructor: { prototype: hidden }, prototype: hidden }),
  ],
]

/** Another address for every user, since two users cannot share one. */
function fresh({ email }: Body): Body {
  return email === undefined ? {} : { email: `new-${own.plan}@example.test` }
}

const writing = endpoints.filter(
  ({ body, access, operationId }) => body && access !== 'public' && operationId !== 'reassignWork',
)

describe.each(writing.map((endpoint) => [endpoint.operationId, endpoint] as const))('%s', (_, endpoint) => {
  it.each(smuggled)('ignores what cannot be set, %s', async (_how, compose) => {
    const body = { ...bodyOf(endpoint, own) }
    // A member that the request does take is left out.
    const taken = new Set([...Object.keys(ROWS[endpoint.operationId]?.bodyIds ?? {}), 'parentId'])
    const hidden = Object.fromEntries(Object.entries(forbidden()).filter(([name]) => !taken.has(name)))
    const path = pathOf(endpoint, own)
    const reply = await call(world.ana, endpoint.method, path, {
      body: compose({ ...body, ...fresh(body) }, hidden),
    })
    expect(reply.status, reply.text).toBe(200)
    expect(reply.text).not.toContain(world.gus.companyId)
    expect(reply.text).not.toContain(world.gus.id)
    expect(reply.text).not.toMatch(/1999-01|f{24}|"COMPLETED"|:99[,}]|"overdue":true|isAdmin/)
    expect(Object.prototype).not.toHaveProperty('isAdmin')
    expect({}).not.toHaveProperty('companyId')
  })
})

describe('roles', () => {
  it('are not to be had through one`s own profile', async () => {
    const body = {
      name: 'Marc',
      role: 'ADMIN',
      active: false,
      email: 'x@example.test',
      companyId: world.gus.companyId,
    }
    const reply = await call(world.marc, 'PATCH', '/api/v1/company/me', { body })
    expect(reply.body).toMatchObject({ role: 'MANAGER', active: true, email: world.marc.email })
    const [row] = await drizzle(env.DB).select().from(users).where(eq(users.id, world.marc.id))
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
    const reply = await call(world.ana, 'PATCH', `/api/v1/company/users/${world.eli.id}`, { body })
    expect(reply.body).toMatchObject({ role: 'EMPLOYEE', email: world.eli.email })
  })
})
