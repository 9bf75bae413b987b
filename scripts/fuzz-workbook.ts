/**
 * Builds workbooks of random hostile plans inside workerd and reads each back; see test/exports/workbook/hostile.ts.
 * `node scripts/fuzz-workbook.ts [plans = 10000] [seed]`. Exits 1 at the first failure, with its seed.
 */
import { startWorkbookWorker } from './workbook-worker.ts'

const BATCH = 500

const [plans = 10_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)
console.log(`${plans} plans from seed ${seed}`)
let failure: string | null = null
for (let done = 0; done < plans && failure === null;) {
  const batch = Math.min(BATCH, plans - done)
  // A worker for each batch: what exceljs reads with keeps streams of its first request and hangs in the next one.
  const worker = await startWorkbookWorker('workbook-fuzz-worker.ts')
  const answer = await worker.ask(`/?seed=${seed + done}&plans=${batch}`, 600)
  await worker.stop()
  const report: unknown = answer === null ? null : JSON.parse(new TextDecoder().decode(answer))
  const lost = `the worker was lost in the batch of seed ${seed + done}`
  failure = report === null ? lost : (report as { failure: string | null }).failure
  done += batch
  console.log(failure ?? `${done} plans read back unharmed`)
}
process.exit(failure === null ? 0 : 1)
