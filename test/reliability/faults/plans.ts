/** Which faults the runs of one life suffer. */
import { env } from 'cloudflare:workers'
import { type FaultPlan, type Way, WAYS } from './faults.ts'

export const IS_LONG = env.TEST_LENGTH === 'long'

export interface Extent {
  ways?: readonly Way[]
  /** How many calls of a run fail, one after the other: all, or evenly spread, at another offset for each way. */
  tried: number
  /** How many more runs have two or three faults at random. */
  pairs: number
}

const once =
  (at: number, way: Way): FaultPlan =>
  (call) =>
    call === at ? way : null

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

/**
 * Plays a life without a fault, then with a fault at the n-th call for n = 1, 2, 3 … until a run goes through clean, in
 * each way. Returns the number of runs.
 * @param play plays one run and returns the number of its calls
 */
export async function playAll(
  play: (plan: FaultPlan) => Promise<number>,
  { ways = WAYS, tried, pairs }: Extent,
): Promise<number> {
  const clean = await play(() => null)
  let runs = 1
  const step = Math.ceil(clean / tried)
  for (const [index, way] of ways.entries()) {
    for (let at = 1 + ((index * 5) % step); ; at += step) {
      const calls = await play(once(at, way))
      runs += 1
      if (calls < at) break
    }
  }
  for (let pair = 0; pair < pairs; pair += 1, runs += 1) await play(randomPlan(clean))
  return runs
}
