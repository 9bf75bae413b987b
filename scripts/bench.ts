/** `npm run bench -- <name>`: measures rather than tests, and prints what it found. */
import { benchWorkbook } from './bench-workbook.ts'
import { benchDatabases } from './bench-databases.ts'
import { benchLists } from './bench-lists.ts'
import { benchPortfolio } from './bench-portfolio.ts'
import { benchRefusals } from './bench-refusals.ts'
import { benchScale } from './bench-scale.ts'
import { benchWrites } from './bench-writes.ts'
import { benchSoak } from './soak.ts'

const [name = '', ...rest] = process.argv.slice(2)
const benches: Record<string, (args: string[]) => Promise<void>> = {
  workbook: benchWorkbook,
  soak: benchSoak,
  refusals: benchRefusals,
  lists: benchLists,
  portfolio: benchPortfolio,
  writes: benchWrites,
  databases: benchDatabases,
  scale: benchScale,
}
const bench = benches[name]
if (!bench) {
  console.error(`Which one? npm run bench -- ${Object.keys(benches).join(' | ')}`)
  process.exit(1)
}
await bench(rest)
process.exit()
