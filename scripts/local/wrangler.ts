/** Running wrangler locally: quietly, offline, and never asking anything. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PROJECT_DIR = join(import.meta.dirname, '../..')
export const WRANGLER_CONFIG = join(PROJECT_DIR, 'wrangler.toml')
const WRANGLER_MAIN = fileURLToPath(import.meta.resolve('wrangler'))

/** Makes wrangler quiet and independent of the network, here and in the processes started from here. */
export function quietWrangler(stateDir: string): void {
  Object.assign(process.env, {
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
    // By default workers of one name find each other through the home folder, also those of another run.
    WRANGLER_REGISTRY_PATH: join(stateDir, 'registry'),
    // Or each request is recorded on disk for wrangler's own explorer.
    X_LOCAL_OBSERVABILITY: 'false',
    // Inside this process; the commands below say what they have to say.
    WRANGLER_LOG: 'error',
  })
}

/**
 * Runs one wrangler command to its end.
 * @returns what it printed on stdout
 * @throws Error with everything it printed
 */
export async function runWrangler(args: readonly string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, ['--no-warnings', WRANGLER_MAIN, ...args], {
    cwd: PROJECT_DIR,
    env: { ...process.env, WRANGLER_LOG: 'log' },
    maxBuffer: 64 * 1024 * 1024,
  })
  // Nothing to read from makes wrangler take the default answer instead of asking.
  run.child.stdin?.end()
  const end = () => run.child.kill()
  process.on('exit', end)
  try {
    return (await run).stdout
  } catch (error) {
    const output = error as { stdout?: string; stderr?: string }
    throw new Error(
      `wrangler ${args.slice(0, 3).join(' ')} failed.\n${output.stdout ?? ''}${output.stderr ?? ''}`,
    )
  } finally {
    process.off('exit', end)
  }
}

/**
 * Runs one wrangler command in this terminal, where it may ask and its output is seen.
 * @returns its exit code
 */
export async function showWrangler(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--no-warnings', WRANGLER_MAIN, ...args], {
    cwd: PROJECT_DIR,
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}
