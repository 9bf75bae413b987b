/**
 * Builds workbooks of random hostile plans inside workerd and reads each back, and of portfolios as many; see
 * test/exports/workbook/hostile.ts. `node scripts/fuzz-workbook.ts [plans = 10000] [seed]`. Exits 1 at the first failure,
 * with its seed.
 */
import { startWorkbookWorker } from './workbook-worker.ts'

const BATCH = 250

const [plans = 10_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)
console.log(`${plans} plans and ${plans} portfolios from seed ${seed}`)
let failure: string | null = null
for (let done = 0; done < plans && failure === null;) {
  const batch = Math.min(BATCH, plans - done)
  for (const kind of ['plan', 'portfolio']) failure ??= await failureIn(kind, seed + done, batch)
  done += batch
  console.log(failure ?? `${done} plans and portfolios read back unharmed`)
}
process.exit(failure === null ? 0 : 1)

async function failureIn(kind: string, first: number, count: number): Promise<string | null> {
  // A worker for each batch: what exceljs reads with keeps streams of its first request and hangs in the next one.
  const worker = await startWorkbookWorker('workbook-fuzz-worker.ts')
  const answer = await worker.ask(`/?seed=${first}&plans=${count}&kind=${kind}`, 600)
  await worker.stop()
  if (answer === null) return `the worker was lost in the batch of seed ${first}, ${kind}`
  return (JSON.parse(new TextDecoder().decode(answer)) as { failure: string | null }).failure
}
