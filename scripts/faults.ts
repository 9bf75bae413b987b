/**
 * `npm run faults [-- FILE …]`: the long version of the fault sweeps, the link variants, the input fuzz and the random histories;
 * then the fault sweeps once more with companies in the second of three databases, and a fault at each call of a move.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
const RUNS = [
  {
    projects: ['worker'],
    files: [
      'test/reliability',
      'test/access',
      'test/history/privacy.property.test.ts',
      'test/imports/faults',
    ],
  },
  { projects: ['databases', 'scripts'], files: ['faults.test', 'move-faults.spec'] },
]
const files = process.argv.slice(2)
const runs = files.length > 0 ? [{ projects: ['worker', 'databases', 'scripts'], files }] : RUNS
const results = runs.map((run) =>
  spawnSync(
    process.execPath,
    [vitest, 'run', ...run.projects.flatMap((project) => ['--project', project]), ...run.files],
    { env: { ...process.env, TEST_LENGTH: 'long' }, stdio: 'inherit' },
  ),
)
process.exit(Math.max(...results.map(({ status }) => status ?? 1)))
