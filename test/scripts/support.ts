/** Running the project's own commands as a developer would, each in a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { membersOf } from '../../scripts/local/process-group.ts'

export interface Run {
  /** The command itself, such as npm, which leads the group. */
  child: ChildProcess
  /** Everything printed so far. */
  output: () => string
  ended: Promise<number | null>
}

/** Starts `npm run <name>`. */
export function npmRun(name: string, env: Record<string, string>, args: readonly string[] = []): Run {
  return run('npm', ['run', '--silent', name, '--', ...args], env)
}

/** Starts a command in a process group of its own. */
export function run(command: string, args: readonly string[], env: Record<string, string>): Run {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, output: () => chunks.join(''), ended }
}

/** Resolves when the output says so; throws with the output if the run ends before or takes over two minutes, which only a machine with much else to do takes. */
export async function untilOutput(run: Run, text: string): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!run.output().includes(text)) {
    if (run.child.exitCode !== null || Date.now() > deadline) throw new Error(`Not ready:\n${run.output()}`)
    await sleep(50)
  }
}

/** Waits until no process of the group lives; throws naming those that do after the time. */
export async function untilGroupIsGone(run: Run, milliseconds: number): Promise<void> {
  const deadline = Date.now() + milliseconds
  while (membersOf(run.child).length > 0) {
    if (Date.now() > deadline) throw new Error(`Still alive: ${membersOf(run.child).join(', ')}`)
    await sleep(50)
  }
}
