/** What the clean-up and cascades delete takes its weight with it; the API itself deletes none of these rows. */
import { expect, it } from 'vitest'
import { call, createAction, createPlan, PLANS } from '../support/api.ts'
import { wrongWeights } from '../support/weights.ts'
import { createPerson, createWorld } from '../support/world.ts'
import { home } from '../support/home.ts'

it('a kept answer, an export and a user give back what they weighed', async () => {
  const world = await createWorld()
  const plan = await createPlan(world.marc)
  await createAction(world.marc, plan.id)
  const asked = await call(world.marc, 'POST', `${PLANS}/${plan.id}/excel`, {
    headers: { 'Idempotency-Key': 'once' },
  })
  expect(asked.status).toBe(200)
  const { id } = await createPerson(world.companyId, 'EMPLOYEE')
  await home.prepare(`UPDATE exports SET frozen = '{"title":"é"}'`).run()
  for (const [table, condition] of [
    ['idempotency_records', '1'],
    ['exports', '1'],
    ['users', `id = '${id}'`],
  ]) {
    const { meta } = await home.prepare(`DELETE FROM ${table ?? ''} WHERE ${condition ?? ''}`).run()
    expect(meta.changes, table).toBeGreaterThan(0)
    expect(await wrongWeights(), table).toEqual({})
  }
})
