/**
 * `npm run bench -- lists [--seconds 3] [--sizes 1000,10000,100000] [--only text]`: what lists cost as a company grows.
 * The service runs beside a bare worker on the same data (test/bench/ceiling). A query, the default list and the bare
 * worker are asked in turn, by 1 and by 8 connections that read every answer to its end. Then a mixed load of nine reads
 * to a write. Prints a table for each size and writes all of it to test/bench/RESULTS.md.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { alternate, type Request, send } from './bench-lists/measure.ts'
import { table, writeResults } from './bench-lists/results.ts'
import { progress, type Seeded, type Setting, withSetting } from './bench-lists/setting.ts'
import { mixedLoad } from './bench-lists/mixed-load.ts'
import { HISTORY, historyQueriesOf, PLANS, queriesOf } from './bench-lists/queries.ts'

export async function benchLists(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '3' },
      sizes: { type: 'string', default: '1000,10000,100000' },
      only: { type: 'string', default: '' },
    },
  })
  const seconds = Number(values.seconds)
  const sections = [await startUp()]
  await withSetting(values.sizes.split(',').map(Number), async (setting) => {
    for (const company of setting.companies) {
      sections.push(await measureAll(setting, company, seconds, values.only))
      console.log(`\n${sections.at(-1) ?? ''}`)
    }
  })
  if (values.only === '') await writeResults('Lists', sections.join('\n\n'))
}

async function measureAll(setting: Setting, company: Seeded, seconds: number, only: string): Promise<string> {
  const requestTo = (url: string) => (): Request => ({ url, token: company.token })
  const rows: (string | number)[][] = []
  const { text } = await send({ url: `${setting.url}${HISTORY}?limit=100`, token: company.token })
  const { cursor } = JSON.parse(text) as { cursor: string }
  const queries = [...queriesOf(company), ...historyQueriesOf(company, cursor)]
  for (const { name, path, plain } of queries.filter((query) => query.name.includes(only))) {
    progress(`${company.actions} actions: ${name}`)
    const sources = {
      query: requestTo(setting.url + path),
      plain: requestTo(setting.url + plain),
      ceiling: requestTo(setting.ceiling + (plain === PLANS ? 'plans' : 'actions')),
    }
    const alone = await alternate(sources, 1, seconds)
    const crowded = await alternate(sources, 8, seconds)
    const { rowsRead, d1Milliseconds } = await setting.costsOf(alone.query.requestId)
    rows.push([
      name,
      alone.query.rate.toFixed(0),
      alone.query.p50.toFixed(1),
      alone.query.p99.toFixed(1),
      crowded.query.rate.toFixed(0),
      (crowded.query.rate / crowded.plain.rate).toFixed(2),
      (crowded.query.rate / crowded.ceiling.rate).toFixed(2),
      rowsRead,
      d1Milliseconds.toFixed(1),
      alone.query.bytes,
    ])
  }
  const mixed = only === '' ? await mixedLoad(setting, company, seconds * 4) : ''
  return `## ${company.actions.toLocaleString('en')} actions

${table(
  [
    'query',
    'a second',
    'p50 ms',
    'p99 ms',
    'by 8',
    'of the default list',
    'of the bare worker',
    'rows read',
    'D1 ms',
    'bytes',
  ],
  rows,
)}

${mixed}`
}

/** Size of the bundle and the processor time until it can answer, by wrangler's own profile. */
async function startUp(): Promise<string> {
  progress('bundling')
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  const wrangler = (...args: string[]) => execFileSync('npx', ['wrangler', ...args], { stdio: 'pipe' })
  try {
    wrangler('deploy', '--dry-run', '--outdir', folder)
    const kibibytes = gzipSync(await readFile(join(folder, 'index.js'))).length / 1024
    const profile = join(folder, 'startup.cpuprofile')
    wrangler('check', 'startup', '--outfile', profile)
    const { nodes, samples, timeDeltas } = JSON.parse(await readFile(profile, 'utf8')) as Profile
    const idle = new Set(
      nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
    )
    const microseconds = timeDeltas.filter((_, index) => !idle.has(samples[index] ?? -1))
    const milliseconds = microseconds.reduce((sum, delta) => sum + delta, 0) / 1000
    return `The script has ${kibibytes.toFixed(0)} KiB (gzip) and needs ${milliseconds.toFixed(0)} ms of processor time to start.`
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Profile {
  nodes: { id: number; callFrame: { functionName: string } }[]
  samples: number[]
  timeDeltas: number[]
}
