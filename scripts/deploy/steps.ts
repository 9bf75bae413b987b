/** The steps of a deployment, in order. */
import type { Deployment } from './options.ts'

export interface Step {
  name: string
  /** Arguments of wrangler. */
  command: readonly string[]
}

/** Migrations come first: the worker that is deployed needs them, the one before bears them (CONTRIBUTING.md). */
export function stepsOf({ environment, dryRun }: Deployment): readonly Step[] {
  const env = `--env=${environment}`
  if (dryRun) return [{ name: 'bundle', command: ['deploy', '--dry-run', env] }]
  return [
    { name: 'migrations', command: ['d1', 'migrations', 'apply', 'DB', '--remote', env] },
    { name: 'worker', command: ['deploy', env] },
  ]
}

/**
 * Carries the steps out until one fails, and says which.
 * @param run runs wrangler; resolves to its exit code
 * @returns the exit code of the whole
 */
export async function carryOut(
  steps: readonly Step[],
  run: (command: readonly string[]) => Promise<number>,
  say: (line: string) => void,
): Promise<number> {
  for (const [index, { name, command }] of steps.entries()) {
    const title = `Step ${index + 1} of ${steps.length}, ${name}`
    say(`${title}: wrangler ${command.join(' ')}`)
    const code = await run(command)
    if (code !== 0) {
      const left = steps.slice(index + 1).map((step) => step.name)
      say(`${title}, failed (exit code ${code}).${left.length > 0 ? ` Not done: ${left.join(', ')}.` : ''}`)
      return code
    }
  }
  say(`Done: ${steps.map(({ name }) => name).join(', ')}.`)
  return 0
}
