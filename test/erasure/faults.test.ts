/** An erasure of which any one call fails: the same request, or the sweep, does the rest. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { DIRECTORY } from '../../src/platform/place.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { letPass, MINUTE, sweep } from '../support/clock.ts'
import { tracesOf } from '../support/traces.ts'
import { createWorld, type World } from '../support/world.ts'
import { eraseUser, leave } from './scene.ts'
import { HOME, home } from '../support/home.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

const CALLS = {
  'D1.batch': { of: home, name: 'batch' },
  'KV.get': { of: env.SESSIONS, name: 'get' },
  'KV.delete': { of: env.SESSIONS, name: 'delete' },
  'R2.delete': { of: env.FILES, name: 'delete' },
} as const
type CallName = keyof typeof CALLS

/** Has the n-th call fail, before or after its effect; tells how many calls there were. */
function failing(call: CallName, at: number, way: 'before' | 'after') {
  const { of, name } = CALLS[call]
  // Bindings are objects whose methods can be replaced.
  const target = of as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  const original = target[name]?.bind(of)
  const seen = { calls: 0 }
  const spy = vi.spyOn(target, name).mockImplementation(async (...given) => {
    seen.calls += 1
    const isHit = seen.calls === at
    if (isHit && way === 'before') throw new Error('refused')
    const result = await original?.(...given)
    if (isHit) throw new Error('lost')
    return result
  })
  return {
    seen,
    restore: () => {
      spy.mockRestore()
    },
  }
}

/**
 * The batches without which an erasure fails. Elsewhere than in `DB` the third notes that the address was released, which the sweep
 * does as well.
 */
const BATCHES = HOME === DIRECTORY ? [1, 2, 3] : [1, 2, 4]
const LAST_BATCH = BATCHES.at(-1) ?? 0
const statusOf = (call: CallName) => (call === 'D1.batch' ? 503 : 500)

/** The calls that an erasure makes, each with its number. */
const PLACES: [CallName, number][] = [
  ['KV.get', 1],
  ...BATCHES.map((at): [CallName, number] => ['D1.batch', at]),
  ...[1, 2].map((at): [CallName, number] => ['KV.delete', at]),
  ['R2.delete', 1],
]

describe.each(['before', 'after'] as const)('a call that fails %s its effect,', (way) => {
  it.each(PLACES)('%s, the %i., fails the request, and a repetition leaves no trace', async (call, at) => {
    const { person, words } = await leave(world, background)
    const { seen, restore } = failing(call, at, way)
    const first = await eraseUser(world, person.id)
    restore()
    expect(seen.calls).toBeGreaterThanOrEqual(at)
    expect(first.status).toBe(statusOf(call))
    const again = await eraseUser(world, person.id)
    expect([again.status, again.body.name], again.text).toEqual([200, 'Former colleague'])
    expect(await tracesOf(words)).toEqual([])
  })

  it('of the last two, is made up for by the sweep too', async () => {
    for (const [call, at] of [
      ['R2.delete', 1],
      ['D1.batch', LAST_BATCH],
    ] as [CallName, number][]) {
      const { person, words } = await leave(world, background)
      const { restore } = failing(call, at, way)
      expect((await eraseUser(world, person.id)).status).toBe(statusOf(call))
      restore()
      for (const _ of [1, 2]) {
        letPass(MINUTE)
        await sweep()
      }
      expect(await tracesOf(words)).toEqual([])
    }
  })
})
