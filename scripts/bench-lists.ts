/**
 * `npm run bench -- lists [--seconds 5] [--sizes 1000,10000,100000]`: what lists cost as a company grows. The service
 * runs beside a bare worker on the same data (test/bench/ceiling), the two alternating, with 1 and 8 connections that
 * read every answer to its end. Prints a table for each size and writes all of it to test/bench/RESULTS.md.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type BenchCompany, fillBenchCompany } from './bench-lists/company.ts'
import { type Measured, measure } from './bench-lists/measure.ts'
import { newPlace, startService } from './killtest/service.ts'
import { withLocalBindings } from './local/bindings.ts'
import { loadSecrets } from './local/secrets.ts'
import { openSession } from './local/session.ts'
import { migrateLocally, quietWrangler } from './local/wrangler.ts'
import { freePort } from './local/ports.ts'

const RESULTS = join(import.meta.dirname, '../test/bench/RESULTS.md')
const PLANS = '/api/v1/company/action-plans'
const ACTIONS = '/api/v1/company/actions'

interface Seeded extends BenchCompany {
  actions: number
  token: string
}

/** By name; the first is what the others are held against. */
function queriesOf({ largePlanId, managerId, areaId }: BenchCompany): Record<string, string> {
  return {
    'actions, default': ACTIONS,
    'plans, default': PLANS,
    'actions, COMPLETED': `${ACTIONS}?status=COMPLETED`,
    'actions, IN_PROGRESS': `${ACTIONS}?status=IN_PROGRESS`,
    'actions, EXPIRED': `${ACTIONS}?status=EXPIRED`,
    'actions, MANAGER': `${ACTIONS}?actionType=MANAGER`,
    'actions, COMPANY': `${ACTIONS}?actionType=COMPANY`,
    'actions, SCORE': `${ACTIONS}?focusType=SCORE`,
    'actions, ENPS': `${ACTIONS}?focusType=ENPS`,
    'actions, assignee': `${ACTIONS}?assigneeId=${managerId}`,
    'actions, area': `${ACTIONS}?hierarchyId=${areaId}`,
    'actions, area and SCORE': `${ACTIONS}?hierarchyId=${areaId}&focusType=SCORE`,
    'actions, COMPLETED and SCORE': `${ACTIONS}?status=COMPLETED&focusType=SCORE`,
    'actions, q rare': `${ACTIONS}?q=zeppelin`,
    'actions, q common': `${ACTIONS}?q=feedback`,
    'actions, q of 2 characters': `${ACTIONS}?q=fe`,
    'actions, q none': `${ACTIONS}?q=xylophone`,
    'actions, from=9000': `${ACTIONS}?from=9000&to=9010`,
    'plans, COMPLETED': `${PLANS}?status=COMPLETED`,
    'plans, SCORE': `${PLANS}?focusType=SCORE`,
    'plans, SCORE and MANAGER': `${PLANS}?focusType=SCORE&actionType=MANAGER`,
    'plans, assignee': `${PLANS}?assigneeId=${managerId}`,
    'plans, q rare': `${PLANS}?q=zeppelin`,
    'plans, q common': `${PLANS}?q=feedback`,
    'plans, q none': `${PLANS}?q=xylophone`,
    'one large plan': `${PLANS}/${largePlanId}`,
    'a slice of a large plan': `${ACTIONS}?planId=${largePlanId}`,
  }
}

export async function benchLists(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '5' },
      sizes: { type: 'string', default: '1000,10000,100000' },
    },
  })
  const stateDir = await mkdtemp(join(tmpdir(), 'lists-'))
  const companies = await seed(stateDir, values.sizes.split(',').map(Number))
  const service = await startService(await newPlace(stateDir), { RATE_LIMITS: 'off' })
  const ceiling = await startCeiling(stateDir)
  const sections: string[] = []
  for (const company of companies) {
    const measured = await measureAll(service.url, ceiling, company, Number(values.seconds), stateDir)
    sections.push(table(company.actions, measured))
    console.log(`\n${sections.at(-1) ?? ''}`)
  }
  await service.kill()
  await rm(stateDir, { recursive: true })
  await writeFile(RESULTS, report(sections))
}

