/**
 * `npm run bench -- refusals`: what it takes to refuse a hostile text, against a plain one of the same size, alternating
 * in one run. Medians of the answer times of a local worker.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HOSTILE_BODY_VALUES, HOSTILE_PARAMETERS } from '../test/reliability/fuzz/hostile-values.ts'
import { median } from './bench-lists/measure.ts'
import { answersTo } from './heavy/load.ts'
import { newPlace, startService } from './killtest/service.ts'

const ROUNDS = 15
const PLANS = '/api/v1/company/action-plans'

const BODIES: [path: string, member: string][] = [
  ['/api/v1/sign-in-codes', 'email'],
  [PLANS, 'title'],
  [PLANS, 'description'],
  ['/api/v1/company/actions', 'dueDate'],
  ['/api/v1/company/actions', 'assigneeIds'],
]
const PARAMETERS: [path: string, name: string][] = [
  [PLANS, 'q'],
  [PLANS, 'to'],
]

export async function benchRefusals(): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'refusals-'))
  const service = await startService(await newPlace(stateDir), { RATE_LIMITS: 'off' })
  const { token } = service
  /** Median milliseconds of each kind. */
  const measure = async (kinds: Record<string, () => Parameters<typeof answersTo>[1]>) => {
    const times = new Map<string, number[]>(Object.keys(kinds).map((kind) => [kind, []]))
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [kind, ask] of Object.entries(kinds))
        times.get(kind)?.push((await answersTo(service, ask())).milliseconds)
    return new Map([...times].map(([kind, list]) => [kind, median(list)]))
  }
  const print = (what: string, medians: Map<string, number>) => {
    const plain = Math.max(1, medians.get('plain') ?? 1)
    for (const [kind, time] of medians)
      console.log(
        `${what.padEnd(42)} ${kind.padEnd(36)} ${String(time).padStart(5)} ms ${(time / plain).toFixed(1).padStart(6)}×`,
      )
  }
  for (const [path, member] of BODIES) {
    const asks = Object.entries(HOSTILE_BODY_VALUES).map(([kind, value]) => [
      kind,
      () => ({ token, method: 'POST', path, body: { [member]: value } }),
    ])
    print(`${path} ${member}`, await measure(Object.fromEntries(asks) as Parameters<typeof measure>[0]))
  }
  for (const [path, name] of PARAMETERS) {
    const asks = Object.entries(HOSTILE_PARAMETERS).map(([kind, value]) => [
      kind,
      () => ({ token, method: 'GET', path: `${path}?${name}=${encodeURIComponent(value)}` }),
    ])
    print(`${path}?${name}`, await measure(Object.fromEntries(asks) as Parameters<typeof measure>[0]))
  }
  await service.kill()
  await rm(stateDir, { recursive: true })
}
