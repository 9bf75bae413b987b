/** The running worker: started, watched until it answers, its output kept. */
import type { ChildProcess } from 'node:child_process'
import { createWriteStream, fstatSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from './options.ts'
import { freePort } from './ports.ts'
import { isShuttingDown, shutDown } from './shutdown.ts'
import { spawnWorker } from './wrangler.ts'

const START_LIMIT_MS = 60_000
const LINES_TO_SHOW = 20

export interface Worker {
  url: string
  logFile: string
  /** Keeps changing. */
  lastLines: readonly string[]
}

interface WorkerOptions {
  port: number
  stateDir: string
  env: Environment
  /** Whether to show the worker's log lines while it runs. */
  echo: boolean
}

/**
 * Starts the worker and resolves once /healthz answers 200. Should it die at any time, so does this process.
 * @throws Error with the worker's last output
 */
export async function startWorker({ port, stateDir, env, echo }: WorkerOptions): Promise<Worker> {
  const logFile = join(stateDir, 'worker.log')
  await rename(logFile, `${logFile}.old`).catch(() => undefined)
  const child = spawnWorker({ port, inspectorPort: await freePort(), stateDir, env })
  const lastLines = keepOutput(child, logFile, echo)

  child.once(
    'exit',
    (code, signal) => void reportDeath(`exit code ${String(code)}, ${signal ?? 'no signal'}`),
  )
  async function reportDeath(how: string): Promise<void> {
    // Ctrl-C reaches wrangler too, and its end may be seen before our own signal.
    await sleep(250)
    if (isShuttingDown()) return
    console.error(`The worker ended by itself (${how}). Its last output:\n${lastLines.join('\n')}`)
    await shutDown(1)
  }

  const url = `http://localhost:${port}`
  const deadline = Date.now() + START_LIMIT_MS
  let answer = 'no answer'
  while (Date.now() < deadline) {
    answer = await healthOf(port)
    if (answer === 'ok') return { url, logFile, lastLines }
    await sleep(200)
  }
  throw new Error(`The worker did not become healthy (${answer}). Its last output:\n${lastLines.join('\n')}`)
}

async function healthOf(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(5000) })
    const body = await response.text()
    return response.ok ? 'ok' : `${response.status} ${body}`
  } catch {
    return 'no answer'
  }
}

/** Writes the output to the log file and returns its last lines, which keep changing. */
function keepOutput(child: ChildProcess, logFile: string, echo: boolean): readonly string[] {
  const log = createWriteStream(logFile)
  const lastLines: string[] = []
  const show = echo && isWatched()
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`)
      lastLines.push(line)
      if (lastLines.length > LINES_TO_SHOW) lastLines.shift()
      // The worker logs JSON; the rest is wrangler's small talk, its errors apart.
      if (show && (line.startsWith('{') || line.includes('ERROR'))) console.log(line)
    })
  }
  return lastLines
}

/** Writing to a pipe that nobody empties would block us and in turn the worker: then the log file must do. */
function isWatched(): boolean {
  return process.stdout.isTTY || fstatSync(1).isFile()
}