async function seed(stateDir: string, sizes: readonly number[]): Promise<Seeded[]> {
  quietWrangler(stateDir)
  Object.assign(process.env, await loadSecrets(stateDir, process.env))
  await migrateLocally(stateDir)
  return withLocalBindings(stateDir, async (bindings) => {
    const seeded: Seeded[] = []
    for (const [index, actions] of sizes.entries()) {
      const company = await fillBenchCompany(bindings.database, index + 1, actions, Date.now(), (done) => {
        progress(`seeding ${actions}: ${done}`)
      })
      const reader = { id: company.readerId, companyId: company.companyId, email: '', role: '', company: '' }
      seeded.push({ ...company, actions, token: await openSession(bindings, reader) })
    }
    return seeded
  })
}

/** The bare worker on the same state; its address. */
async function startCeiling(stateDir: string): Promise<string> {
  const port = await freePort()
  const { unstable_startWorker } = await import('wrangler')
  const worker = await unstable_startWorker({
    config: join(import.meta.dirname, '../test/bench/ceiling/wrangler.toml'),
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

interface Row extends Measured {
  name: string
  /** With 8 connections. */
  crowded: Measured
  rowsRead: number
}

async function measureAll(
  url: string,
  ceiling: string,
  company: Seeded,
  seconds: number,
  stateDir: string,
): Promise<Row[]> {
  const rows: Row[] = []
  const queries = { ceiling: '', ...queriesOf(company) }
  for (const [name, path] of Object.entries(queries)) {
    progress(`${company.actions} actions: ${name}`)
    const target = name === 'ceiling' ? ceiling : url + path
    const alone = await measure(target, company.token, 1, seconds)
    const crowded = await measure(target, company.token, 8, seconds)
    const rowsRead = name === 'ceiling' ? 0 : await rowsReadBy(stateDir, alone.requestId)
    rows.push({ name, ...alone, crowded, rowsRead })
  }
  return rows
}

/** From the worker's own log line of that request. */
async function rowsReadBy(stateDir: string, requestId: string): Promise<number> {
  const log = await readFile(join(stateDir, 'worker.log'), 'utf8')
  const line = log.split('\n').findLast((text) => text.includes(`"requestId":"${requestId}"`))
  return line === undefined ? NaN : (JSON.parse(line) as { rowsRead: number }).rowsRead
}

function table(actions: number, rows: readonly Row[]): string {
  const ceiling = rows.find(({ name }) => name === 'ceiling')
  const plain = rows.find(({ name }) => name === 'actions, default')
  const ratio = (rate: number, of: number | undefined) => (of ? (rate / of).toFixed(2) : '')
  const lines = rows.map(({ name, rate, p50, p99, bytes, rowsRead, crowded }) =>
    [
      name,
      rate.toFixed(0),
      p50.toFixed(1),
      p99.toFixed(1),
      crowded.rate.toFixed(0),
      ratio(crowded.rate, ceiling?.crowded.rate),
      ratio(crowded.rate, plain?.crowded.rate),
      String(rowsRead),
      String(bytes),
    ].join(' | '),
  )
  return `### ${actions.toLocaleString('en')} actions

| query | a second | p50 ms | p99 ms | by 8 | of the ceiling | of the default | rows read | bytes |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |
${lines.map((line) => `| ${line} |`).join('\n')}
`
}

function report(sections: readonly string[]): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  return `# What lists cost

By \`npm run bench -- lists\` at ${commit}, on ${cpus().length} cores with ${gigabytes} GB: requests a second with one
connection and with eight, against a bare worker with plain SQL on the same data (\`test/bench/ceiling\`) and against the
default list of actions, in one run.

${sections.join('\n')}`
}

function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r${text.padEnd(70)}` : `${text}\n`)
}
