/** `npm run dev` as a developer starts it, in a process group of its own that can be killed as a whole. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../local/ports.ts'
import { killGroup, membersOf, readProc, workerdsOf } from '../local/process-group.ts'

const READY = 'Ctrl-C stops everything.'
const START_LIMIT_MS = 90_000

export interface Place {
  port: number
  mailboxPort: number
  inspectorPort: number
  stateDir: string
}

export interface Service {
  url: string
  mailboxUrl: string
  /** A live session of ana@acme.test. */
  token: string
  /** Bytes of memory that its workerd holds now, the local D1, KV, R2 and queues included. */
  memory(): number
  /** Where the worker's inspector listens. */
  inspectorPort: number
  /** SIGKILL to all of it at once; resolves when none of it lives. */
  kill(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) killGroup(child)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

/** Ports and a state folder; links in mails name the port, so a service keeps its place over restarts. */
export async function newPlace(stateDir: string): Promise<Place> {
  return {
    port: await freePort(),
    mailboxPort: await freePort(),
    inspectorPort: await freePort(),
    stateDir,
  }
}

/** Starts it and waits until it answers. */
export async function startService(place: Place, variables: Record<string, string>): Promise<Service> {
  const child = spawn('npm', ['run', '--silent', 'dev'], {
    env: {
      ...process.env,
      PORT: String(place.port),
      MAILBOX_PORT: String(place.mailboxPort),
      INSPECTOR_PORT: String(place.inspectorPort),
      STATE_DIR: place.stateDir,
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-20_000)
    })
  const deadline = Date.now() + START_LIMIT_MS
  while (!output.includes(READY)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`It did not start:\n${output}`)
    await sleep(25)
  }
  return {
    url: `http://127.0.0.1:${place.port}`,
    mailboxUrl: `http://127.0.0.1:${place.mailboxPort}`,
    token: /SessionId: (\S+)'/.exec(output)?.[1] ?? '',
    memory: () => memoryOf(child),
    inspectorPort: place.inspectorPort,
    kill: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  killGroup(child)
  while (membersOf(child).length > 0) await sleep(20)
  running.delete(child)
}

function memoryOf(child: ChildProcess): number {
  return workerdsOf(child)
    .map((pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readProc(pid, 'status'))?.[1] ?? 0) * 1024)
    .reduce((sum, bytes) => sum + bytes, 0)
}

export interface Reply<Body> {
  status: number
  body: Body
  location: string | null
}

/**
 * One call of the API, its answer read to the end: only then is a write acknowledged.
 * @param body an object goes as JSON, a text as it is
 */
export async function call<Body>(
  { url, token }: Pick<Service, 'url' | 'token'>,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<Reply<Body>> {
  const response = await fetch(url + path, {
    method,
    headers: { SessionId: token, ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
    ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  // The caller says what it expects, and looks at the status first.
  const parsed = (text === '' ? {} : JSON.parse(text)) as Body
  return { status: response.status, body: parsed, location: response.headers.get('Location') }
}

/** What the cron does, now. */
export async function sweep({ url }: Pick<Service, 'url'>): Promise<void> {
  const response = await fetch(`${url}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`)
  await response.text()
}

/** An answer, but a wrong one: no kill explains it. */
export class UnexpectedStatus extends Error {}

/** The answer is that the same may be tried again soon: the company is being moved. */
export class TryLater extends Error {}

/** Throws TryLater or UnexpectedStatus if it is another status than it should be. */
export function expectStatus(status: number, expected: number, what: string): void {
  if (status === expected) return
  throw status === 503 ? new TryLater(what) : new UnexpectedStatus(`${what} answered ${status}`)
}

/** Of a mail in the mailbox (scripts/mailbox/mails.ts), what is looked at. */
export interface Mail {
  to: string | string[]
  text: string
  idempotencyKey: string | null
}

export async function mailsOf({ mailboxUrl }: Pick<Service, 'mailboxUrl'>): Promise<Mail[]> {
  const response = await fetch(`${mailboxUrl}/emails`)
  return JSON.parse(await response.text()) as Mail[]
}

/** How many mails came with each idempotency key: an export's id, or that of a sign-in code. */
export function countByKey(mails: readonly Mail[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { idempotencyKey: key } of mails) if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
