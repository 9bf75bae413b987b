import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../scripts/local/ports.ts'
import { killGroup, membersOf, workerdsOf } from '../../scripts/local/process-group.ts'
import { npmRun, run as start, type Run, untilGroupIsGone, untilOutput } from './support.ts'

const READY = 'Ctrl-C stops everything.'

interface Dev extends Run {
  url: string
  mailboxUrl: string
  stateDir: string
}

let folders: string[]
let runs: Run[]

beforeEach(() => {
  folders = []
  runs = []
})

afterEach(async () => {
  for (const run of runs) killGroup(run.child)
  await Promise.all(runs.map((run) => run.ended))
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })))
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dev-'))
  folders.push(folder)
  return folder
}

async function startDev(stateDir: string, env: Record<string, string> = {}): Promise<Dev> {
  const port = String(await freePort())
  const mailboxPort = String(await freePort())
  const run = npmRun('dev', { PORT: port, MAILBOX_PORT: mailboxPort, STATE_DIR: stateDir, ...env })
  runs.push(run)
  const urls = { url: `http://localhost:${port}`, mailboxUrl: `http://localhost:${mailboxPort}` }
  await untilOutput(run, READY)
  return { ...run, ...urls, stateDir }
}

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  )
}

/** The titles of plans that the printed session sees. */
async function planTitles(dev: Dev, token = tokenOf(dev)): Promise<string[]> {
  const response = await fetch(`${dev.url}/api/v1/company/action-plans`, { headers: { SessionId: token } })
  expect(response.status).toBe(200)
  const { result } = await response.json<{ result: { title: string }[] }>()
  return result.map(({ title }) => title)
}

function tokenOf(dev: Dev): string {
  return /SessionId: (\S+)'/.exec(dev.output())?.[1] ?? ''
}

interface Operation {
  operationId: string
  security: unknown[]
  parameters: { name: string; in: string; example?: string }[]
  requestBody?: { content: Record<string, { example?: unknown }> }
}

/** Sends the operation of the document as it is pre-filled. */
async function execute(
  dev: Dev,
  method: string,
  path: string,
  { security, parameters, requestBody }: Operation,
): Promise<Response> {
  const exampleOf = (name: string) => parameters.find((each) => each.name === name)?.example ?? ''
  const url = new URL(
    path.replace(/\{(\w+)\}/g, (_, name: string) => exampleOf(name)),
    dev.url,
  )
  for (const { name, in: place, example } of parameters)
    if (place === 'query' && example !== undefined) url.searchParams.set(name, example)
  const [mediaType, body] = Object.entries(requestBody?.content ?? {})[0] ?? []
  return fetch(url, {
    method,
    headers: {
      ...(security.length > 0 ? { SessionId: tokenOf(dev) } : {}),
      ...(mediaType === undefined ? {} : { 'Content-Type': mediaType }),
    },
    ...(body?.example === undefined ? {} : { body: JSON.stringify(body.example) }),
  })
}

/** Sends half of a body and, after so many milliseconds, nothing more. */
async function hangUpInMidRequest(dev: Dev, milliseconds: number): Promise<void> {
  const socket = connect(Number(new URL(dev.url).port), '127.0.0.1').on('error', () => undefined)
  socket.write(
    `POST /api/v1/company/action-plans HTTP/1.1\r\nHost: localhost\r\nSessionId: ${tokenOf(dev)}\r\n`,
  )
  socket.write('Content-Type: application/json\r\nContent-Length: 4096\r\n\r\n{"title":"Half')
  await sleep(milliseconds)
  socket.destroy()
}

/** Takes the first bytes of a long answer and no more. */
async function hangUpInMidAnswer(dev: Dev): Promise<void> {
  const abort = new AbortController()
  const response = await fetch(`${dev.url}/openapi.json`, { signal: abort.signal })
  await response.body?.getReader().read()
  abort.abort()
}

