/** The steps of a deployment, in order. */
import type { Deployment } from './options.ts'

export interface Step {
  name: string
  /** Arguments of wrangler. */
  command: readonly string[]
  /** Whether it is done whatever others fail, and must not fail for those after it. */
  isFirst: boolean
}

/**
 * Migrations come first: the worker that is deployed needs them, the one before bears them (CONTRIBUTING.md).
 * @param databases the bindings of the environment
 */
export function stepsOf({ environment, dryRun }: Deployment, databases: readonly string[]): readonly Step[] {
  const env = `--env=${environment}`
  if (dryRun) return [{ name: 'bundle', command: ['deploy', '--dry-run', env], isFirst: false }]
  return [
    ...databases.map((database) => ({
      name: `migrations of ${database}`,
      command: ['d1', 'migrations', 'apply', database, '--remote', env],
      isFirst: true,
    })),
    { name: 'worker', command: ['deploy', env], isFirst: false },
  ]
}

/**
 * Carries the steps out, and says which fail. Those that come first are all tried; the others only if none has failed.
 * @param run runs wrangler; resolves to its exit code
 * @returns the exit code of the whole: that of the first step that failed
 */
export async function carryOut(
  steps: readonly Step[],
  run: (command: readonly string[]) => Promise<number>,
  say: (line: string) => void,
): Promise<number> {
  const failed: { title: string; code: number }[] = []
  const left: string[] = []
  for (const [index, { name, command, isFirst }] of steps.entries()) {
    if (failed.length > 0 && !isFirst) {
      left.push(name)
      continue
    }
    const title = `Step ${index + 1} of ${steps.length}, ${name}`
    say(`${title}: wrangler ${command.join(' ')}`)
    const code = await run(command)
    if (code !== 0) failed.push({ title, code })
  }
  const [first] = failed
  if (!first) {
    say(`Done: ${steps.map(({ name }) => name).join(', ')}.`)
    return 0
  }
  const failures = failed.map(({ title, code }) => `${title}, failed (exit code ${code}).`)
  say([...failures, ...(left.length > 0 ? [`Not done: ${left.join(', ')}.`] : [])].join(' '))
  return first.code
}
