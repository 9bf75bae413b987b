/** What is kept to answer a repeated request: little, and enough to answer the same whatever has changed since. */
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeAll, describe, expect, it } from 'vitest'
import { idempotencyRecords } from '../../src/db/schema.ts'
import { ACTIONS, call, PLANS, type Reply } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { createWorld, type World } from '../support/world.ts'
import { home } from '../support/home.ts'

const COMPANY = '/api/v1/company'
/** 50 answers a second for 24 h, 4.3 million, must fit into 1 GB together with their indexes. */
const MOST_BYTES = 250
const MOST_BYTES_ON_AVERAGE = 200

const long = (letter: string) => letter.repeat(5000)

interface Creation {
  path: (ids: Ids) => string
  body?: (ids: Ids) => object
}

/** The ids of what was created, by kind. */
type Ids = Record<string, string>

const CREATIONS: Record<string, Creation> = {
  plan: {
    path: () => PLANS,
    body: () => ({ title: 'A plan', description: long('p'), visibility: 'PUBLIC' }),
  },
  user: {
    path: () => `${COMPANY}/users`,
    body: () => ({ email: 'new@example.test', name: 'New', role: 'MANAGER' }),
  },
  hierarchy: { path: () => `${COMPANY}/hierarchies`, body: () => ({ name: 'An area' }) },
  action: {
    path: () => ACTIONS,
    body: ({ plan, user }) => ({
      planId: plan,
      title: 'An action',
      description: long('a'),
      assigneeIds: [user, world.noa.id],
    }),
  },
  note: { path: ({ action }) => `${ACTIONS}/${action}/notes`, body: () => ({ text: long('n') }) },
  export: { path: ({ plan }) => `${PLANS}/${plan}/excel` },
}

let world: World
const ids: Ids = {}
const first: Record<string, Reply> = {}

function create(kind: string): Promise<Reply> {
  const { path, body } = CREATIONS[kind] ?? expect.fail(kind)
  const headers = { 'Idempotency-Key': `the ${kind}` }
  return call(world.ana, 'POST', path(ids), { headers, ...(body ? { body: body(ids) } : {}) })
}

async function change(who: 'ana' | 'noa', path: string, body: object): Promise<void> {
  const reply = await call(world[who], 'PATCH', path, { body })
  expect(reply.status, reply.text).toBe(200)
}

beforeAll(async () => {
  catchBackground()
  world = await createWorld()
  for (const kind of Object.keys(CREATIONS)) {
    const reply = await create(kind)
    expect(reply.status, reply.text).toBe(200)
    first[kind] = reply
    ids[kind] = String(reply.body.id)
  }
  await change('ana', `${COMPANY}/users/${ids.user}`, { name: 'An assignee renamed' })
  await change('noa', `${COMPANY}/me`, { name: 'Another assignee renamed' })
  await change('ana', `${COMPANY}/me`, { name: 'The author renamed' })
  await change('ana', `${COMPANY}/hierarchies/${ids.hierarchy}`, { name: 'An area renamed' })
  await change('ana', `${ACTIONS}/${ids.action}`, {
    title: 'Changed',
    description: '',
    assigneeIds: [world.noa.id],
  })
  await change('ana', `${PLANS}/${ids.plan}`, { visibility: 'PRIVATE', title: 'Changed' })
})

describe('a repeated request', () => {
  it.each(Object.keys(CREATIONS))('that created the %s is answered as the first time', async (kind) => {
    const again = await create(kind)
    const essence = ({ status, text, headers }: Reply) =>
      [status, text, headers.get('Location'), headers.get('ETag'), headers.get('Content-Type')] as const
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect(essence(again)).toEqual(essence(first[kind] ?? expect.fail(kind)))
  })
})

describe('a kept answer', () => {
  let sizes: number[]

  beforeAll(async () => {
    const { companyId } = idempotencyRecords
    const rows = await drizzle(home).select().from(idempotencyRecords).where(eq(companyId, world.companyId))
    const bytes = (value: unknown) => new TextEncoder().encode(String(value)).length
    sizes = rows.map((row) => Object.values(row).reduce<number>((sum, value) => sum + bytes(value), 0))
  })

  it('is there for each creation', () => {
    expect(sizes).toHaveLength(Object.keys(CREATIONS).length)
  })

  it('is small, however long the texts that it answers', () => {
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MOST_BYTES)
  })

  it('is smaller still on average', () => {
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(MOST_BYTES_ON_AVERAGE)
  })
})
