import { expect, it, vi } from 'vitest'
import type { ActionView } from '../../src/actions/schemas.ts'
import { ACTIONS, call, createAction, createPlan, type Reply } from '../support/api.ts'
import { createPerson, createWorld } from '../support/world.ts'
import { home } from '../support/home.ts'

const WRITERS = 60
/** The contract: how often a write is tried before it is given up. */
const MOST_TRIES = 20

function expectConflict(reply: Reply<object>): void {
  expect(reply).toMatchObject({ status: 409, body: { code: 'WRITE_CONFLICT' } })
  expect(reply.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/)
}

it(
  'of many who change an action at once, each succeeds or is told to come again',
  { timeout: 120_000 },
  async () => {
    const { ana, companyId } = await createWorld()
    const plan = await createPlan(ana, { visibility: 'PUBLIC' })
    const action = await createAction(ana, plan.id)
    const writers = await Promise.all(Array.from({ length: WRITERS }, () => createPerson(companyId, 'ADMIN')))
    const replies = await Promise.all(
      writers.map((who, index) =>
        call<ActionView>(who, 'PATCH', `${ACTIONS}/${action.id}`, { body: { title: `Title ${index}` } }),
      ),
    )
    const succeeded = replies.filter(({ status }) => status === 200)
    for (const reply of replies) if (reply.status !== 200) expectConflict(reply)
    expect(succeeded.length).toBeGreaterThan(0)
    for (const [index, { status, body }] of replies.entries())
      if (status === 200) expect(body.title).toBe(`Title ${index}`)
    const { body, headers } = await call<ActionView>(ana, 'GET', `${ACTIONS}/${action.id}`)
    const last = succeeded.find((reply) => reply.body.title === body.title)
    expect(body).toEqual(last?.body)
    expect(headers.get('ETag')).toBe(last?.headers.get('ETag'))
  },
)

it('a write whose guard never holds is tried so often and no more, and then told to come again', async () => {
  const { ana } = await createWorld()
  const plan = await createPlan(ana)
  const action = await createAction(ana, plan.id)
  // A wait is a random part of the longest allowed: with 0 there is none.
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const batch = home.batch.bind(home)
  let calls = 0
  // Each try loads in one batch and writes in the next.
  const spy = vi.spyOn(home, 'batch').mockImplementation(async (statements) => {
    calls += 1
    if (calls % 2 === 1) return batch(statements)
    throw new Error('D1_ERROR: NOT NULL constraint failed: write_guards.state: SQLITE_CONSTRAINT')
  })
  const reply = await call(ana, 'PATCH', `${ACTIONS}/${action.id}`, { body: { title: 'Never' } })
  spy.mockRestore()
  expectConflict(reply)
  expect(calls).toBe(2 * MOST_TRIES)
  expect((await call<ActionView>(ana, 'GET', `${ACTIONS}/${action.id}`)).body).toEqual(action)
})
