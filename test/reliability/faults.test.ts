import { reset, applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { MOST_ACTIONS_IN_A_FILE } from '../support/exports.ts'
import { type Way, WAYS } from './faults/faults.ts'
import { IS_LONG, playAll } from './faults/plans.ts'
import { playRun } from './faults/run.ts'
import { type Scenario, SCENARIOS, setStage } from './faults/scenarios.ts'
import { DATABASES } from '../support/home.ts'

const EXTENT = IS_LONG ? { tried: 60, pairs: 60 } : { tried: 2, pairs: 1 }
let total = 0

async function sweep(scenario: Scenario, ways: readonly Way[]): Promise<number> {
  let stage = await setStage(scenario.actions)
  let isFirst = true
  return playAll(
    async (plan) => {
      total += 1
      if (scenario.meanwhile) stage = await setStage(scenario.actions)
      const { calls, acknowledged } = await playRun(scenario, stage, plan)
      if (isFirst) expect(acknowledged).toBe(true)
      isFirst = false
      return calls
    },
    { ...EXTENT, ways },
  )
}

/** For the short run: scenarios with many or large builds take long, so they are tried with fewer kinds of faults. */
function fewerWays({ actions, alwaysFails }: Scenario): readonly Way[] {
  if (actions > MOST_ACTIONS_IN_A_FILE) return WAYS.slice(4, 5)
  return alwaysFails === undefined ? WAYS : WAYS.filter((_, index) => index % 3 === 0)
}

describe('an export whose n-th call fails', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'ends as it must when %s',
    { timeout: 1_200_000 },
    async (name, scenario) => {
      await reset()
      for (const database of Object.values(DATABASES)) await applyD1Migrations(database, env.TEST_MIGRATIONS)
      const runs = await sweep(scenario, IS_LONG ? WAYS : fewerWays(scenario))
      console.info(`faults: ${name}: ${String(runs)} runs`)
    },
  )

  it('was tried often enough', () => {
    console.info(`faults: ${String(total)} runs in all`)
    expect(total).toBeGreaterThan(IS_LONG ? 3_000 : 150)
  })
})
