/** Fills a state folder before a service is started on it. */
import { type LocalBindings, withLocalBindings } from './bindings.ts'
import { loadSecrets } from './secrets.ts'
import { quietWrangler } from './wrangler.ts'

/** Runs the work with the folder's bindings. The secrets that it makes are also those of this process. */
export async function seedState<T>(
  stateDir: string,
  work: (bindings: LocalBindings) => Promise<T>,
): Promise<T> {
  quietWrangler(stateDir)
  Object.assign(process.env, await loadSecrets(stateDir, process.env))
  return withLocalBindings(stateDir, work)
}
