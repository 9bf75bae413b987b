/** Companies of several sizes, the built worker on them, and a bare worker on a copy (test/bench/ceiling). */
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newPlace, type Service, startService } from '../killtest/service.ts'
import { seedState } from '../local/seeding.ts'
import { openSession } from '../local/session.ts'
import { freePort } from '../local/ports.ts'
import { type BenchCompany, fillBenchCompany } from './company.ts'

export interface Seeded extends BenchCompany {
  actions: number
  /** A live session of its reader. */
  token: string
  /** A live session of its ADMIN. */
  adminToken: string
}

export interface Costs {
  rowsRead: number
  rowsWritten: number
  d1Milliseconds: number
}

export interface Setting {
  companies: readonly Seeded[]
  /** Address of the service. */
  url: string
  /** Address of the bare worker. */
  ceiling: string
  /** What the request of that id cost, from the service's own log. */
  costsOf: (requestId: string) => Promise<Costs>
}

/** Makes the companies, starts both workers, runs the work, and removes everything. */
export async function withSetting(
  sizes: readonly number[],
  work: (setting: Setting) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  // A copy for each, since two runtimes cannot share a database.
  const [stateDir, ceilingDir] = [join(folder, 'service'), join(folder, 'ceiling')]
  let service: Service | undefined
  try {
    const companies = await seed(stateDir, sizes)
    await cp(stateDir, ceilingDir, { recursive: true })
    // Without an inspector, like the bare worker: with one, every log line costs a message to the debugger.
    service = await startService(await newPlace(stateDir), { RATE_LIMITS: 'off', INSPECTOR_PORT: 'off' })
    const ceiling = await startCeiling(ceilingDir)
    await work({ companies, url: service.url, ceiling, costsOf: (id) => costsIn(stateDir, id) })
  } finally {
    await service?.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

async function seed(stateDir: string, sizes: readonly number[]): Promise<Seeded[]> {
  await mkdir(stateDir)
  return seedState(stateDir, async (bindings) => {
    const seeded: Seeded[] = []
    for (const [index, actions] of sizes.entries()) {
      const company = await fillBenchCompany(bindings.database, index + 1, actions, Date.now(), (done) => {
        progress(`seeding ${actions}: ${done}`)
      })
      const sessionOf = async (id: string) => openSession(bindings, { id, companyId: company.companyId })
      const token = await sessionOf(company.readerId)
      seeded.push({ ...company, actions, token, adminToken: await sessionOf(company.adminId) })
    }
    return seeded
  })
}

async function startCeiling(stateDir: string): Promise<string> {
  const port = await freePort()
  const { unstable_startWorker } = await import('wrangler')
  const worker = await unstable_startWorker({
    config: join(import.meta.dirname, '../../test/bench/ceiling/wrangler.toml'),
    dev: {
      remote: false,
      server: { hostname: '127.0.0.1', port },
      inspector: false,
      persist: stateDir,
      watch: false,
      logLevel: 'error',
    },
  })
  await worker.ready
  return `http://127.0.0.1:${port}/`
}

export async function costsIn(stateDir: string, requestId: string): Promise<Costs> {
  for (let tries = 0; tries < 100; tries += 1) {
    const log = await readFile(join(stateDir, 'worker.log'), 'utf8')
    const line = log.split('\n').findLast((text) => text.includes(`"requestId":"${requestId}"`))
    if (line !== undefined) return JSON.parse(line) as Costs
    // The line is written after the answer.
    await sleep(50)
  }
  throw new Error(`No log line of request ${requestId}`)
}

export function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r${text.padEnd(70)}` : `${text}\n`)
}
