import { reset, applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { MOST_ACTIONS_IN_A_FILE } from '../support/exports.ts'
import { type FaultPlan, type Way, WAYS } from './faults/faults.ts'
import { playRun } from './faults/run.ts'
import { type Scenario, SCENARIOS, setStage } from './faults/scenarios.ts'

const IS_LONG = env.TEST_LENGTH === 'long'
/** How many calls of a run fail, one after the other: all, or evenly spread, at another offset for each way. */
const TRIED_CALLS = IS_LONG ? 60 : 2
const PAIRS = IS_LONG ? 60 : 1
let total = 0

const once =
  (at: number, way: Way): FaultPlan =>
  (call) =>
    call === at ? way : null

/** The n-th call fails for n = 1, 2, 3 … until a run goes through clean. */
async function sweep(scenario: Scenario, ways: readonly Way[]): Promise<number> {
  let stage = await setStage(scenario.actions)
  const play = async (plan: FaultPlan) => {
    total += 1
    if (scenario.meanwhile) stage = await setStage(scenario.actions)
    return playRun(scenario, stage, plan)
  }
  const clean = await play(() => null)
  expect(clean.acknowledged).toBe(true)
  let runs = 1
  const step = Math.ceil(clean.calls / TRIED_CALLS)
  for (const [index, way] of ways.entries()) {
    for (let at = 1 + ((index * 5) % step); ; at += step) {
      const { calls } = await play(once(at, way))
      runs += 1
      if (calls < at) break
    }
  }
  for (let pair = 0; pair < PAIRS; pair += 1, runs += 1) await play(randomPlan(clean.calls))
  return runs
}

/** For the short run: scenarios with many or large builds take long, so they are tried with fewer kinds of faults. */
function fewerWays({ actions, alwaysFails }: Scenario): readonly Way[] {
  if (actions > MOST_ACTIONS_IN_A_FILE) return WAYS.slice(4, 5)
  return alwaysFails === undefined ? WAYS : WAYS.filter((_, index) => index % 3 === 0)
}

/** Two or three faults in one run, wherever they fall. */
function randomPlan(calls: number): FaultPlan {
  const faults = new Map(
    Array.from({ length: 2 + Math.floor(Math.random() * 2) }, () => [
      1 + Math.floor(Math.random() * calls),
      WAYS[Math.floor(Math.random() * WAYS.length)] ?? null,
    ]),
  )
  return (call) => faults.get(call) ?? null
}

describe('an export whose n-th call fails', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'ends as it must when %s',
    { timeout: 1_200_000 },
    async (name, scenario) => {
      await reset()
      await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
      const runs = await sweep(scenario, IS_LONG ? WAYS : fewerWays(scenario))
      console.info(`faults: ${name}: ${String(runs)} runs`)
    },
  )

  it('was tried often enough', () => {
    console.info(`faults: ${String(total)} runs in all`)
    expect(total).toBeGreaterThan(IS_LONG ? 3_000 : 150)
  })
})
