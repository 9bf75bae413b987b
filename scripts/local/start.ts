/** Everything that runs locally, started in order: database, demo data, mailbox, worker, cron. */
import { mkdir } from 'node:fs/promises'
import { DEMO_USERS, seedDemoData } from '../demo-data.ts'
import { startMailbox } from '../mailbox.ts'
import { withLocalBindings } from './bindings.ts'
import type { LocalOptions } from './options.ts'
import { requireFreePort } from './ports.ts'
import { loadSecrets } from './secrets.ts'
import { findUsers, type LocalUser, openSession } from './session.ts'
import { startWorker, type Worker } from './worker.ts'
import { quietWrangler } from './wrangler.ts'

const CRON_INTERVAL_MS = 30_000

export interface Local {
  worker: Worker
  /** null when mail goes elsewhere. */
  mailboxUrl: string | null
  /** Whether this start put the demo data in. */
  seeded: boolean
  /** Some who can sign in: the demo users, if they are there. */
  users: readonly LocalUser[]
  /** A live session of the first ADMIN among them; null when there is none. */
  session: { email: string; token: string } | null
}

/** Starts it all; it ends with this process. */
export async function startLocal(options: LocalOptions, { echo }: { echo: boolean }): Promise<Local> {
  const { port, mailboxPort, inspectorPort, stateDir, mailApiUrl } = options
  await requireFreePort(port, 'PORT')
  if (mailApiUrl === null) await requireFreePort(mailboxPort, 'MAILBOX_PORT')
  await mkdir(stateDir, { recursive: true })
  quietWrangler(stateDir)
  const secrets = await loadSecrets(stateDir, process.env)
  // Also for the bindings below: wrangler takes what wrangler.toml names from its environment.
  Object.assign(process.env, secrets)

  const { seeded, users, session } = await withLocalBindings(stateDir, async (bindings) => {
    const seeded = await seedDemoData(bindings, Date.now())
    const users = await findUsers(
      bindings,
      DEMO_USERS.map(({ email }) => email),
    )
    const admin = users.find(({ role }) => role === 'ADMIN')
    const session = admin ? { email: admin.email, token: await openSession(bindings, admin) } : null
    return { seeded, users, session }
  })

  const mailbox =
    mailApiUrl === null
      ? await startMailbox({ port: mailboxPort, stateDir, apiKey: secrets.MAIL_API_KEY })
      : null
  Object.assign(process.env, {
    PUBLIC_URL: process.env.PUBLIC_URL || `http://localhost:${port}`,
    MAIL_API_URL: mailApiUrl ?? mailbox?.url,
    ...(mailbox && { WEBHOOK_TRUSTED_HOSTS: trusted(mailbox.url) }),
  })
  const worker = await startWorker({
    port,
    inspectorPort,
    stateDir,
    echo,
  })
  setInterval(() => void callCron(port), CRON_INTERVAL_MS)
  return { worker, mailboxUrl: mailbox?.url ?? null, seeded, users, session }
}

/** The mailbox receives webhooks as well, by either name of this machine. */
function trusted(mailboxUrl: string): string {
  const { host, port } = new URL(mailboxUrl)
  const others = process.env.WEBHOOK_TRUSTED_HOSTS
  return [...(others ? [others] : []), host, `localhost:${port}`].join(',')
}

/** In production the platform calls; locally nobody does. */
async function callCron(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`
  await fetch(url, { signal: AbortSignal.timeout(CRON_INTERVAL_MS) })
    .then((response) => response.body?.cancel())
    .catch(() => undefined)
}
