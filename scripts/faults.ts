/** `npm run faults`: the long version of the fault sweeps, the link variants, the input fuzz and the random histories. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
const FILES = ['test/reliability', 'test/access', 'test/history/privacy.property.test.ts']
const files = process.argv.slice(2)
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'worker', ...(files.length > 0 ? files : FILES)],
  { env: { ...process.env, TEST_LENGTH: 'long' }, stdio: 'inherit' },
)
process.exit(status ?? 1)
