import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { DERIVED_COLUMNS } from '../../src/actions/derived-store.ts'
import { type AssigneeState, derive } from '../../src/actions/lifecycle.ts'
import { actions } from '../../src/db/schema.ts'
import { insertAction, insertCompany, insertPlan, insertUsers } from '../support/factories.ts'
import { home } from '../support/home.ts'

const MOST_ASSIGNEES = 4
const database = drizzle(home)

let plan: { id: string; companyId: string }
let userIds: string[]

beforeAll(async () => {
  const { id: companyId } = await insertCompany({})
  plan = await insertPlan({ companyId })
  const users = await insertUsers(Array.from({ length: MOST_ASSIGNEES }, () => ({ companyId })))
  userIds = users.map(({ id }) => id)
})

const time = fc.integer({ min: 1, max: 9 })
/** Every state that an assignee can have: what was cancelled or has expired need not have started. */
const state: fc.Arbitrary<Omit<AssigneeState, 'userId'>> = fc.oneof(
  fc.constant({ status: 'NOT_STARTED' as const, startedAt: null, finishedAt: null }),
  fc.record({ status: fc.constant('IN_PROGRESS' as const), startedAt: time, finishedAt: fc.constant(null) }),
  fc.record({ status: fc.constant('COMPLETED' as const), startedAt: time, finishedAt: time }),
  fc.record({
    status: fc.constantFrom('CANCELLED' as const, 'EXPIRED' as const),
    startedAt: fc.option(time),
    finishedAt: time,
  }),
)
const states = fc.array(state, { minLength: 1, maxLength: MOST_ASSIGNEES })

describe('the derived columns in SQL', () => {
  it('are what `derive` makes of the same assignees', async () => {
    await fc.assert(
      fc.asyncProperty(states, async (list) => {
        const assignees = list.map((one, index) => ({ ...one, userId: userIds[index] ?? '' }))
        // Whatever the row held before does not count.
        const stale = { status: 'EXPIRED', startedAt: 77, finishedAt: 99 } as const
        const { id } = await insertAction({ plan, assignees, ...stale })
        const [row] = await database
          .update(actions)
          .set(DERIVED_COLUMNS)
          .where(eq(actions.id, id))
          .returning({
            status: actions.status,
            startedAt: actions.startedAt,
            finishedAt: actions.finishedAt,
          })
        const { status, startedAt, finishedAt } = derive(assignees)
        expect(row).toEqual({ status, startedAt, finishedAt })
      }),
      { numRuns: 200 },
    )
  })
})
