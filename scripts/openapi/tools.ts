/** The tools in tools/openapi, which have a lock file of their own, so that `npm ci` of the project stays small. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const PROJECT_DIR = join(import.meta.dirname, '../..')
const TOOLS_DIR = join(PROJECT_DIR, 'tools/openapi')

/** Runs a command and shows what it prints. Ends this process if it fails. */
export function run(command: string, args: readonly string[], options: { cwd: string; env?: object }): void {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** Installs the packages of a folder with a lock file of its own, unless they are there. */
export function install(folder: string): void {
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
}

/** Runs a tool. Ends this process if it fails. */
export function runTool(name: string, args: readonly string[]): void {
  install(TOOLS_DIR)
  run(join(TOOLS_DIR, 'node_modules/.bin', name), args, {
    cwd: TOOLS_DIR,
    env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
}
