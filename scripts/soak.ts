/**
 * `npm run bench -- soak [--minutes 10]`: eight connections read, write and export without a pause against the real
 * `npm run dev`. Fails on any 5xx, on memory that keeps growing, and when the counts at the end are not those of the
 * acknowledged writes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { call, countByKey, mailsOf, newPlace, type Service, startService, sweep } from './killtest/service.ts'
import { Heap } from './soak/heap.ts'
import { newTally, type Tally, User } from './soak/user.ts'

const CONNECTIONS = 8
/** The heap that a worker has on the platform; without a limit V8 would hardly collect, and growth mean nothing. */
const VARIABLES = { RATE_LIMITS: 'off', MINIFLARE_WORKERD_V8_FLAGS: '--max-heap-size=128' }
/** What the worker may use more of its heap in the last quarter than in the second; in the first it warms up. */
const MOST_GROWTH_MB = 8
const END_LIMIT_MS = 120_000
const PLANS = '/api/v1/company/action-plans'
const ACTIONS = '/api/v1/company/actions'

export async function benchSoak(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { minutes: { type: 'string', default: '10' } } })
  const stateDir = await mkdtemp(join(tmpdir(), 'soak-'))
  const service = await startService(await newPlace(stateDir), VARIABLES)
  const before = await countAll(service)
  const tally = newTally()
  const memory: number[] = []
  const end = Date.now() + Number(values.minutes) * 60_000
  await Promise.all([watchMemory(service, memory, end), ...connections(service, tally, end)])
  const problems = [
    ...serverErrors(tally),
    ...growth(memory),
    ...(await wrongCounts(service, tally, before)),
    ...(await unendedExports(service, tally)),
  ]
  report(tally, memory, Number(values.minutes))
  console.log(
    `workerd as a whole, the local D1, KV, R2 and queues included: ${(service.memory() / 2 ** 20).toFixed(0)} MB`,
  )
  await service.kill()
  await rm(stateDir, { recursive: true })
  if (problems.length === 0) return
  console.error(problems.join('\n'))
  process.exitCode = 1
}

function connections(service: Service, tally: Tally, end: number): Promise<void>[] {
  return Array.from({ length: CONNECTIONS }, async () => {
    const user = new User(service, tally)
    while (Date.now() < end) await user.step()
  })
}

async function watchMemory(service: Service, samples: number[], end: number): Promise<void> {
  const heap = await Heap.open(service.inspectorPort)
  while (Date.now() < end) {
    samples.push((await heap.used()) / 2 ** 20)
    await sleep(2000)
  }
  heap.close()
}

function serverErrors({ statuses }: Tally): string[] {
  return [...statuses].flatMap(([status, count]) => (status >= 500 ? [`${count} answers of ${status}`] : []))
}

function quarter(samples: readonly number[], index: number): number {
  const part = samples.slice((samples.length * index) / 4, (samples.length * (index + 1)) / 4)
  return part.toSorted((left, right) => left - right)[Math.floor(part.length / 2)] ?? 0
}

function growth(samples: readonly number[]): string[] {
  const grown = quarter(samples, 3) - quarter(samples, 1)
  return grown > MOST_GROWTH_MB
    ? [`the worker's heap has grown by ${grown.toFixed(1)} MB since its second quarter`]
    : []
}

interface Counts {
  plans: number
  actions: number
  exports: number
}

async function countAll(service: Service): Promise<Counts> {
  const total = async (path: string) => (await call<{ total: number }>(service, 'GET', path)).body.total
  return {
    plans: await total(PLANS),
    actions: await total(ACTIONS),
    exports: await total('/api/v1/company/exports'),
  }
}

async function wrongCounts(service: Service, tally: Tally, before: Counts): Promise<string[]> {
  const now = await countAll(service)
  const acknowledged = { plans: tally.plans, actions: tally.actions, exports: tally.exports.size }
  const wrong = (['plans', 'actions', 'exports'] as const).flatMap((what) =>
    now[what] - before[what] === acknowledged[what]
      ? []
      : [`${now[what] - before[what]} ${what}, acknowledged ${acknowledged[what]}`],
  )
  for (const [action, notes] of tally.notes) {
    const { body } = await call<{ total: number }>(service, 'GET', `${ACTIONS}/${action}/notes`)
    if (body.total !== notes) wrong.push(`${body.total} notes on ${action}, acknowledged ${notes}`)
  }
  return wrong
}

async function unendedExports(service: Service, { exports }: Tally): Promise<string[]> {
  const deadline = Date.now() + END_LIMIT_MS
  const open = new Set(exports)
  while (open.size > 0 && Date.now() < deadline) {
    await sweep(service)
    for (const id of open) {
      const { body } = await call<{ status: string }>(service, 'GET', `/api/v1/company/exports/${id}`)
      if (body.status === 'SENT') open.delete(id)
    }
    if (open.size > 0) await sleep(1000)
  }
  const mails = countByKey(await mailsOf(service))
  const unmailed = [...exports].filter((id) => mails.get(id) !== 1)
  return [
    ...(open.size > 0 ? [`${open.size} exports did not end`] : []),
    ...(unmailed.length > 0 ? [`${unmailed.length} exports without exactly one mail`] : []),
  ]
}

function report(
  { requests, statuses, times, exports }: Tally,
  memory: readonly number[],
  minutes: number,
): void {
  const sorted = times.toSorted((left, right) => left - right)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(0)
  const answers = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')
  console.log(`${minutes} minutes, ${CONNECTIONS} connections: ${requests} requests (${answers})`)
  console.log(`half within ${at(0.5)} ms, 95 % within ${at(0.95)} ms, 99 % within ${at(0.99)} ms`)
  console.log(
    `${exports.size} exports; the worker's heap in use: ${[0, 1, 2, 3].map((index) => quarter(memory, index).toFixed(1)).join(', ')} MB in the four quarters (bound: +${MOST_GROWTH_MB} MB from the second to the last)`,
  )
}
