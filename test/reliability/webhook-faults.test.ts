import { describe, expect, it } from 'vitest'
import { type Life, LIVES } from './faults/deliveries.ts'
import { playLife } from './faults/delivery-run.ts'
import { WAYS } from './faults/faults.ts'
import { IS_LONG, playAll } from './faults/plans.ts'
import { setStage } from './faults/scenarios.ts'

/** The long run fails every call in every way; the short one two calls in three ways a life, others for each. */
const extentOf = (life: Life) =>
  IS_LONG
    ? { tried: Number.MAX_SAFE_INTEGER, pairs: 30 }
    : { tried: 2, pairs: 1, ways: WAYS.filter((_, index) => (index + LIVES.indexOf(life)) % 3 === 0) }
let total = 0

describe('a delivery whose n-th call fails', () => {
  it.each(LIVES.map((life) => [life.name, life] as const))(
    'ends as it must when %s',
    { timeout: 1_200_000 },
    async (name, life) => {
      let stage = await setStage(0)
      const runs = await playAll(async (plan) => {
        if (life.meanwhile) stage = await setStage(0)
        return playLife(life, stage, plan)
      }, extentOf(life))
      total += runs
      console.info(`webhook faults: ${name}: ${String(runs)} runs`)
    },
  )

  it('was tried often enough', () => {
    console.info(`webhook faults: ${String(total)} runs in all`)
    expect(total).toBeGreaterThan(IS_LONG ? 2_000 : 100)
  })
})
