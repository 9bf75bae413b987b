/** `npm run faults`: the long version of the fault sweep, the link variants and the input fuzz, about 12 minutes. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
const files = process.argv.slice(2)
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'worker', ...(files.length > 0 ? files : ['test/reliability', 'test/access'])],
  { env: { ...process.env, TEST_LENGTH: 'long' }, stdio: 'inherit' },
)
process.exit(status ?? 1)
