import { expect, it } from 'vitest'
import type { OverviewView } from '../../src/portfolio/schemas.ts'
import { call, codeOf, namedPaths, PLANS } from '../support/api.ts'
import { insertActions, insertHierarchies, insertPlan } from '../support/factories.ts'
import { createWorld } from '../support/world.ts'

const OVERVIEW = `${PLANS}/overview`

it('an empty company has an overview of nothing', async () => {
  const { ana } = await createWorld()
  const { status, body } = await call<OverviewView>(ana, 'GET', OVERVIEW)
  expect(status).toBe(200)
  expect(body).toMatchObject({ plans: 0, actions: 0, completionPercent: 0, byArea: [], byAssignee: [] })
  expect(body.byMonth).toHaveLength(25)
})

it('is for company managers, and knows the filters of the lists and no slice', async () => {
  const { ana, eli } = await createWorld()
  expect((await call(eli, 'GET', OVERVIEW)).status).toBe(403)
  const reply = await call(ana, 'GET', `${OVERVIEW}?from=0&status=DONE`)
  expect([reply.status, codeOf(reply), namedPaths(reply)]).toEqual([
    400,
    'VALIDATION_FAILED',
    ['status', 'from'],
  ])
  const wrong = await call(ana, 'DELETE', OVERVIEW)
  expect([wrong.status, wrong.headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
})

it('reads many combinations of areas in portions, and counts each action once', async () => {
  const { companyId, marc } = await createWorld()
  const areas = (await insertHierarchies(Array.from({ length: 145 }, () => ({ companyId })))).map(
    ({ id }) => id,
  )
  const plan = await insertPlan({ companyId, createdBy: marc.id, visibility: 'PUBLIC' })
  const pairs = areas.flatMap((one, index) => areas.slice(index + 1).map((other) => [one, other]))
  await insertActions(pairs.map((hierarchyIds) => ({ plan, createdBy: marc.id, hierarchyIds })))
  expect(pairs.length).toBeGreaterThan(10_000)
  const { body } = await call<OverviewView>(marc, 'GET', OVERVIEW)
  expect([body.actions, body.companyWide, body.byArea.length]).toEqual([pairs.length, 0, 145])
  expect(new Set(body.byArea.map(({ actions }) => actions))).toEqual(new Set([144]))
}, 60_000)
