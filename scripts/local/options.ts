/** What `npm run dev` and its relatives read from the environment. */
import { resolve } from 'node:path'

/** As a process has it; worker-configuration.d.ts claims more of NodeJS.ProcessEnv. */
export type Environment = Record<string, string | undefined>

export interface LocalOptions {
  port: number
  mailboxPort: number
  /** Where debuggers attach; 0 takes any free port. */
  /** null: no debugger can attach. */
  inspectorPort: number | null
  stateDir: string
  /** Where mail goes; null starts the local mailbox. */
  mailApiUrl: string | null
}

/** @throws Error that names the variable that is wrong */
export function readLocalOptions(env: Environment): LocalOptions {
  const port = readPort(env, 'PORT', 8787)
  const mailboxPort = readPort(env, 'MAILBOX_PORT', 8025)
  const inspectorPort = env.INSPECTOR_PORT === 'off' ? null : readPort(env, 'INSPECTOR_PORT', 0)
  const mailApiUrl = env.MAIL_API_URL || null
  if (mailApiUrl === null && port === mailboxPort) {
    throw new Error(`PORT and MAILBOX_PORT must differ; both are ${port}.`)
  }
  return { port, mailboxPort, inspectorPort, stateDir: readStateDir(env), mailApiUrl }
}

export function readStateDir(env: Environment): string {
  return resolve(env.STATE_DIR || '.wrangler/state')
}

function readPort(env: Environment, name: string, fallback: number): number {
  const text = env[name]
  if (!text) return fallback
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new Error(`${name} must be a port number from 1 to 65535, not "${text}".`)
  }
  return port
}