describe('npm run dev', () => {
  it('seeds once, and loses nothing to SIGKILL', async () => {
    const stateDir = await newFolder()
    const first = await startDev(stateDir)
    const token = tokenOf(first)
    expect((await planTitles(first)).sort()).toEqual([
      'A better first ninety days',
      'Legacy plan',
      'Recognition that people notice',
    ])
    const made = await fetch(`${first.url}/api/v1/company/action-plans`, {
      method: 'POST',
      headers: { SessionId: token, 'Content-Type': 'application/json' },
      body: JSON.stringify({ title: 'Kept' }),
    })
    expect(made.status).toBe(200)
    const code = await fetch(`${first.url}/api/v1/sign-in-codes`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'noa@acme.test' }),
    })
    expect(code.status).toBe(202)
    await expect.poll(() => mailCount(first), { timeout: 10_000 }).toBe(1)
    killGroup(first.child)
    await untilGroupIsGone(first, 2000)

    const second = await startDev(stateDir)
    expect(await planTitles(second, token)).toContain('Kept')
    expect(await planTitles(second, token)).toHaveLength(4)
    expect(await mailCount(second)).toBe(1)
    expect(second.output()).toMatch(/Demo users; .*\n.*ana@acme\.test +ADMIN +Acme/)
    await untilOutput(second, '"route":"/api/v1/company/action-plans"')
  })

  it('sends a sign-in mail that SIGKILL had kept from the provider', async () => {
    const stateDir = await newFolder()
    // Nobody listens there: the mail stays owed.
    const first = await startDev(stateDir, { MAIL_API_URL: 'http://127.0.0.1:9' })
    const code = await fetch(`${first.url}/api/v1/sign-in-codes`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'noa@acme.test' }),
    })
    expect(code.status).toBe(202)
    killGroup(first.child)
    await untilGroupIsGone(first, 2000)
    const second = await startDev(stateDir)
    await expect.poll(() => mailCount(second), { timeout: 90_000, interval: 500 }).toBe(1)
  })

  it('succeeds with every operation as the reference pre-fills it, with the code once a start', async () => {
    const stateDir = await newFolder()
    const first = await startDev(stateDir, { RATE_LIMITS: 'off' })
    const reference = await fetch(`${first.url}/openapi.json`)
    const { paths } = await reference.json<{ paths: Record<string, Record<string, Operation>> }>()
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
    )
    const ends = ['signOut', 'signOutEverywhere']
    for (const { method, path, operation } of operations.filter(
      (each) => !ends.includes(each.operation.operationId),
    )) {
      const response = await execute(first, method, path, operation)
      const text = await response.text()
      expect(response.ok, `${method} ${path} ${response.status}: ${text}`).toBe(true)
    }
    const signIn = operations.find(({ operation }) => operation.operationId === 'signIn')
    if (!signIn) throw new Error('There is no signIn')
    const signInStatus = async (dev: Dev) =>
      (await execute(dev, 'POST', signIn.path, signIn.operation)).status
    expect(await signInStatus(first)).toBe(401)
    killGroup(first.child)
    await untilGroupIsGone(first, 2000)
    expect(await signInStatus(await startDev(stateDir))).toBe(200)
  })

  it('prints who is there where there is no demo data', async () => {
    const stateDir = await newFolder()
    const options = ['create', '--name', 'Other', '--admin-email', 'x@y.test', '--admin-name', 'X']
    const company = npmRun('company', { STATE_DIR: stateDir }, [...options, '--time-zone', 'europe/madrid'])
    runs.push(company)
    expect(await company.ended, company.output()).toBe(0)
    const dev = await startDev(stateDir)
    expect(dev.output()).toMatch(/ Users; .*\n +x@y\.test +ADMIN +Other\n/)
    expect(dev.output()).not.toContain('acme.test')
    expect(await planTitles(dev)).toEqual([])
    const of = await fetch(`${dev.url}/api/v1/company`, { headers: { SessionId: tokenOf(dev) } })
    expect(await of.json()).toMatchObject({ name: 'Other', timeZone: 'Europe/Madrid' })
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'ends everything after %s to npm alone',
    async (signal) => {
      const dev = await startDev(await newFolder())
      expect(membersOf(dev.child).length).toBeGreaterThan(3)
      dev.child.kill(signal)
      await untilGroupIsGone(dev, 5000)
    },
  )

  it.each([0, 1])('ends with the last output when workerd %i dies', async (index) => {
    const dev = await startDev(await newFolder())
    process.kill(workerdsOf(dev.child)[index] ?? 0, 'SIGKILL')
    expect(await dev.ended).toBe(1)
    expect(dev.output()).toMatch(/The worker ended by itself .*SIGKILL.*\n.*"route":"\/healthz"/)
    await untilGroupIsGone(dev, 2000)
  })

  it('lives on with the same worker when clients hang up', async () => {
    const dev = await startDev(await newFolder(), { RATE_LIMITS: 'off' })
    const workerds = workerdsOf(dev.child)
    expect(workerds).toHaveLength(2)
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          await hangUpInMidRequest(dev, index)
          await hangUpInMidAnswer(dev)
        }),
      )
      expect(await isHealthy(dev.url)).toBe(true)
    }
    expect(await planTitles(dev)).toHaveLength(3)
    expect(workerdsOf(dev.child)).toEqual(workerds)
    expect(dev.child.exitCode).toBeNull()
  })

  it('runs twice at once without mixing', async () => {
    const [left, right] = await Promise.all([startDev(await newFolder()), startDev(await newFolder())])
    const foreign = await fetch(`${right.url}/api/v1/company/action-plans`, {
      headers: { SessionId: tokenOf(left) },
    })
    expect(foreign.status).toBe(401)
    left.child.kill('SIGTERM')
    await untilGroupIsGone(left, 5000)
    expect(await planTitles(right)).toHaveLength(3)
  })

  it('starts no mailbox when mail goes elsewhere', async () => {
    const dev = await startDev(await newFolder(), { MAIL_API_URL: 'http://127.0.0.1:9', RATE_LIMITS: 'off' })
    await expect(fetch(dev.mailboxUrl)).rejects.toThrow()
    expect(await planTitles(dev)).toHaveLength(3)
  })

  it('says which port is taken, and which is no port', async () => {
    const port = await freePort()
    const squatter = createServer().listen(port, '127.0.0.1')
    try {
      await expectRefusal({ PORT: String(port) }, `Port ${port} is already taken. Choose another with PORT=`)
      await expectRefusal({ PORT: 'abc' }, 'PORT must be a port number')
      await expectRefusal({ PORT: '9001', MAILBOX_PORT: '9001' }, 'PORT and MAILBOX_PORT must differ')
    } finally {
      squatter.close()
    }
  })
})

