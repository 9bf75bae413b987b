/** Writes sample workbooks into a folder, for CI to open with other programs: `node scripts/write-sample-workbooks.ts out`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startWorkbookWorker } from './workbook-worker.ts'

const SAMPLES = [
  ...['en', 'es', 'empty', 'one', 'long', 'hostile', 'volume', 'large'],
  ...['portfolio', 'portfolio-one', 'portfolio-es', 'portfolio-empty', 'portfolio-hostile'],
]

const folder = process.argv[2] ?? '.'
await mkdir(folder, { recursive: true })
const worker = await startWorkbookWorker('workbook-samples-worker.ts')
for (const name of SAMPLES) {
  const file = await worker.ask(`/${name}`, 60)
  if (file === null) throw new Error(`could not build the sample ${name}`)
  await writeFile(join(folder, `${name}.xlsx`), file)
}
await worker.stop()
process.exit(0)
