import { expect, it } from 'vitest'
import { npmRun } from './support.ts'

it('a worker with a heap of 128 MB answers and exports what a heavy company keeps', async () => {
  const run = npmRun('heavy', {}, ['--short'])
  expect(await run.ended, run.output()).toBe(0)
  expect(run.output()).toMatch(/\d+ requests \(.*\), the worker's heap at most \d+ MB of 128, 0 problems/)
}, 240_000)