describe('npx wrangler dev, with .dev.vars.example as .dev.vars', () => {
  it('serves after the migrations', async () => {
    const stateDir = await newFolder()
    const port = await freePort()
    const wrangler = (...args: string[]) => {
      const run = start('npx', ['wrangler', ...args, '--persist-to', stateDir], {
        WRANGLER_REGISTRY_PATH: join(stateDir, 'registry'),
      })
      runs.push(run)
      return run
    }
    const migrations = wrangler('d1', 'migrations', 'apply', 'DB', '--local')
    expect(await migrations.ended, migrations.output()).toBe(0)
    const dev = wrangler(
      ...['dev', '--env-file', '.dev.vars.example', '--port', String(port)],
      ...['--inspector-port', String(await freePort())],
    )
    await untilOutput(dev, 'Ready on')
    const response = await fetch(`http://localhost:${port}/healthz`)
    expect(response.status, await response.text()).toBe(200)
  })
})

async function expectRefusal(env: Record<string, string>, message: string): Promise<void> {
  const run = npmRun('dev', { ...env, STATE_DIR: await newFolder() })
  runs.push(run)
  expect(await run.ended).toBe(1)
  expect(run.output()).toContain(message)
}

async function mailCount(dev: Dev): Promise<number> {
  const response = await fetch(`${dev.mailboxUrl}/emails`)
  return (await response.json<unknown[]>()).length
}
