/** The running worker: started, watched until it answers, its output kept. */
import type { ChildProcess } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from './options.ts'
import { freePort } from './ports.ts'
import { endAllBelow, isShuttingDown, noteDescendants, shutDown } from './shutdown.ts'
import { spawnWorker } from './wrangler.ts'

const START_LIMIT_MS = 60_000
const LINES_TO_SHOW = 20
const MOST_UNREAD_BYTES = 2 ** 20
const MOST_DEATHS = 20
const DEATHS_WITHIN_MS = 60_000

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
 * Starts the worker and resolves once /healthz answers 200. wrangler's development proxy gives up over a client that
 * goes away in the middle of its upload; a worker that dies after it was healthy is started again on the same state,
 * unless it keeps dying, and then so does this process.
 * @throws Error with the worker's last output
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { port, stateDir } = options
  const logFile = join(stateDir, 'worker.log')
  await rename(logFile, `${logFile}.old`).catch(() => undefined)
  const log = createWriteStream(logFile)
  const lastLines: string[] = []
  const deaths: number[] = []

  async function start(): Promise<void> {
    const inspectorPort = await freePort()
    if (isShuttingDown()) return
    const child = spawnWorker({ ...options, inspectorPort })
    keepOutput(child, log, lastLines, options.echo)
    child.once('exit', (code, signal) => void mourn(`exit code ${String(code)}, ${signal ?? 'no signal'}`))
    await untilHealthy(port, lastLines)
    noteDescendants()
  }

  async function mourn(how: string): Promise<void> {
    // Ctrl-C reaches wrangler too, and its end may be seen before our own signal.
    await sleep(250)
    if (isShuttingDown()) return
    deaths.push(Date.now())
    console.error(`The worker ended by itself (${how}). Its last output:\n${lastLines.join('\n')}`)
    const recent = deaths.filter((time) => time > Date.now() - DEATHS_WITHIN_MS).length
    if (!wasHealthy || recent > MOST_DEATHS) {
      await shutDown(1)
      return
    }
    console.error('Starting it again.')
    // What it left behind would hold the port.
    await endAllBelow()
    await start().catch(async (error: unknown) => {
      console.error(error instanceof Error ? error.message : error)
      await shutDown(1)
    })
  }

  let wasHealthy = false
  await start()
  wasHealthy = true
  return { url: `http://localhost:${port}`, logFile, lastLines }
}

/** @throws Error with the last output when it does not become healthy in time */
async function untilHealthy(port: number, lastLines: readonly string[]): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS
  let answer = 'no answer'
  while (Date.now() < deadline) {
    answer = await healthOf(port)
    if (answer === 'ok') return
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

/** Writes the output to the log file and keeps its last lines. */
function keepOutput(child: ChildProcess, log: WriteStream, lastLines: string[], echo: boolean): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`)
      lastLines.push(line)
      if (lastLines.length > LINES_TO_SHOW) lastLines.shift()
      // The worker logs JSON; the rest is wrangler's small talk, its errors apart.
      if (echo && isRead() && (line.startsWith('{') || line.includes('ERROR'))) console.log(line)
    })
  }
}

/** What goes into a pipe that nobody empties would pile up here: then the log file must do. */
function isRead(): boolean {
  return process.stdout.writableLength < MOST_UNREAD_BYTES
}
