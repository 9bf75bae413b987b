/** The running worker: wrangler's development server inside this process, its log kept. */
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { furtherDatabases } from './databases.ts'
import { WRANGLER_CONFIG } from './wrangler.ts'

const START_LIMIT_MS = 60_000
const LINES_TO_SHOW = 20
const MOST_UNREAD_BYTES = 2 ** 20

export interface Worker {
  url: string
  logFile: string
  /** Keeps changing. */
  lastLines: readonly string[]
}

interface WorkerOptions {
  port: number
  /** null: no debugger can attach. */
  inspectorPort: number | null
  stateDir: string
  /** Whether to show the worker's log lines while it runs. */
  echo: boolean
}

/**
 * Starts the worker and resolves once /healthz answers 200. Variables and secrets that wrangler.toml names are taken
 * from this process's environment. If the worker dies later, this process says so and exits with code 1.
 * @throws Error with the worker's last output
 */
export async function startWorker({ port, inspectorPort, stateDir, echo }: WorkerOptions): Promise<Worker> {
  const logFile = join(stateDir, 'worker.log')
  await rename(logFile, `${logFile}.old`).catch(() => undefined)
  const log = createWriteStream(logFile)
  const lastLines: string[] = []
  const keep = (line: string) => {
    log.write(`${line}\n`)
    lastLines.push(line)
    if (lastLines.length > LINES_TO_SHOW) lastLines.shift()
    if (echo && isRead()) console.log(line)
  }

  const die = (how: string) => {
    console.error(`The worker ended by itself (${how}). Its last output:\n${lastLines.join('\n')}`)
    process.exit(1)
  }
  onWorkerdDeath(die)
  const { unstable_startWorker } = await import('wrangler')
  const further = await furtherDatabases(process.env)
  const worker = await unstable_startWorker({
    config: WRANGLER_CONFIG,
    bindings: Object.fromEntries(
      further.map(({ binding, ...database }) => [binding, { type: 'd1' as const, ...database }]),
    ),
    // An empty file in place of .dev.vars, which is for other ways to run the worker.
    envFiles: ['/dev/null'],
    dev: {
      remote: false,
      // Or requests would seem to come to the custom domain of wrangler.toml.
      inferOriginFromRoutes: false,
      server: { hostname: '127.0.0.1', port },
      inspector: inspectorPort === null ? false : { hostname: '127.0.0.1', port: inspectorPort },
      persist: stateDir,
      watch: true,
      logLevel: 'warn',
      structuredLogsHandler: ({ message }: { message: string }) => {
        keep(message)
      },
    },
  })
  worker.raw.on('error', ({ reason, cause }: { reason: string; cause: { message: string } }) => {
    die(`${reason}: ${cause.message}`)
  })
  await untilHealthy(port, lastLines)
  return { url: `http://localhost:${port}`, logFile, lastLines }
}

/**
 * wrangler starts two workerd. Of one that crashed it makes a new one, but behind a new proxy every request waits
 * forever, and a new worker has lost its queue: better that the developer knows.
 */
function onWorkerdDeath(report: (how: string) => void): void {
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: ChildProcess }
    child.once('close', (code, signal) => {
      // wrangler itself ends it, by `kill`, to load changed code.
      if (child.killed || basename(child.spawnfile) !== 'workerd') return
      // Ctrl-C reaches workerd too, and its end may be seen before our own signal.
      setTimeout(report, 250, `exit code ${String(code)}, ${signal ?? 'no signal'}`)
    })
  })
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

/** What goes into a pipe that nobody empties would pile up here: then the log file must do. */
function isRead(): boolean {
  return process.stdout.writableLength < MOST_UNREAD_BYTES
}
