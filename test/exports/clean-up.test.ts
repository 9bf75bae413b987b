import { expect, it } from 'vitest'
import { createPlan } from '../support/api.ts'
import { catchBackground, deliverExports } from '../support/background.ts'
import { sweep } from '../support/clock.ts'
import {
  askForExport,
  deliverExport,
  MOST_BUILT_AT_ONCE,
  pretendBuilding,
  pretendFailed,
  readExport,
} from '../support/exports.ts'
import { createWorld } from '../support/world.ts'

it('an export that waits for a slot is called by the sweep when nobody else does, and not before one is free', async () => {
  const world = await createWorld()
  const background = catchBackground()
  const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  const requests = Array.from({ length: MOST_BUILT_AT_ONCE }, () => askForExport(world.marc, plan.id))
  const building = await Promise.all(requests)
  await pretendBuilding(building)
  const waiting = await askForExport(world.noa, plan.id)
  await deliverExport(waiting)
  background.exports.length = 0
  await sweep()
  expect(background.exports).toEqual([])
  await pretendFailed(...building.slice(0, 1))
  await sweep()
  await deliverExports(background)
  expect((await readExport(waiting)).status).toBe('SENT')
})
