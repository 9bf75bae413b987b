/**
 * `npm run bench -- portfolio [--sizes 1000,10000,20000,100000]`: what all plans at a glance cost as a company grows. For
 * each size one company, of which its ADMIN may read everything: the overview, the freeze of the export alone, then the
 * export through queue, R2 and mail in a worker with a heap of 128 MB. Every file is downloaded by the one mail's links, and
 * every action has to be in exactly one of them. Prints tables and writes them to test/bench/RESULTS.md.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fillBenchCompany } from './bench-lists/company.ts'
import { median, send } from './bench-lists/measure.ts'
import { PLANS } from './bench-lists/queries.ts'
import { table, writeResults } from './bench-lists/results.ts'
import { costsIn, progress } from './bench-lists/setting.ts'
import { exported } from './bench-portfolio/export.ts'
import { frozen, type Freeze } from './bench-portfolio/freeze.ts'
import { newPlace, type Service, startService } from './killtest/service.ts'
import { seedState } from './local/seeding.ts'
import { openSession } from './local/session.ts'

const VARIABLES = { RATE_LIMITS: 'off', MINIFLARE_WORKERD_V8_FLAGS: '--max-heap-size=128' }
const ROUNDS = 5

interface Seeded {
  actions: number
  token: string
  freeze: Freeze
}

export async function benchPortfolio(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { sizes: { type: 'string', default: '1000,10000,20000,100000' } },
  })
  const stateDir = await mkdtemp(join(tmpdir(), 'portfolio-'))
  try {
    const companies = await seed(stateDir, values.sizes.split(',').map(Number))
    const service = await startService(await newPlace(stateDir), VARIABLES)
    const glances = []
    const exports = []
    for (const company of companies) {
      progress(`${company.actions} actions: overview`)
      glances.push(await overviewRow(service, stateDir, company))
      progress(`${company.actions} actions: export`)
      exports.push(await exportRow(service, company))
    }
    await service.kill()
    const text = [overviewTable(glances), exportTable(exports)].join('\n\n')
    await writeResults('Portfolio', text)
    console.log(text)
  } finally {
    await rm(stateDir, { recursive: true, force: true })
  }
}

async function seed(stateDir: string, sizes: readonly number[]): Promise<Seeded[]> {
  return seedState(stateDir, async (bindings) => {
    const seeded: Seeded[] = []
    for (const [index, actions] of sizes.entries()) {
      const onProgress = (done: number) => {
        progress(`seeding ${actions}: ${done}`)
      }
      const settings = { isPublic: true, history: false }
      const { database } = bindings
      const company = await fillBenchCompany(database, index + 1, actions, Date.now(), onProgress, settings)
      const freeze = await frozen(bindings.env, company)
      const user = { id: company.adminId, companyId: company.companyId }
      seeded.push({ actions, token: await openSession(bindings, user), freeze })
    }
    return seeded
  })
}

type Row = (string | number)[]

async function overviewRow({ url }: Service, stateDir: string, { actions, token }: Seeded): Promise<Row> {
  const request = { url: `${url}${PLANS}/overview`, token }
  const times = []
  let last = await send(request)
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now()
    last = await send(request)
    times.push(performance.now() - start)
  }
  const counted = (JSON.parse(last.text) as { actions: number }).actions
  if (counted !== actions) throw new Error(`the overview counted ${counted} of ${actions} actions`)
  const { rowsRead, d1Milliseconds } = await costsIn(stateDir, last.requestId)
  return [
    actions,
    median(times).toFixed(0),
    d1Milliseconds.toFixed(0),
    rowsRead,
    (rowsRead / actions).toFixed(1),
  ]
}

async function exportRow(service: Service, { actions, token, freeze }: Seeded): Promise<Row> {
  const { seconds, files, megabytes, heapMb, ids } = await exported(service, token)
  if (ids.length !== actions || new Set(ids).size !== actions)
    throw new Error(`${ids.length} rows with ${new Set(ids).size} actions in place of ${actions}`)
  return [
    actions,
    ...[(freeze.milliseconds / 1000).toFixed(1), (freeze.d1Milliseconds / 1000).toFixed(1)],
    ...[freeze.rowsRead, freeze.rowsWritten, files, megabytes.toFixed(1), seconds.toFixed(1), heapMb],
  ]
}

function overviewTable(rows: Row[]): string {
  return `The overview, median of ${ROUNDS}:\n\n${table(['actions', 'ms', 'D1 ms', 'rows read', 'rows an action'], rows)}`
}

function exportTable(rows: Row[]): string {
  const head = [
    ...['actions', 'freeze s', 'in D1 s', 'rows read', 'rows written', 'files', 'MB'],
    ...['request to mail s', 'heap MB'],
  ]
  return `The export, each action found in exactly one file:\n\n${table(head, rows)}`
}
